"""Exact rational values, and what bounds them."""

from fractions import Fraction

import pytest

from filters.expressions.exact import rational
from filters.expressions.notation import read_answer
from filters.expressions.syntax import is_expression
from filters.grammar import TooLargeError


def value(text: str) -> Fraction | None:
    tree = read_answer(text)
    assert is_expression(tree)
    return rational(tree)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("0^0", 1),
        ("0^{1000000000}", 0),
        ("1^{-1000000000}", 1),
        ("(-1)^{1000000000}", 1),
        ("(-1)^{-1000000001}", -1),
        ("(-1)^0", 1),
        ("(-2)^{-3}", Fraction(-1, 8)),
        ("(2/3)^2", Fraction(4, 9)),
        ("5! + \\binom{5}{2}", 130),
        ("\\lfloor -2.5 \\rfloor", -3),
    ],
)
def test_powers_factorials_and_floors_are_exact(text: str, expected: Fraction | int) -> None:
    assert value(text) == expected


@pytest.mark.parametrize("text", ["4^{1/2}", "(-1)^{1/2}", "x^2", "\\sqrt{4}", "(1/2)!"])
def test_what_may_be_no_rational_number_is_left_to_others(text: str) -> None:
    assert value(text) is None


@pytest.mark.parametrize("text", ["1/0", "0^{-1}", "0^{-1000000000}"])
def test_what_has_no_value_raises(text: str) -> None:
    with pytest.raises(ZeroDivisionError):
        value(text)


@pytest.mark.parametrize("text", ["2^{1000000000}", "9^{9^9}", "3001!", "\\binom{5000}{2}"])
def test_what_is_too_large_raises(text: str) -> None:
    with pytest.raises(TooLargeError):
        value(text)
