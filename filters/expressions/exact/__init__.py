"""Exact values: quotients of polynomials over the rationals, in symbols, pi, e, i and roots of primes.

    rationals    what is a plain number, and the bounds
    polynomials  sums of monomials, with a sure test for zero
    quotients    fractions of them, and their equality
    roots        powers of rational numbers
    values       from an expression to its quotient

That pi and e satisfy no polynomial together is assumed; numbers are checked besides, see `scalars`.
"""

from filters.expressions.exact.quotients import NotExactError, proportional, same
from filters.expressions.exact.rationals import rational
from filters.expressions.exact.values import quotient

__all__ = ["NotExactError", "proportional", "quotient", "rational", "same"]
