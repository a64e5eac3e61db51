"""Promotion: p-values and intervals by hand or from the literature, mastery, and each reason to refuse."""

from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.promotion import Paired, decide, mastered, mcnemar, wilson
from curriculum.standings import Cell

CELL, OTHER = Cell("gcd", 1), Cell("gcd", 2)


def pairs(kept: int, gained: int, lost: int, neither: int = 0, cell: Cell = CELL) -> list[Paired]:
    return [
        *[Paired(cell, True, True)] * kept,
        *[Paired(cell, False, True)] * gained,
        *[Paired(cell, True, False)] * lost,
        *[Paired(cell, False, False)] * neither,
    ]


@pytest.mark.parametrize(
    ("gained", "lost", "p_value"),
    [
        (10, 0, 2 / 1024),
        (0, 10, 2 / 1024),
        (8, 2, 2 * (1 + 10 + 45) / 1024),
        (6, 1, 2 * (1 + 7) / 128),
        (5, 5, 1.0),
        (1, 0, 1.0),
        (0, 0, 1.0),
    ],
)
def test_mcnemar_by_hand(gained: int, lost: int, p_value: float) -> None:
    assert mcnemar(gained, lost) == p_value


@given(st.integers(0, 300), st.integers(0, 300))
def test_mcnemar_is_symmetric_and_a_probability(gained: int, lost: int) -> None:
    assert 0 < mcnemar(gained, lost) == mcnemar(lost, gained) <= 1


def test_mcnemar_of_many_pairs_does_not_overflow() -> None:
    assert mcnemar(1000, 900) == pytest.approx(0.0231, abs=1e-4)
    assert mcnemar(30_000, 20_000) < 1e-300


@pytest.mark.parametrize(
    ("right", "judged", "low", "high"),
    [(81, 263, 0.2553, 0.3662), (15, 148, 0.0624, 0.1605), (0, 20, 0.0000, 0.1611), (1, 29, 0.0061, 0.1718)],
)
def test_wilsons_interval_as_published(right: int, judged: int, low: float, high: float) -> None:
    """Newcombe (1998), Statistics in Medicine 17: 857-872, table I, method 3."""
    assert wilson(right, judged) == pytest.approx((low, high), abs=5e-5)


@given(st.integers(0, 200), st.integers(1, 200))
def test_wilsons_interval_holds_the_rate_and_is_symmetric(right: int, wrong: int) -> None:
    low, high = wilson(right, right + wrong)
    assert 0 <= low <= right / (right + wrong) <= high <= 1
    assert wilson(wrong, right + wrong) == pytest.approx((1 - high, 1 - low))


def test_a_cell_that_any_promoted_policy_mastered_stays_mastered() -> None:
    promoted = [
        {CELL: (18, 20), OTHER: (0, 0)},
        {CELL: (19, 20), OTHER: (20, 20)},
        {CELL: (20, 20), OTHER: (10, 20)},
    ]
    assert mastered(promoted) == {CELL, OTHER}
    assert mastered(promoted[:1]) == set()


def test_a_better_candidate_is_promoted() -> None:
    decision = decide(pairs(kept=30, gained=10, lost=0, neither=9), set())
    assert (decision.promoted, decision.p_value) == (True, 2 / 1024)
    assert (decision.gained, decision.lost) == (10, 0)
    assert decision.reason == "better on the held-out problems, nothing forgotten"


@pytest.mark.parametrize(("gained", "lost"), [(0, 0), (3, 3), (0, 20)])
def test_no_gain_is_refused(gained: int, lost: int) -> None:
    decision = decide(pairs(30, gained, lost), set())
    assert (decision.promoted, decision.reason) == (False, "no gain on the held-out problems")
    assert (decision.gained, decision.lost) == (gained, lost)


@pytest.mark.parametrize(("gained", "promoted"), [(5, False), (6, True)])
def test_a_gain_that_chance_explains_is_refused(gained: int, promoted: bool) -> None:
    """5 to 0 has p = 1/16, 6 to 0 has p = 1/32."""
    decision = decide(pairs(0, gained, 0), set())
    assert decision.promoted is promoted
    assert decision.p_value == 2 / 2**gained
    if not promoted:
        assert decision.reason == "a gain that chance explains (p >= 0.05)"


def test_a_forgotten_cell_is_refused_whatever_was_gained() -> None:
    outcome = pairs(20, 0, 0) + pairs(15, 0, 5, cell=OTHER) + pairs(0, 40, 0, cell=Cell("gcd", 9))
    decision = decide(outcome, {CELL, OTHER, Cell("gcd", 3)})
    assert not decision.promoted
    assert decision.reason == "mastered before, and now clearly under 95%: gcd 2 at 15/20"
    assert (decision.gained, decision.lost) == (40, 5)
    assert decision.p_value == pytest.approx(2 * sum(comb(45, i) for i in range(6)) / 2**45)


@pytest.mark.parametrize(
    ("right", "judged", "kept"), [(21, 24, True), (20, 24, False), (58, 64, True), (57, 64, False)]
)
def test_a_cell_is_forgotten_when_its_interval_lies_under_mastery(
    right: int, judged: int, kept: bool
) -> None:
    gains = pairs(0, 200, 0, cell=OTHER)
    assert decide(pairs(right, 0, judged - right) + gains, {CELL}).promoted is kept


def test_nothing_to_compare_is_no_gain() -> None:
    decision = decide([], {CELL})
    assert (decision.promoted, decision.p_value, decision.gained, decision.lost) == (False, 1.0, 0, 0)
