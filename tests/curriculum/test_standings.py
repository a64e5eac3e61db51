"""Beliefs about pass rates: hand-computed counts, fading, and draws from the right Beta."""

from random import Random
from statistics import fmean, pvariance

import pytest
from hypothesis import given
from hypothesis import strategies as st
from mpmath import mp

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


@given(st.floats(0, 300), st.floats(0, 300))
def test_the_interval_leaves_a_fortieth_on_either_side(right: float, wrong: float) -> None:
    low, high = Standing(right, right + wrong).interval()
    assert 0 < low < high < 1
    with mp.workprec(200):
        for rate, share in ((low, 0.025), (high, 0.975)):
            below = mp.betainc(1 + right, 1 + wrong, 0, rate, regularized=True)
            assert float(below) == pytest.approx(share, abs=1e-6)


def test_intervals_known_in_closed_form_and_of_large_counts() -> None:
    assert Standing().interval() == pytest.approx((0.025, 0.975))  # anything is possible
    assert Standing(0, 8).interval() == pytest.approx((1 - 0.975 ** (1 / 9), 1 - 0.025 ** (1 / 9)))
    assert Standing(8, 8).interval() == pytest.approx((0.025 ** (1 / 9), 0.975 ** (1 / 9)))
    normal = 1.959964 * (0.3 * 0.7 / 1e6) ** 0.5
    assert Standing(3e5, 1e6).interval() == pytest.approx((0.3 - normal, 0.3 + normal), abs=1e-6)
