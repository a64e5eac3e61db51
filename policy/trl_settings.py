"""What the TRL trainer is told: the built-in trainer's settings and some of its own."""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from policy.training import TrainingSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class TrlSettings(TrainingSettings):
    """How to train: all weights or an adapter, in how many processes, on solutions or on pairs of them.

    A batch of `tokens_per_batch` tokens is shared out among the processes.
    """

    method: Literal["full", "lora"] = "full"
    lora_rank: int = 16
    processes: int = 1
    objective: Literal["sft", "dpo"] = "sft"
    dpo_beta: float = 0.1  # how strongly the policy is held to what it was
    dpo_nll: float = 1.0  # weight of the likelihood of the preferred solution, which DPO alone lets fall


@dataclass(frozen=True, slots=True)
class Job:
    """One fine-tune as the processes that make it read it; `dtype` is what they compute in."""

    rows: Path
    incumbent: Path
    out: Path
    resume: Path
    dtype: Literal["float32", "bfloat16"]
    save_every_s: float
    settings: TrlSettings


def write_job(job: Job, file: Path) -> None:
    unfinished = file.with_suffix(".unfinished")
    unfinished.write_text(json.dumps(asdict(job), default=str))
    unfinished.rename(file)


def read_job(file: Path) -> Job:
    """The job that `write_job` left."""
    said: dict[str, Any] = json.loads(file.read_text())
    paths: dict[str, Any] = {name: Path(said.pop(name)) for name in ("rows", "incumbent", "out", "resume")}
    return Job(settings=TrlSettings(**said.pop("settings")), **paths, **said)
