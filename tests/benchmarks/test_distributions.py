"""The chi-square test of two samples, against values known from tables and by hand."""

from collections import Counter

import pytest

from benchmarks.distributions import homogeneity


def test_a_table_worked_out_by_hand() -> None:
    """20:30 against 30:20 of fifty each: expected 25 everywhere, chi-square 4, one degree of freedom."""
    chi, freedom, p_value = homogeneity(Counter(a=20, b=30), Counter(a=30, b=20))
    assert (chi, freedom) == (pytest.approx(4.0), 1)
    assert p_value == pytest.approx(0.0455, abs=1e-4)


def test_equal_counts_are_no_evidence_and_disjoint_ones_all_of_it() -> None:
    assert homogeneity(Counter(a=50, b=50), Counter(a=50, b=50))[2] == pytest.approx(1.0)
    assert homogeneity(Counter(a=500), Counter(b=500))[2] < 1e-100


def test_rare_classes_are_one() -> None:
    one = Counter(a=500, **{f"x{i}": 1 for i in range(20)})
    other = Counter(a=500, **{f"y{i}": 1 for i in range(20)})
    chi, freedom, _ = homogeneity(one, other)
    assert (chi, freedom) == (0.0, 1)


def test_sizes_may_differ() -> None:
    assert homogeneity(Counter(a=300, b=700), Counter(a=30, b=70))[0] == pytest.approx(0.0)
