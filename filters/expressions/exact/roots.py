"""Rational numbers to rational powers, as rational numbers times roots of primes."""

from fractions import Fraction
from math import floor

from filters.expressions.exact.polynomials import ONE
from filters.expressions.exact.quotients import NotExactError, Quotient, negated, of_atom, of_number, times
from filters.expressions.exact.rationals import bounded
from filters.grammar import TooLargeError

MAX_EXPONENT = 64  # of a polynomial, or of a prime
MAX_INDEX = 12  # of a root
MAX_TRIAL_DIVISOR = 10_000  # so what it leaves below its square is prime


def root(radicand: Fraction, index: Fraction) -> Quotient:
    """The root that people mean: -2 for the third of -8, 2i for the second of -4. NotExactError for others."""
    if index.denominator != 1 or not 2 <= index <= MAX_INDEX:
        raise NotExactError("only a small whole root is exact")
    found = rational_power(abs(radicand), 1 / index) if radicand else of_number(Fraction(0))
    if radicand >= 0:
        return found
    if index % 2:
        return negated(found)
    if index == 2:
        return times(found, of_atom("\\i"))
    raise NotExactError("an even root of a negative number beyond the square root")


def rational_power(value: Fraction, power: Fraction) -> Quotient:
    """A positive rational number to a rational power. NotExactError where it cannot be factored, or TooLargeError."""
    found = of_number(Fraction(1))
    for number, sign in ((value.numerator, 1), (value.denominator, -1)):
        for prime, count in factors(number).items():
            found = times(found, _power_of_prime(prime, power * count * sign))
    return found


def _power_of_prime(prime: int, exponent: Fraction) -> Quotient:
    if abs(exponent) > MAX_EXPONENT:
        raise TooLargeError(f"an exponent is at most {MAX_EXPONENT}")
    coefficient = bounded(Fraction(prime) ** floor(exponent))
    rest = exponent % 1
    return Quotient({((str(prime), rest),) if rest else ONE: coefficient}, {ONE: Fraction(1)})


def factors(number: int) -> dict[int, int]:
    """The prime factors with their counts. NotExactError where a factor may not be prime."""
    found: dict[int, int] = {}
    divisor = 2
    while divisor * divisor <= number and divisor <= MAX_TRIAL_DIVISOR:
        while number % divisor == 0:
            found[divisor] = found.get(divisor, 0) + 1
            number //= divisor
        divisor += 1 if divisor == 2 else 2
    if number > MAX_TRIAL_DIVISOR**2:
        raise NotExactError("a number too large to factor")
    if number > 1:
        found[number] = found.get(number, 0) + 1
    return found
