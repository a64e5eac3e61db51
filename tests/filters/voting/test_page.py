"""The page on voting runs."""

import re
from pathlib import Path


def test_the_page_runs() -> None:
    page = Path(__file__).parents[3] / "docs/consensus.md"
    blocks = re.findall(r"```python\n(.*?)```", page.read_text("utf-8"), re.DOTALL)
    assert len(blocks) >= 3
    names: dict[str, object] = {}
    for block in blocks:
        exec(compile(block, str(page), "exec"), names)
