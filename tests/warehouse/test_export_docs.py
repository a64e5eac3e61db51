"""The Python on the page about exports runs, on a real export."""

import importlib.util
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.warehouse.small_home import outcome, problem, sample, selection
from warehouse.export import export
from warehouse.store import Warehouse

REPOSITORY = Path(__file__).parents[2]
BLOCKS = re.findall(r"```python\n(.*?)```", (REPOSITORY / "docs" / "export.md").read_text(), re.DOTALL)


@pytest.mark.parametrize("block", BLOCKS, ids=["load", "train"])
def test_the_page_can_be_followed(block: str, tmp_path: Path) -> None:
    if "trl" in block and importlib.util.find_spec("trl") is None:
        pytest.skip("TRL is not installed")
    drawn = [
        sample(f"{word}{n}", f"p{n}", text=f"1+1={said}\nA: {said}")
        for n in range(4)
        for word, said in ANSWERS
    ]
    right = [row["key"].startswith("r") for row in drawn]
    tables = {
        "problems": [problem(f"p{n}", question=f"What is {n} + 1?") for n in range(4)],
        "samples": drawn,
        "outcome_revisions": [
            outcome(row, "train", "right" if is_right else "wrong")
            for row, is_right in zip(drawn, right, strict=True)
        ],
        "selections": [
            selection(row["key"], row["problem_key"], "admitted" if is_right else "wrong", weight=1.0)
            for row, is_right in zip(drawn, right, strict=True)
        ],
        "verdicts": [
            {
                "sample_key": row["key"],
                "judge": "integer/1",
                "outcome": "right",
                "reason": "equal",
                "extracted": "2",
            }
            | {"found_in": "answer_line"}
            for row in drawn
        ],
    }
    with Warehouse(tmp_path / "home") as store:
        store.commit("all", tables)
    export(tmp_path / "home", tmp_path / "datasets" / "mine")
    (tmp_path / "policy").symlink_to(REPOSITORY / "policy")
    script = block.replace("max_steps=200", "max_steps=1, report_to='none', use_cpu=True, bf16=False")
    environment = os.environ | {"HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=600)
    assert done.returncode == 0, done.stderr


ANSWERS = [("right", 2), ("wrong", 3)]
