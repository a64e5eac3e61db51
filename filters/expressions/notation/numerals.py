"""Decimal numerals, exactly: plain, with a power of ten, and with a period that repeats for ever."""

from fractions import Fraction

from filters.expressions.syntax import Number
from filters.grammar import UnreadableError

MAX_EXPONENT_OF_TEN = 300


def numeral(text: str) -> Number:
    """A decimal numeral with an optional power of ten, such as `3.50` or `1.5e-3`."""
    digits, _, exponent = text.lower().partition("e")
    whole, point, decimals = digits.partition(".")
    value = Fraction(int((whole or "0") + decimals), 10 ** len(decimals))
    if not exponent:
        return Number(value, len(decimals) if point else None)
    power = int(exponent)
    if abs(power) > MAX_EXPONENT_OF_TEN:
        raise UnreadableError(f"a power of ten is at most {MAX_EXPONENT_OF_TEN}")
    return Number(value * Fraction(10) ** power)


def repeating(text: str) -> Number:
    """`0.1 6` stands for 0.1666..."""
    fixed, period = text.split(" ")
    whole, _, decimals = fixed.partition(".")
    scale = 10 ** len(decimals)
    nines = (10 ** len(period) - 1) * scale
    return Number(Fraction(int((whole or "0") + decimals), scale) + Fraction(int(period), nines))
