"""Beliefs about pass rates: hand-computed counts, fading, and draws from the right Beta."""

from random import Random
from statistics import fmean, pvariance

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.standings import Cell, Standing, standings

EASY, HARD = Cell("gcd", 1), Cell("gcd", 12)


def test_evidence_is_halved_before_a_rounds_own_is_added() -> None:
    after_one = Standing().after(6, 8)
    assert after_one == Standing(6, 8)
    assert after_one.after(1, 4) == Standing(4, 8)
    assert after_one.after(0, 0) == Standing(3, 4)  # a cell not practised is known less well


def test_the_mean_starts_at_a_half() -> None:
    assert Standing().mean == 0.5
    assert Standing(6, 8).mean == 0.7
    assert Standing(0, 8).mean == 0.1


def test_standings_go_through_the_rounds_oldest_first() -> None:
    rounds = [{EASY: (8, 8), HARD: (0, 8)}, {EASY: (2, 4)}, {HARD: (4, 8), Cell("gcd", 3): (1, 1)}]
    assert standings([EASY, HARD], rounds) == {EASY: Standing(3, 4), HARD: Standing(4, 10)}
    assert standings([EASY], []) == {EASY: Standing()}


@pytest.mark.parametrize(("right", "judged"), [(-1, 3), (4, 3), (0, -1)])
def test_counts_that_cannot_be_are_refused(right: int, judged: int) -> None:
    with pytest.raises(ValueError, match=f"right must lie between 0 and judged, not {right} of {judged}"):
        Standing().after(right, judged)


@given(st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)), max_size=8))
def test_evidence_never_exceeds_twice_the_largest_round(rounds: list[tuple[int, int]]) -> None:
    standing = Standing()
    for right, wrong in rounds:
        standing = standing.after(right, right + wrong)
    assert 0 <= standing.right <= standing.judged <= 2 * max((r + w for r, w in rounds), default=0)


def test_draws_come_from_the_beta_distribution() -> None:
    rng = Random(0)
    drawn = [Standing(2, 4).draw(rng) for _ in range(20_000)]  # Beta(3, 3): mean 1/2, variance 1/28
    assert abs(fmean(drawn) - 1 / 2) < 4 * (1 / 28 / 20_000) ** 0.5
    assert abs(pvariance(drawn) - 1 / 28) < 0.002
    assert all(0 < rate < 1 for rate in drawn)
