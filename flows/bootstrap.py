"""Rebuild the shipped base from nothing: worked solutions in, `policy/tiny` out.

The one place that reads reference solutions. Levels thin out geometrically, so that the
base's pass rates slope down over the levels instead of falling off a cliff: the slope
is the frontier that self-play then moves.
"""

import shutil
from collections.abc import Callable
from itertools import count
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from rich.console import Console

from curriculum.records import hashed_seed
from flows.card import measure, model_card
from flows.progress import Bars, live, stage
from generators import FAMILIES
from policy import checkpoint, tiny_model
from policy.finetune import finetune
from policy.training import Step, TrainingSettings

WORK = Path("runs/bootstrap")
ROWS = 700_000
THINNING = 0.7  # each level has this share of the rows of the level below
SEED = 20261120
# Stopped while the learning rate is still at a fifth of its peak. Annealed to the end, the base is so sure of
# itself that its own right answers teach it nothing (docs/decisions/2026-11-20-a-base-that-can-learn.md).
SETTINGS = TrainingSettings(
    steps=1438,
    horizon=2000,
    learning_rate=3e-3,
    tokens_per_batch=8192,
    warmup=0.02,
    floor=0.02,
    seed=SEED,
    optimizer="muon",
)


@flow(name="bootstrap", validate_parameters=False)
def bootstrap(
    folder: Path, work: Path = WORK, rows: int = ROWS, settings: TrainingSettings = SETTINGS
) -> None:
    """Write worked solutions, train on them from random weights, measure, and put the checkpoint in `folder`.

    Everything unfinished lies in `work`; after a kill the same call goes on from there.
    """
    work.mkdir(parents=True, exist_ok=True)
    with live(Console()) as progress:
        examples = write_examples(work / "rows.parquet", rows)
        trained = train_base(examples, work, settings, progress)
        ship(trained, folder, settings, progress)
    shutil.rmtree(work)  # or the next rebuild would find its work done


@task(cache_policy=NO_CACHE)
def write_examples(file: Path, rows: int) -> Path:
    if not file.exists():
        write_reference_rows(file, rows)
    return file


@task(cache_policy=NO_CACHE)
def train_base(examples: Path, work: Path, settings: TrainingSettings, progress: Bars) -> Path:
    start, trained = work / "random", work / "trained"
    if not start.exists():
        checkpoint.save(tiny_model.random_model(SEED), tiny_model.character_tokenizer(), start)
    with stage(progress, "bootstrap: train", settings.steps, "steps") as meter:
        on_step: Callable[[Step], None] = lambda step: meter.advance(1, step.tokens)  # noqa: E731
        finetune(examples, start, trained, settings, on_step)
    return trained


@task(cache_policy=NO_CACHE)
def ship(trained: Path, folder: Path, settings: TrainingSettings, progress: Bars) -> None:
    """Half the bytes in bfloat16, measured as shipped, with the card that says so."""
    model, tokenizer = checkpoint.load(trained)
    shipped = folder.with_name(f"{folder.name}.new")  # beside its place: a rename does not cross file systems
    checkpoint.save(model, tokenizer, shipped, torch.bfloat16)
    rates = measure(shipped, progress)
    (shipped / "README.md").write_text(model_card(shipped, rates, settings), encoding="utf-8")
    checkpoint.replace(shipped, folder)


def write_reference_rows(file: Path, rows: int, seed: int = SEED) -> None:
    """A Parquet file of `rows` training examples from all families; held-out questions are left out."""
    rng = Random(seed)
    families = list(FAMILIES.values())
    examples: list[tuple[str, str, float]] = []
    for i in count():
        if len(examples) == rows:
            break
        family = families[i % len(families)]
        levels = range(1, family.top_level + 1)
        level = rng.choices(levels, [THINNING**level for level in levels])[0]
        problem = family.generate(level, hashed_seed("bootstrap", seed, i))
        if problem.split == "train":
            examples.append((problem.question, family.reference(problem), 1.0))
    columns = zip(*examples, strict=True)
    table = pa.table(dict(zip(("prompt", "completion", "weight"), map(list, columns), strict=True)))
    unfinished = file.with_suffix(".unfinished")
    pq.write_table(table, unfinished, compression="zstd")
    unfinished.rename(file)
