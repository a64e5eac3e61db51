"""Quotients of polynomials: the exact values. Equality a/b = c/d is ad - bc = 0."""

from dataclasses import dataclass
from fractions import Fraction

from filters.expressions.exact.polynomials import ONE, Polynomial, added, product, scaled


class NotExactError(ValueError):
    """The expression has a part that is not in the domain, such as sin x: numbers must decide."""


@dataclass(frozen=True, slots=True)
class Quotient:
    """A fraction of polynomials; the denominator is never the zero polynomial."""

    above: Polynomial
    below: Polynomial


def of_number(value: Fraction) -> Quotient:
    return Quotient({ONE: value} if value else {}, {ONE: Fraction(1)})


def of_atom(name: str) -> Quotient:
    """A letter, or \\\\pi, \\\\e or \\\\i."""
    return Quotient({((name, Fraction(1)),): Fraction(1)}, {ONE: Fraction(1)})


def plus(a: Quotient, b: Quotient) -> Quotient:
    if a.below == b.below:
        return Quotient(added(a.above, b.above), a.below)
    above = added(product(a.above, b.below), product(b.above, a.below))
    return Quotient(above, product(a.below, b.below))


def times(a: Quotient, b: Quotient) -> Quotient:
    return Quotient(product(a.above, b.above), product(a.below, b.below))


def negated(value: Quotient) -> Quotient:
    return Quotient(scaled(value.above, Fraction(-1)), value.below)


def inverse(value: Quotient) -> Quotient:
    """Raises ZeroDivisionError."""
    if not value.above:
        raise ZeroDivisionError("zero has no inverse")
    return Quotient(value.below, value.above)


def same(a: Quotient, b: Quotient) -> bool:
    """Whether two values are equal wherever both are defined."""
    return not added(product(a.above, b.below), scaled(product(b.above, a.below), Fraction(-1)))


def proportional(a: Quotient, b: Quotient) -> bool:
    """Whether a = c·b for a rational number c other than zero: two forms of one equation that sets them to 0."""
    left, right = product(a.above, b.below), product(b.above, a.below)
    if left.keys() != right.keys() or not left:
        return False
    return len({left[monomial] / right[monomial] for monomial in left}) == 1
