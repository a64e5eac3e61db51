"""What counts as an exact value correctly rounded."""

from fractions import Fraction

import pytest

from filters.chains.rounding import is_rounded


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        ("6.67", Fraction(20, 3)),
        ("6.7", Fraction(20, 3)),
        ("$6.67", Fraction(20, 3)),
        ("-6.67", Fraction(-20, 3)),
        ("0.13", Fraction(1, 8)),
        ("0.12", Fraction(1, 8)),
        (".33", Fraction(1, 3)),
        ("66.67%", Fraction(2, 3)),
        ("67%", Fraction(2, 3)),
        ("1,234.57", Fraction("1234.567")),
        ("14.999999999999998", 15),
        ("3.3333333333333335", Fraction(10, 3)),
        ("-0.48000000000000004", Fraction("-0.48")),
    ],
)
def test_is_rounded(written: str, exact: Fraction) -> None:
    assert is_rounded(written, exact)


@pytest.mark.parametrize(
    ("written", "exact"),
    [
        ("7", Fraction(20, 3)),
        ("6.66", Fraction(20, 3)),
        ("6.68", Fraction(20, 3)),
        ("-6.67", Fraction(20, 3)),
        ("6.67", Fraction(-20, 3)),
        ("0.14", Fraction(1, 8)),
        ("0.11", Fraction(1, 8)),
        ("0.6667%", Fraction(2, 3)),
        ("999999999999991", 999999999999990),
        ("1.00000001", 1),
        ("2*3", Fraction(6)),
        (".", 0),
        ("", 0),
    ],
)
def test_is_not_rounded(written: str, exact: Fraction) -> None:
    assert not is_rounded(written, exact)
