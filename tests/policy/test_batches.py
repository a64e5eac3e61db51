"""Batches: every row once an epoch, within the budget, and weights on the completion alone."""

from collections import Counter
from itertools import islice

import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from policy import batches
from policy.batches import Batch, TokenRow, collate, epochs

PAD = 0
lengths = st.lists(st.tuples(st.integers(1, 9), st.integers(1, 20)), min_size=1, max_size=40)


def numbered(shapes: list[tuple[int, int]]) -> list[TokenRow]:
    """Rows whose tokens all are their number, from 1, so that a batch shows which rows it holds."""
    return [TokenRow([i] * p, [i] * c, 1.0) for i, (p, c) in enumerate(shapes, start=1)]


def one_epoch(rows: list[TokenRow], budget: int, seed: int) -> list[Batch]:
    found: list[Batch] = []
    for batch in epochs(rows, budget, PAD, seed):
        found.append(batch)
        if sum(len(b.tokens) for b in found) >= len(rows):
            break
    return found


@given(lengths, st.integers(1, 80), st.integers(0, 5))
def test_an_epoch_holds_every_row_once_within_the_budget(
    shapes: list[tuple[int, int]], budget: int, seed: int
) -> None:
    rows = numbered(shapes)
    epoch = one_epoch(rows, budget, seed)
    held = Counter(int(row[0]) for batch in epoch for row in batch.tokens)
    assert held == Counter(range(1, len(rows) + 1))
    for batch in epoch:
        assert batch.tokens.numel() <= budget or len(batch.tokens) == 1
        for tokens in batch.tokens:
            row = rows[int(tokens[0]) - 1]
            assert tokens.tolist() == row.prompt + row.completion + [PAD] * (len(tokens) - row.length)


def test_small_pools_cover_every_row_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(batches, "POOL", 7)
    rows = numbered([(2, i % 5 + 1) for i in range(30)])
    held = Counter(int(row[0]) for batch in one_epoch(rows, 16, 0) for row in batch.tokens)
    assert held == Counter(range(1, 31))


def test_the_seed_fixes_the_order_and_epochs_differ() -> None:
    rows = numbered([(2, i % 5 + 1) for i in range(30)])

    def order(seed: int, count: int = 40) -> list[list[int]]:
        return [batch.tokens[:, 0].tolist() for batch in islice(epochs(rows, 16, PAD, seed), count)]

    assert order(1) == order(1)
    assert order(1) != order(2)
    first, *later = order(1)
    assert first not in later[:5]


def test_rows_of_like_length_share_a_batch() -> None:
    rows = numbered([(1, 1 + i % 30) for i in range(300)])
    epoch = one_epoch(rows, 256, 0)
    useful = sum(row.length for row in rows) / sum(batch.tokens.numel() for batch in epoch)
    assert useful > 0.9  # in batches of arbitrary rows it would be a half


def test_weights_stand_where_completion_tokens_are_predicted() -> None:
    rows = [TokenRow([5, 6, 7], [8, 2], 0.5), TokenRow([5], [9, 9, 2], 2.0), TokenRow([5], [2], 0.0)]
    batch = collate(rows, PAD)
    assert batch.tokens.tolist() == [[5, 6, 7, 8, 2], [5, 9, 9, 2, PAD], [5, 2, PAD, PAD, PAD]]
    assert batch.weights.tolist() == [[0, 0, 0.5, 0.5], [2, 2, 2, 0], [0, 0, 0, 0]]
    assert batch.trained == 6


def test_what_a_prompt_says_does_not_move_the_weights() -> None:
    one, other = (collate([TokenRow(prompt, [3, 2], 1.0)], PAD) for prompt in ([5, 6], [7, 2]))
    assert torch.equal(one.weights, other.weights)
