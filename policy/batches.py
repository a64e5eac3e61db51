"""Token rows into batches of like length: padding would else be most of what is computed."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from random import Random

import numpy as np
import torch

POOL = 8192  # rows sorted by length at a time: enough for tight buckets, few enough to stay shuffled


@dataclass(frozen=True, slots=True)
class TokenRow:
    """Prompt and completion as token ids, and how much the row counts in the loss."""

    prompt: list[int]
    completion: list[int]
    weight: float

    @property
    def length(self) -> int:
        return len(self.prompt) + len(self.completion)


@dataclass(frozen=True, slots=True)
class Batch:
    """`tokens` (rows, length) right-padded; `weights` (rows, length - 1) for predicting token i + 1 from i."""

    tokens: torch.Tensor
    weights: torch.Tensor
    trained: int  # completion tokens, padding aside


def epochs(rows: list[TokenRow], tokens_per_batch: int, pad: int, seed: int) -> Iterator[Batch]:
    """Batches without end, every row once an epoch, in an order fixed by the seed."""
    for group in groups([row.length for row in rows], tokens_per_batch, seed):
        yield collate([rows[i] for i in group], pad)


def groups(lengths: Sequence[int], tokens_per_batch: int, seed: int) -> Iterator[list[int]]:
    """Which rows make up each batch, without end: numbers of rows whose `lengths` in tokens are given."""
    rng = Random(seed)
    while True:
        order = rng.sample(range(len(lengths)), len(lengths))
        for start in range(0, len(order), POOL):
            pool = sorted(order[start : start + POOL], key=lengths.__getitem__)
            batches = list(_cut(pool, lengths, tokens_per_batch))
            rng.shuffle(batches)
            yield from batches


def _cut(pool: list[int], lengths: Sequence[int], tokens_per_batch: int) -> Iterator[list[int]]:
    """Cut rows sorted by length so that rows x longest stays within the budget."""
    group: list[int] = []
    for row in pool:
        if group and (len(group) + 1) * lengths[row] > tokens_per_batch:
            yield group
            group = []
        group.append(row)
    if group:
        yield group


def collate(rows: list[TokenRow], pad: int) -> Batch:
    """Right-padded, so that a causal model needs no attention mask; weight 0 on prompt and padding."""
    longest = max(row.length for row in rows)
    tokens = np.full((len(rows), longest), pad, dtype=np.int64)
    weights = np.zeros((len(rows), longest - 1), dtype=np.float32)
    for i, row in enumerate(rows):
        tokens[i, : row.length] = row.prompt + row.completion
        weights[i, len(row.prompt) - 1 : row.length - 1] = row.weight
    trained = sum(len(row.completion) for row in rows)
    return Batch(torch.from_numpy(tokens), torch.from_numpy(weights), trained)
