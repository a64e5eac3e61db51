"""The exact value of an expression, operation by operation."""

from collections.abc import Callable
from fractions import Fraction

from filters.expressions.exact.quotients import (
    NotExactError,
    Quotient,
    inverse,
    negated,
    of_atom,
    of_number,
    plus,
    times,
)
from filters.expressions.exact.rationals import rational
from filters.expressions.exact.roots import MAX_EXPONENT, rational_power, root
from filters.expressions.syntax import INFINITY, Constant, Expression, Operation, Symbol
from filters.grammar import TooLargeError


def quotient(expression: Expression) -> Quotient:
    """The exact value. Raises NotExactError, TooLargeError, or ZeroDivisionError."""
    if isinstance(expression, Symbol):
        return of_atom(expression.name)
    if isinstance(expression, Constant):
        if expression == INFINITY:
            raise NotExactError("infinity is no value")
        return of_atom("\\" + expression.name)
    value = rational(expression)
    if value is not None:
        return of_number(value)
    if not isinstance(expression, Operation) or expression.name not in _OPERATIONS:
        raise NotExactError(f"not in the domain: {expression}")
    return _OPERATIONS[expression.name](*expression.operands)


def _power(base: Expression, exponent: Expression) -> Quotient:
    power = rational(exponent)
    if power is None:
        raise NotExactError("the exponent is not a rational number")
    if power.denominator == 1:
        return _whole_power(quotient(base), int(power))
    value = rational(base)
    if value is None or value <= 0:
        raise NotExactError("only a positive rational number is raised to a fraction")
    return rational_power(value, power)


def _whole_power(base: Quotient, power: int) -> Quotient:
    if abs(power) > MAX_EXPONENT:
        raise TooLargeError(f"an exponent of a polynomial is at most {MAX_EXPONENT}")
    raised = of_number(Fraction(1))
    for _ in range(abs(power)):
        raised = times(raised, base)
    return raised if power >= 0 else inverse(raised)


def _root(radicand: Expression, index: Expression) -> Quotient:
    degree, value = rational(index), rational(radicand)
    if degree is None or value is None:
        raise NotExactError("only a rational number has an exact root")
    return root(value, degree)


def _degrees(angle: Expression) -> Quotient:
    return times(times(quotient(angle), of_atom("\\pi")), of_number(Fraction(1, 180)))


_OPERATIONS: dict[str, Callable[..., Quotient]] = {
    "add": lambda a, b: plus(quotient(a), quotient(b)),
    "mul": lambda a, b: times(quotient(a), quotient(b)),
    "div": lambda a, b: times(quotient(a), inverse(quotient(b))),
    "neg": lambda a: negated(quotient(a)),
    "pow": _power,
    "root": _root,
    "degrees": _degrees,
}
