"""Whether two expressions have the same values, as far as points can tell."""

from itertools import islice
from typing import Any, Literal

from filters.expressions.numeric.points import Point, points
from filters.expressions.numeric.values import DIGITS, context, finely, value
from filters.expressions.syntax import INFINITY, Constant, Expression, Operation, symbols
from filters.grammar import TooLargeError

AGREEING = 35
ENOUGH_POINTS = 3

Finding = Literal["equal", "differs", "undecided"]

_I = Constant("i")
_IN_PIECES = ("abs", "floor", "ceil", "max", "min", "root", "sqrt")


def compare(a: Expression, b: Expression, most_points: int | None = None) -> Finding:
    """Whether two expressions have equal values. Raises TooLargeError where a constant is out of bounds."""
    names = sorted(symbols(a) | symbols(b))
    if not names:
        return _compare_constants(a, b)
    agreeing = 0
    complex_values = _writes_i(a) or _writes_i(b)
    real_on_one_side = 0
    for point in islice(points(names, far=_has_pieces(a) or _has_pieces(b)), most_points):
        left, right = _at(a, point), _at(b, point)
        if left is None or right is None:
            continue
        if not complex_values and not (_is_real(left) and _is_real(right)):
            real_on_one_side += _is_real(left) != _is_real(right)
            continue
        if not _close(left, right):
            return "differs"
        agreeing += 1
    if agreeing < ENOUGH_POINTS:
        return "undecided"
    return "differs" if real_on_one_side else "equal"  # ln(5 - x) says nothing of where ln|x - 5| does


def _at(expression: Expression, point: Point) -> Any | None:
    """The value at one of several points: one that is out of bounds is left out like one that does not exist."""
    try:
        return value(expression, point)
    except TooLargeError:
        return None


def _is_real(found: Any) -> bool:
    return bool(abs(context().im(found)) <= abs(found) * context().mpf(10) ** -AGREEING)


def _compare_constants(a: Expression, b: Expression) -> Finding:
    if _infinite(a) or _infinite(b):
        return "equal" if _infinite(a) == _infinite(b) else "differs"
    left, right = value(a, {}), value(b, {})
    if left is None or right is None:
        return "undecided"
    if _close(left, right):
        return "equal" if _still_close(a, b) else "differs"
    if left == 0 or right == 0:  # sin(pi) is zero only as far as one computes
        return "equal" if _vanishes(a if right == 0 else b) else "differs"
    return "differs"


def _has_pieces(expression: Expression) -> bool:
    """Whether it may follow another rule far out than near zero."""
    if not isinstance(expression, Operation):
        return False
    return expression.name in _IN_PIECES or any(map(_has_pieces, expression.operands))


def _writes_i(expression: Expression) -> bool:
    if isinstance(expression, Operation):
        return any(map(_writes_i, expression.operands))
    return expression == _I


def _infinite(expression: Expression) -> int:
    """1 or -1 for an infinity with its sign, 0 for anything else."""
    if isinstance(expression, Operation) and expression.name == "neg":
        return -_infinite(expression.operands[0])
    return int(expression == INFINITY)


def _vanishes(expression: Expression) -> bool:
    return all(
        (found := value(expression, {}, digits)) is not None
        and abs(found) < context().mpf(10) ** (10 - digits)
        for digits in (DIGITS, 2 * DIGITS)
    )


def _still_close(a: Expression, b: Expression) -> bool:
    """Whether constants that agree so far go on to do so where what is drowned in them would show: e^100 + 1."""
    left, right, digits = finely(a, b)
    return left is not None and right is not None and _close(left, right, digits)


def _close(a: Any, b: Any, digits: int = AGREEING) -> bool:
    return bool(abs(a - b) <= max(abs(a), abs(b)) * context().mpf(10) ** -digits)
