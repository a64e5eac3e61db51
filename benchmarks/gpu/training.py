"""Tokens a second of the trainers, and the share of the matrix products' speed that they reach (6 N a token)."""

import tempfile
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import torch

from benchmarks.gpu.limits import Limits
from generators import FAMILIES
from policy.finetune import finetune
from policy.training import Step, TrainingSettings

ROWS = 512


def lines(folder: Path, parameters: int, limits: Limits, small: bool) -> Iterator[str]:
    steps, budget = (3, 512) if small else (20, 16_384)
    with tempfile.TemporaryDirectory() as place:
        rows = _rows(Path(place) / "rows.parquet")
        settings = TrainingSettings(steps, 1e-5, budget)
        if torch.cuda.is_available():
            torch.cuda.reset_peak_memory_stats()
        curve = finetune(rows, folder, Path(place) / "builtin", settings)
        memory = f", {torch.cuda.max_memory_allocated() / 2**30:.1f} GiB" if torch.cuda.is_available() else ""
        yield _told("built-in trainer", curve, parameters, limits) + memory
        if find_spec("trl") is None:
            yield "TRL is not installed here: not measured"
            return
        from policy import trl_finetune
        from policy.trl_settings import TrlSettings

        for method in ("lora",) if small else ("full", "lora"):
            started = time.perf_counter()
            asked = TrlSettings(steps, 1e-5, budget, method=method)
            curve = trl_finetune.finetune(rows, folder, Path(place) / method, asked)
            whole = time.perf_counter() - started
            yield f"{_told(f'TRL, {method}', curve, parameters, limits)}; {whole:.0f} s with its start"


def _rows(file: Path) -> Path:
    family = FAMILIES["multiplication"]
    problems = [family.generate(1 + seed % 10, seed) for seed in range(ROWS)]
    columns = {
        "prompt": [problem.question for problem in problems],
        "completion": [family.reference(problem) for problem in problems],
        "weight": [1.0] * ROWS,
        "sample_key": [problem.key for problem in problems],
    }
    pq.write_table(pa.table(columns), file)
    return file


def _told(what: str, curve: list[Step], parameters: int, limits: Limits) -> str:
    """By the steps after the first two, which warm up. Completion tokens: prompts and padding come on top."""
    later = curve[2:]
    rate = sum(step.tokens for step in later) / sum(step.seconds for step in later)
    share = 6 * parameters * rate / limits.flops_per_s
    return f"{what:<20} {rate:10,.0f} tokens/s  {share:6.1%} of the products"
