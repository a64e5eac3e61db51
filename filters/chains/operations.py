"""The operations of a written calculation that do not always have an exact value, or a small one.

Each raises UnreadableError for operands that it is not of; raised and binomial raise TooLargeError beyond their bounds.
"""

from fractions import Fraction
from math import comb, isqrt

from filters.chains.calculation import MAX_BITS, Exact
from filters.grammar import TooLargeError, UnreadableError

MAX_EXPONENT = 64
MAX_CHOOSE = 1000  # of so many, every binomial coefficient is below MAX_BITS bits


def whole_division(operator: str, value: Exact, by: Exact) -> Exact:
    if value.denominator != 1 or by.denominator != 1 or by < 0:
        raise UnreadableError("a remainder is of a whole number by a positive whole number")
    return value % by if operator == "%" else value // by


def square_root(square: Exact) -> Exact:
    if square < 0:
        raise UnreadableError("a root is of no negative number")
    root: Fraction = Fraction(isqrt(square.numerator), isqrt(square.denominator))
    if root * root != square:
        raise UnreadableError("a root is of a perfect square")
    return root


def binomial(n: Exact, k: Exact) -> int:
    if n.denominator != 1 or k.denominator != 1 or n < 0 or k < 0:
        raise UnreadableError("a binomial coefficient is of whole numbers from 0")
    if n > MAX_CHOOSE:
        raise TooLargeError(f"a binomial coefficient is of at most {MAX_CHOOSE}")
    return comb(int(n), int(k))


def raised(base: Exact, exponent: Exact) -> Exact:
    if exponent.denominator != 1:
        raise UnreadableError("an exponent is a whole number")
    power = int(exponent)
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if abs(power) > MAX_EXPONENT or bits * abs(power) > MAX_BITS:
        raise TooLargeError(f"an exponent is at most {MAX_EXPONENT} and its power below {MAX_BITS} bits")
    return Fraction(Fraction(base) ** power)
