"""What vLLM says where it finds too little memory, and that it is known for that."""

from importlib.util import find_spec
from pathlib import Path

import pytest

from policy.memory import ELSEWHERE, SHORT, is_short, vllm_is_short


@pytest.mark.skipif(find_spec("vllm") is None, reason="vLLM is not installed: make engines")
def test_the_installed_vllm_says_so() -> None:
    spec = find_spec("vllm")
    assert spec
    assert spec.origin
    engine = Path(spec.origin).parent / "v1"
    files = [
        *engine.glob("worker/*.py"),
        engine / "core" / "kv_cache_utils.py",
        engine / "engine" / "utils.py",
    ]
    source = "".join(file.read_text() for file in files)
    for words in (*SHORT, ELSEWHERE):
        assert words in source


def test_it_is_known_from_other_errors_and_told_with_the_keys() -> None:
    said = f"{SHORT[0]} cuda:0 (3/80 GiB) is less than desired"
    assert is_short(ValueError(said))
    assert not is_short(ValueError("no such architecture"))
    told = str(vllm_is_short(f"{said}\nmore", 0.9, None))
    assert "vllm.memory_share, which is 0.9, lower vllm.context, which is that of the checkpoint" in told
    assert told.endswith(said)
