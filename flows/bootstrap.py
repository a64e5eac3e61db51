"""Rebuild the shipped base from nothing: worked solutions in, `policy/tiny` out.

The one place that reads reference solutions. Levels thin out geometrically, so that the
base's pass rates slope down over the levels instead of falling off a cliff: the slope
is the frontier that self-play then moves.
"""

from itertools import count
from pathlib import Path
from random import Random

import pyarrow as pa
import pyarrow.parquet as pq

from curriculum.records import hashed_seed
from generators import FAMILIES
from policy.training import TrainingSettings

ROWS = 700_000
THINNING = 0.7  # each level has this share of the rows of the level below
SEED = 20261120
SETTINGS = TrainingSettings(
    steps=2000, learning_rate=3e-3, tokens_per_batch=8192, warmup=0.02, floor=0.02, seed=SEED, optimizer="muon"
)


def write_reference_rows(file: Path, rows: int = ROWS, seed: int = SEED) -> None:
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
