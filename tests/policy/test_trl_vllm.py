"""Fine-tune the shipped base by LoRA and by FSDP, then sample from both with vLLM, itself on a CPU."""

import json
import os
import subprocess
import sys
import textwrap
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from generators import FAMILIES
from policy import checkpoint
from policy.engine import Sampling, requests_for
from policy.prompts import prompt_tokens
from policy.transformers_engine import TransformersEngine
from policy.trl_finetune import finetune
from policy.trl_settings import TrlSettings

pytest.importorskip("trl", reason="the extra `train` is not installed")
pytest.importorskip("vllm", reason="the extra `vllm` is not installed")

TINY = Path(checkpoint.__file__).parent / "tiny"
PRACTICE = [FAMILIES[name].generate(4, seed) for name in ("chain_sums", "gcd") for seed in range(48)]
ASKED = [FAMILIES[name].generate(4, seed) for name in ("chain_sums", "gcd") for seed in range(100, 112)]
NEW_TOKENS = 160
QUIET = {
    "OMP_NUM_THREADS": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",
    "VLLM_LOGGING_LEVEL": "ERROR",
}
SAMPLE = """
    import json, sys
    from vllm import LLM, SamplingParams
    from vllm.lora.request import LoRARequest

    folder, base, asked, tokens = sys.argv[1:]
    adapter = LoRARequest("round", 1, folder) if base else None
    llm = LLM(model=base or folder, tokenizer=folder, dtype="float32", enforce_eager=True, enable_lora=bool(base),
              max_lora_rank=16, seed=0)
    sampling = SamplingParams(temperature=0, max_tokens=int(tokens))
    prompts = [{"prompt_token_ids": ids} for ids in json.loads(asked)]
    print("TEXTS" + json.dumps([o.outputs[0].text for o in llm.generate(prompts, sampling, lora_request=adapter)]))
"""


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    columns = {
        "prompt": [problem.question for problem in PRACTICE],
        "completion": [FAMILIES[problem.family].reference(problem) for problem in PRACTICE],
        "weight": [1.0] * len(PRACTICE),
    }
    pq.write_table(pa.table(columns), tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


def by_vllm(folder: Path) -> list[str]:
    prompts = prompt_tokens(checkpoint.load_tokenizer(folder), [problem.question for problem in ASKED])
    base = checkpoint.base_folder(folder)
    arguments = [str(folder), str(base or ""), json.dumps(prompts), str(NEW_TOKENS)]
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(SAMPLE), *arguments],
        env=os.environ | QUIET,
        capture_output=True,
        text=True,
        check=False,
    )
    said = [line for line in ended.stdout.splitlines() if line.startswith("TEXTS")]
    assert said, ended.stderr
    return list(json.loads(said[0].removeprefix("TEXTS")))


def by_transformers(folder: Path) -> list[str]:
    sampling = Sampling(temperature=0.0, max_new_tokens=NEW_TOKENS)
    drawn = TransformersEngine("r1-0", folder).generate(requests_for(ASKED, 1), sampling)
    texts = {sample.problem_key: sample.text for sample in drawn}
    return [texts[problem.key] for problem in ASKED]


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
