"""The next token: frequencies against the softmax, the nucleus, and what rounding must not do."""

import numpy as np
import pytest
import torch

from policy.token_choice import choose

LOGITS = torch.tensor([1.5, -2.0, 0.0, 0.7, 0.7, -0.3, 2.0, -1.0])
ROWS = 20_000
CRITICAL = {3: 16.27, 7: 24.32}  # of chi-square at 0.001, by degrees of freedom
BELOW_ONE = float(np.nextafter(np.float32(1), np.float32(0)))


def uniforms(count: int = ROWS) -> torch.Tensor:
    return torch.from_numpy(np.random.default_rng(5).random(count, dtype=np.float32))


def counts(temperature: float, top_p: float) -> torch.Tensor:
    chosen = choose(LOGITS.expand(ROWS, -1), uniforms(), temperature, top_p)
    return torch.bincount(chosen, minlength=len(LOGITS)).double()


def chi_square(observed: torch.Tensor, probabilities: torch.Tensor) -> float:
    expected = ROWS * probabilities.double()
    return float(((observed - expected) ** 2 / expected).sum())


@pytest.mark.parametrize("temperature", [0.5, 1.0, 1.7])
def test_tokens_come_as_often_as_the_softmax_says(temperature: float) -> None:
    probabilities = torch.softmax(LOGITS / temperature, 0)
    assert chi_square(counts(temperature, 1.0), probabilities) < CRITICAL[7]
    if temperature != 1:  # the statistic can tell
        assert chi_square(counts(1.0, 1.0), probabilities) > CRITICAL[7]


def test_the_nucleus_is_the_smallest_set_that_reaches_top_p() -> None:
    probabilities = torch.softmax(LOGITS, 0)
    nucleus = torch.tensor([6, 0, 3, 4])  # masses 0.45, 0.27, 0.12, 0.12: together 0.83, three of them 0.75
    assert 0.75 < probabilities[nucleus].sum() < 0.9
    observed = counts(1.0, 0.8)
    assert observed[nucleus].sum() == ROWS
    renormalised = probabilities[nucleus] / probabilities[nucleus].sum()
    assert chi_square(observed[nucleus], renormalised) < CRITICAL[3]


def test_a_tiny_nucleus_and_temperature_zero_are_greedy() -> None:
    logits = torch.randn(50, 30, generator=torch.Generator().manual_seed(0))
    assert torch.equal(choose(logits, uniforms(50), 0.0, 1.0), logits.argmax(-1))
    assert torch.equal(choose(logits, uniforms(50), 1.0, 1e-6), logits.argmax(-1))


def test_each_row_has_its_own_uniform() -> None:
    def chosen(top_p: float) -> list[int]:
        return choose(LOGITS.expand(2, -1), torch.tensor([0.0, BELOW_ONE]), 1.0, top_p).tolist()

    assert chosen(1.0) == [0, 7]  # the first and the last
    assert chosen(0.9999) == [6, 1]  # the likeliest and the least likely


@pytest.mark.parametrize("top_p", [0.3, 0.9, 1.0])
def test_the_largest_uniform_stays_within_the_nucleus_and_off_impossible_tokens(top_p: float) -> None:
    logits = 3 * torch.randn(500, 4000, generator=torch.Generator().manual_seed(1))
    logits[:, 2000:] = -torch.inf
    chosen = choose(logits, torch.full((500,), BELOW_ONE), 1.0, top_p).unsqueeze(-1)
    probabilities = torch.softmax(logits.double(), -1)
    likelier = torch.where(probabilities > probabilities.gather(-1, chosen), probabilities, 0).sum(-1)
    assert float(probabilities.gather(-1, chosen).min()) > 0
    assert float((likelier - top_p).max()) < 1e-6
