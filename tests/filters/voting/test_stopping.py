"""When samples agree enough to stop."""

import math
from fractions import Fraction

import mpmath
import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.voting import decided, stop_sampling

classes = st.lists(st.one_of(st.none(), st.sampled_from("abcd")), max_size=40)


@given(st.integers(0, 60), st.integers(0, 60))
def test_decided_is_the_exact_tail_of_a_beta(first: int, second: int) -> None:
    with mpmath.workdps(50):
        above_half = mpmath.betainc(first + 1, second + 1, mpmath.mpf(1) / 2, 1, regularized=True)
        assert decided([first, second]) == (
            first != second and mpmath.mpf(max(above_half, 1 - above_half)) >= mpmath.mpf(19) / 20
        )


@given(st.integers(0, 12), st.integers(0, 12))
def test_decided_agrees_with_counting_tosses(first: int, second: int) -> None:
    tosses = max(first, second) + min(first, second) + 1
    fewer = sum(math.comb(tosses, heads) for heads in range(max(first, second) + 1))
    assert decided([second, first]) == (Fraction(fewer, 2**tosses) >= Fraction(19, 20))


@given(st.lists(st.integers(0, 60), min_size=2, max_size=6))
def test_a_greater_lead_stays_decided(counts: list[int]) -> None:
    first, *others = sorted(counts, reverse=True)
    if decided(counts):
        assert decided([first + 1, *others])
        assert decided([first, *(max(0, count - 1) for count in others)])
        assert decided([first, *others, 0])


def test_the_counts_of_the_paper() -> None:
    assert not decided([3])
    assert decided([4])  # 31/32
    assert not decided([4, 1])
    assert not decided([5, 1])  # 120/128
    assert decided([6, 1])  # 247/256
    assert not decided([])
    assert not decided([20, 20])


@pytest.mark.parametrize("counts", [[-1], [10_001, 3]])
def test_counts_are_bounded(counts: list[int]) -> None:
    with pytest.raises(ValueError, match="counts of votes"):
        decided(counts)


def test_sampling_stops_when_decided_or_at_the_most() -> None:
    assert not stop_sampling([])
    assert not stop_sampling(["a"] * 3)
    assert stop_sampling(["a"] * 4)
    assert not stop_sampling([None] * 39)
    assert stop_sampling([None] * 40)
    assert not stop_sampling(["a", "b"] * 19)
    assert not stop_sampling(["a"] * 4, fewest=5)
    assert stop_sampling(["a", "b"], most=2)


@given(classes)
def test_sampling_stops_whatever_the_order(names: list[str | None]) -> None:
    assert stop_sampling(names) == stop_sampling(names[::-1])
