"""The value of an expression at a point, to fifty digits, by mpmath."""

import threading
from fractions import Fraction
from typing import Any

from filters.expressions.exact import rational
from filters.expressions.numeric.functions import MAX_MAGNITUDE, function_named
from filters.expressions.numeric.points import Point
from filters.expressions.syntax import Constant, Expression, Number, Symbol
from filters.grammar import TooLargeError

DIGITS = 50
FINE = 400
MAX_BITS_ON_THE_WAY = 20_000  # to which a value is computed finely

_GUARD_DIGITS = 10
_contexts = threading.local()  # mpmath keeps its precision in the context, which threads must not share


def context() -> Any:
    """This thread's mpmath context."""
    if not hasattr(_contexts, "mp"):
        from mpmath.ctx_mp import MPContext

        _contexts.mp = MPContext()
    return _contexts.mp


def real_value(expression: Expression, point: Point) -> Any | None:
    """The value at a point where it is real, else None."""
    found = value(expression, point)
    if found is None or isinstance(found, context().mpf):
        return found
    return found.real if abs(found.imag) <= abs(found.real) * context().mpf(10) ** -(DIGITS - 5) else None


def value(expression: Expression, point: Point, digits: int = DIGITS) -> Any | None:
    """The value, real or complex, to so many digits; None where there is none, as of 1/0.

    Raises TooLargeError where a value on the way is out of bounds.
    """
    mp = context()
    mp.dps = digits + _GUARD_DIGITS
    _contexts.largest = 0
    try:
        found = _value(expression, point, mp)
    except (ZeroDivisionError, ValueError, TypeError, ArithmeticError, mp.NoConvergence):
        return None  # TypeError: what has no order, such as max(1, i)
    return found if mp.isfinite(found) else None


def _value(expression: Expression, point: Point, mp: Any) -> Any:
    if isinstance(expression, Number):
        return _rounded(expression.value, mp)
    if isinstance(expression, Symbol):
        return _rounded(point[expression.name], mp)
    if isinstance(expression, Constant):
        return {"pi": +mp.pi, "e": +mp.e, "i": mp.j, "inf": mp.inf}[expression.name]
    if expression.name == "pow" and (exponent := rational(expression.operands[1])) is not None:
        return _rational_power(mp, _value(expression.operands[0], point, mp), exponent)
    operands = [_value(operand, point, mp) for operand in expression.operands]
    found = function_named(expression.name)(mp, *operands)
    if mp.isfinite(found) and found != 0:
        size = abs(mp.mag(found))
        if size > MAX_MAGNITUDE:
            raise TooLargeError(
                f"a value on the way has at most {MAX_MAGNITUDE} bits before or after the point"
            )
        _contexts.largest = max(_contexts.largest, size)
    return found


def _rational_power(mp: Any, base: Any, exponent: Fraction) -> Any:
    """x^(2/3) of a negative x is real, as roots with an odd index are."""
    if mp.im(base) == 0 and mp.re(base) < 0 and exponent.denominator % 2:
        found = function_named("pow")(mp, -base, _rounded(exponent, mp))
        return -found if exponent.numerator % 2 else found
    return function_named("pow")(mp, base, _rounded(exponent, mp))


def finely(a: Expression, b: Expression) -> tuple[Any | None, Any | None, int]:
    """The values of two constants to hundreds of digits, and to how many of them equal ones agree.

    With L the decimal digits of the largest number on the way, 4 L digits are computed, and more than FINE; what
    cancels on the way takes up to 2 L of them. TooLargeError beyond MAX_BITS_ON_THE_WAY.
    """
    largest = max(_largest(a), _largest(b))
    if largest > MAX_BITS_ON_THE_WAY:
        raise TooLargeError(
            f"a value that is compared finely has at most {MAX_BITS_ON_THE_WAY} bits on the way"
        )
    length = int(largest * 0.302)
    digits = max(FINE, DIGITS + 4 * length)
    return value(a, {}, digits), value(b, {}, digits), digits - DIGITS - 2 * length


def _largest(expression: Expression) -> int:
    """Bits before or after the point of the largest number on the way to a value."""
    value(expression, {})
    return int(_contexts.largest)


def _rounded(number: Fraction, mp: Any) -> Any:
    return mp.mpf(number.numerator) / number.denominator
