"""Rational numbers: exact values of expressions that need nothing else, and the bounds on all exact arithmetic."""

from collections.abc import Callable
from fractions import Fraction
from math import ceil, comb, factorial, floor

from filters.expressions.syntax import Expression, Number, Operation
from filters.grammar import TooLargeError

MAX_BITS = 1 << 17  # of a numerator or denominator
MAX_FACTORIAL = 3000


def rational(expression: Expression) -> Fraction | None:
    """The value where it is a rational number that needs no roots; None where it may be something else.

    Raises ZeroDivisionError where it has none, TooLargeError beyond the bounds.
    """
    if isinstance(expression, Number):
        return expression.value
    if not isinstance(expression, Operation) or expression.name not in _OPERATIONS:
        return None
    values = [rational(operand) for operand in expression.operands]
    if any(value is None for value in values):
        return None
    return _OPERATIONS[expression.name](*values)


def bounded(value: Fraction) -> Fraction:
    """The value itself; TooLargeError beyond MAX_BITS."""
    if value.numerator.bit_length() > MAX_BITS or value.denominator.bit_length() > MAX_BITS:
        raise TooLargeError(f"a number stays below {MAX_BITS} bits")
    return value


def _power(base: Fraction, exponent: Fraction) -> Fraction | None:
    """A whole power. Those of 0, 1 and -1 stay small however large the exponent is."""
    if exponent.denominator != 1:
        return None
    power = int(exponent)
    if base == 0 and power < 0:
        raise ZeroDivisionError("zero has no negative powers")
    if base == 0 and power > 0:
        return Fraction(0)
    if base == 1 or (base == -1 and power % 2 == 0):
        return Fraction(1)
    if base == -1:
        return Fraction(-1)
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if bits * abs(power) > MAX_BITS:
        raise TooLargeError(f"a power stays below {MAX_BITS} bits")
    return Fraction(base**power)


def _factorial(value: Fraction) -> Fraction | None:
    if value.denominator != 1 or value < 0:
        return None
    if value > MAX_FACTORIAL:
        raise TooLargeError(f"a factorial is of at most {MAX_FACTORIAL}")
    return Fraction(factorial(int(value)))


def _binomial(above: Fraction, below: Fraction) -> Fraction | None:
    if above.denominator != 1 or below.denominator != 1 or below < 0:
        return None
    if not 0 <= above <= MAX_FACTORIAL:
        raise TooLargeError(f"a binomial coefficient is of at most {MAX_FACTORIAL}")
    return Fraction(comb(int(above), int(below)))


_OPERATIONS: dict[str, Callable[..., Fraction | None]] = {
    "add": lambda a, b: bounded(a + b),
    "mul": lambda a, b: bounded(a * b),
    "div": lambda a, b: bounded(a / b),
    "neg": lambda a: -a,
    "pow": _power,
    "factorial": _factorial,
    "binomial": _binomial,
    "abs": abs,
    "floor": lambda a: Fraction(floor(a)),
    "ceil": lambda a: Fraction(ceil(a)),
}
