"""`benchmarks/gpu.sh` rehearses all that it measures, with what is installed, and says what is not."""

import re
import subprocess
import sys
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch
import transformers

from benchmarks.gpu import models
from benchmarks.gpu.versions import line
from generators.drawing import draw
from policy.engine import Sampling, requests_for
from policy.transformers_engine import TransformersEngine

ROOT = Path(__file__).parents[2]
RATE = r" +([\d,]+) tokens/s"
SAMPLES = r" +([\d,]+) samples/s"
OUTSIDE = ("flows", "prefect", "vllm", "trl")
WITHOUT = f"""
import runpy, sys
sys.modules.update(dict.fromkeys({OUTSIDE}))  # none of them can be imported or found
sys.argv = ["gpu", "--small"]
runpy.run_module("benchmarks.gpu", run_name="__main__")
"""


def told(*command: str) -> str:
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=900, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    assert "failed" not in done.stdout, done.stdout + done.stderr[-3000:]
    return done.stdout


def figure(what: str, said: str) -> float:
    found = re.search(rf"^{what}", said, re.MULTILINE)
    assert found, said
    return float(found[1].replace(",", ""))


def test_each_section_of_the_rehearsal_has_its_figure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(Path(sys.executable).parent), prepend=":")
    said = told("bash", "benchmarks/gpu.sh", "--small")
    assert figure("limits: (.+) GB/s copied", said) > 0
    for what in ("model.generate", "transformers engine", "built-in trainer"):
        assert figure(what + RATE, said) > 0
    if find_spec("vllm") is None:
        assert "vLLM is not installed here" in said
        assert "no sample was judged and stored: not installed here: vllm" in said
    else:
        assert figure("vLLM engine" + RATE, said) > 0
        assert figure("the same weights loaded again: log-probabilities at most (.+) apart", said) < 0.1
        assert figure("LLM.generate, nothing kept" + SAMPLES, said) > 0
        assert figure("vLLM engine, judged and stored" + SAMPLES, said) > 0
    if find_spec("trl") is None:
        assert "TRL is not installed here" in said
    else:
        assert figure("TRL, lora" + RATE, said) > 0
    assert figure(r"evaluate +[\d.]+ +(\d+)$", said) > 0  # tokens
    assert figure(r"sample +[\d.]+ +(\d+)$", said) > 0
    assert 0 <= figure(r" +1 +sample +[\d.]+ +([\d.]+)$", said) <= 1  # in how much of it the engine waited


def test_without_prefect_and_engines_it_measures_the_rooms_below_the_flows() -> None:
    said = told(sys.executable, "-c", WITHOUT)
    for what in ("model.generate", "transformers engine", "built-in trainer"):
        assert figure(what + RATE, said) > 0
    assert "vLLM is not installed here" in said
    assert "no sample was judged and stored: not installed here: vllm, prefect" in said
    assert "Prefect is not installed here: no round was played" in said


def test_the_record_says_with_which_versions() -> None:
    said = line()
    assert f"torch {torch.__version__}, transformers {transformers.__version__}, " in said
    assert re.search(
        r", (vllm(-cpu)? [\d.]+|no vllm), (no CUDA|CUDA [\d.]+), (no NVIDIA driver|driver [\d.]+)$", said
    )


def test_the_model_writes_characters_alone_and_never_ends(tmp_path: Path) -> None:
    models.build(tmp_path / "model", small=True)
    engine = TransformersEngine("random", tmp_path / "model")
    requests = requests_for(draw("multiplication", 6, 8, 1, "train"), 2)
    samples = list(engine.generate(requests, Sampling(max_new_tokens=32)))
    assert {(sample.tokens, len(sample.text)) for sample in samples} == {(32, 32)}  # a token is a character
    assert len(set("".join(sample.text for sample in samples))) > 50
