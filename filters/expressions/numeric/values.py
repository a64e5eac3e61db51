"""The value of an expression at a point, to fifty digits, by mpmath."""

import hashlib
import threading
from collections.abc import Iterator
from fractions import Fraction
from typing import Any

from filters.expressions.numeric.functions import FUNCTIONS, MAX_MAGNITUDE
from filters.expressions.syntax import Constant, Expression, Number, Symbol
from filters.grammar import TooLargeError

DIGITS = 50
POINTS = 12

Point = dict[str, Fraction]  # the value of each variable

_GUARD_DIGITS = 10
_contexts = threading.local()  # mpmath keeps its precision in the context, which threads must not share


def context() -> Any:
    """This thread's mpmath context."""
    if not hasattr(_contexts, "mp"):
        from mpmath.ctx_mp import MPContext

        _contexts.mp = MPContext()
    return _contexts.mp


def points(names: list[str]) -> Iterator[Point]:
    """The same random points for the same names in every process: rationals in ±(1/8, 4), every other positive."""
    for number in range(POINTS):
        point = {}
        for place, name in enumerate(names):
            bits = int.from_bytes(hashlib.sha256(f"{name} {number}".encode()).digest()[:7])
            size = Fraction(1, 8) + Fraction(bits, 2**56) * Fraction(31, 8)
            point[name] = -size if number % 2 and (number // 2 + place) % 2 == 0 else size
        yield point


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
    try:
        found = _value(expression, point, mp)
    except (ZeroDivisionError, ValueError, ArithmeticError, mp.NoConvergence):
        return None
    return found if mp.isfinite(found) else None


def _value(expression: Expression, point: Point, mp: Any) -> Any:
    if isinstance(expression, Number):
        return _rounded(expression.value, mp)
    if isinstance(expression, Symbol):
        return _rounded(point[expression.name], mp)
    if isinstance(expression, Constant):
        return {"pi": +mp.pi, "e": +mp.e, "i": mp.j, "inf": mp.inf}[expression.name]
    operands = [_value(operand, point, mp) for operand in expression.operands]
    if expression.name not in FUNCTIONS:
        raise ValueError(f"no value is known of {expression.name}")
    found = FUNCTIONS[expression.name](mp, *operands)
    if mp.isfinite(found) and found != 0 and abs(mp.mag(found)) > MAX_MAGNITUDE:
        raise TooLargeError(f"a value on the way has at most {MAX_MAGNITUDE} bits before or after the point")
    return found


def _rounded(number: Fraction, mp: Any) -> Any:
    return mp.mpf(number.numerator) / number.denominator
