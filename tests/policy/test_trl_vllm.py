"""Fine-tune the shipped base by LoRA and by FSDP, then sample from both with vLLM, itself on a CPU."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from generators import FAMILIES
from policy import checkpoint
from policy.engine import Engine, Sampling, requests_for
from policy.transformers_engine import TransformersEngine
from policy.trl_finetune import finetune
from policy.trl_settings import TrlSettings

pytest.importorskip("trl", reason="TRL is not installed: make engines")
pytest.importorskip("vllm", reason="vLLM is not installed: make engines")

from policy.vllm_engine import VllmEngine, VllmSettings

TINY = Path(checkpoint.__file__).parent / "tiny"
PRACTICE = [FAMILIES[name].generate(4, seed) for name in ("chain_sums", "gcd") for seed in range(48)]
ASKED = [FAMILIES[name].generate(4, seed) for name in ("chain_sums", "gcd") for seed in range(100, 112)]
NEW_TOKENS = 160


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    columns = {
        "prompt": [problem.question for problem in PRACTICE],
        "completion": [FAMILIES[problem.family].reference(problem) for problem in PRACTICE],
        "weight": [1.0] * len(PRACTICE),
    }
    pq.write_table(pa.table(columns), tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


def texts(engine: Engine) -> list[str]:
    sampling = Sampling(temperature=0.0, max_new_tokens=NEW_TOKENS)
    found = {sample.problem_key: sample.text for sample in engine.generate(requests_for(ASKED, 1), sampling)}
    return [found[problem.key] for problem in ASKED]


def by_vllm(folder: Path) -> list[str]:
    """As in a run: the engine draws from the base, then takes what was made of it."""
    engine = VllmEngine("base-0", TINY, VllmSettings(lora_rank=16), torch.float32)
    before = texts(engine)
    engine.load("r1-0", folder)
    after = texts(engine)
    assert after != before
    engine.close()
    return after


def by_transformers(folder: Path) -> list[str]:
    return texts(TransformersEngine("r1-0", folder))


@pytest.mark.parametrize("asked", [{"method": "lora"}, {"processes": 2}], ids=["lora", "fsdp"])
def test_vllm_samples_from_what_trl_made(
    rows: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, asked: dict[str, object]
) -> None:
    monkeypatch.setattr(checkpoint, "compute_dtype", lambda: torch.float32)
    settings = TrlSettings(steps=10, learning_rate=1e-3, tokens_per_batch=2048, seed=1, **asked)  # type: ignore[arg-type]
    curve = finetune(rows, TINY, tmp_path / "out", settings)
    assert len(curve) == 10
    ours = by_transformers(tmp_path / "out")
    theirs = by_vllm(tmp_path / "out")
    same = sum(one == other for one, other in zip(ours, theirs, strict=True))
    print(f"{same} of {len(ASKED)} greedy texts are equal")
    assert same >= 0.9 * len(ASKED)
    if "processes" in asked:  # all weights were moved, far enough to be seen
        assert ours != by_transformers(TINY)
