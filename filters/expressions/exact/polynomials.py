"""Polynomials over the rationals, in symbols, pi, e, i and roots of primes.

A monomial maps atoms to exponents. The atom of a prime p has a fractional exponent in [0, 1), so 2^(1/2)·2^(1/3)
becomes 2^(5/6) by itself; such products of roots of primes are linearly independent over the rationals
(Besicovitch 1940), which makes the test for zero exact: a polynomial is zero if it has no terms.
"""

from fractions import Fraction
from math import floor

from filters.expressions.exact.rationals import bounded
from filters.grammar import TooLargeError

MAX_TERMS = 200
MAX_PRODUCTS = 4_000  # of terms, in one product of polynomials

Monomial = tuple[tuple[str, Fraction], ...]  # by atom: a prime in digits, a letter, or \\pi, \\e, \\i
Polynomial = dict[Monomial, Fraction]

ONE: Monomial = ()


def added(a: Polynomial, b: Polynomial) -> Polynomial:
    """Raises TooLargeError, as `product` does."""
    found = dict(a)
    for monomial, coefficient in b.items():
        _add_term(found, monomial, coefficient)
    return _bounded_terms(found)


def scaled(polynomial: Polynomial, factor: Fraction) -> Polynomial:
    return {monomial: coefficient * factor for monomial, coefficient in polynomial.items()}


def product(a: Polynomial, b: Polynomial) -> Polynomial:
    if a.keys() == {ONE}:
        return scaled(b, a[ONE])
    if b.keys() == {ONE}:
        return scaled(a, b[ONE])
    if len(a) * len(b) > MAX_PRODUCTS:
        raise TooLargeError(f"a polynomial has at most {MAX_TERMS} terms")
    found: Polynomial = {}
    for left, left_coefficient in a.items():
        for right, right_coefficient in b.items():
            factor, monomial = _merged(left, right)
            _add_term(found, monomial, bounded(left_coefficient * right_coefficient * factor))
    return _bounded_terms(found)


def _add_term(polynomial: Polynomial, monomial: Monomial, coefficient: Fraction) -> None:
    total = polynomial.get(monomial, Fraction(0)) + coefficient
    if total:
        polynomial[monomial] = total
    else:
        polynomial.pop(monomial, None)


def _bounded_terms(polynomial: Polynomial) -> Polynomial:
    if len(polynomial) > MAX_TERMS:
        raise TooLargeError(f"a polynomial has at most {MAX_TERMS} terms")
    return polynomial


def _merged(left: Monomial, right: Monomial) -> tuple[Fraction, Monomial]:
    """The product of two monomials: a rational factor that roots of primes and i leave, and a monomial."""
    exponents = dict(left)
    for atom, exponent in right:
        exponents[atom] = exponents.get(atom, Fraction(0)) + exponent
    factor = Fraction(1)
    for atom in [atom for atom in exponents if atom.isdigit() or atom == "\\i"]:
        exponent = exponents.pop(atom)
        if atom == "\\i":
            factor *= -1 if exponent % 4 >= 2 else 1
            exponent %= 2
        else:
            factor *= Fraction(int(atom)) ** floor(exponent)
            exponent %= 1
        if exponent:
            exponents[atom] = exponent
    return factor, tuple(sorted((atom, exponent) for atom, exponent in exponents.items() if exponent))
