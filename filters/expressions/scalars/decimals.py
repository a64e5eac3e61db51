"""Decimals that may be rounded: those of at least six significant digits, four of them after the point.

Beside a number that a decimal can be exactly (another decimal, or 3/8) it takes eight: 4.42920 is not 4.429201.
"""

from fractions import Fraction

from filters.expressions import numeric
from filters.expressions.syntax import Expression, Number, Operation, symbols

SIGNIFICANT_DIGITS = 6
BESIDE_A_DECIMAL = 8
DECIMALS = 4


def is_rounded(gold: Expression, value: Expression, a: Fraction, b: Fraction) -> bool:
    """Whether one of two rational numbers, `a` and `b` as they are written, is the other rounded."""
    digits = BESIDE_A_DECIMAL if _terminates(a) and _terminates(b) else SIGNIFICANT_DIGITS
    decimals = _coarsest(gold, value, digits)
    return decimals is not None and 2 * abs(a - b) <= Fraction(1, 10**decimals)


def rounds_to(gold: Expression, value: Expression) -> bool:
    """Whether one side is a fine decimal and the other, which no fraction equals, rounds to it."""
    decimals = _coarsest(gold, value)
    if decimals is None or symbols(gold) or symbols(value):
        return False
    a, b = numeric.real_value(gold, {}), numeric.real_value(value, {})
    return a is not None and b is not None and bool(2 * abs(a - b) <= numeric.context().mpf(10) ** -decimals)


def _terminates(number: Fraction) -> bool:
    """Whether the number is a decimal: its denominator has no prime factors but 2 and 5."""
    rest = number.denominator
    for prime in (2, 5):
        while rest % prime == 0:
            rest //= prime
    return rest == 1


def _coarsest(gold: Expression, value: Expression, digits: int = SIGNIFICANT_DIGITS) -> int | None:
    """The fewest decimals of the sides that are fine decimals, else None."""
    found = [decimals for side in (gold, value) if (decimals := _fine_decimals(side, digits)) is not None]
    return min(found, default=None)


def _fine_decimals(expression: Expression, least: int) -> int | None:
    """The digits after the point of a decimal that may be rounded, else None."""
    if isinstance(expression, Operation) and expression.name == "neg":
        return _fine_decimals(expression.operands[0], least)
    if not isinstance(expression, Number) or expression.decimals is None or expression.decimals < DECIMALS:
        return None
    digits = abs(expression.value) * 10**expression.decimals
    return expression.decimals if digits >= 10 ** (least - 1) else None
