"""Whether two expressions have the same values, as far as points can tell."""

from typing import Any, Literal

from filters.expressions.numeric.values import DIGITS, context, points, real_value, value
from filters.expressions.syntax import INFINITY, Constant, Expression, Operation, symbols

AGREEING = 35
ENOUGH_POINTS = 3

Finding = Literal["equal", "differs", "undecided"]

_I = Constant("i")


def compare(a: Expression, b: Expression) -> Finding:
    """Whether two expressions have equal values. Raises TooLargeError where a value is out of bounds."""
    names = sorted(symbols(a) | symbols(b))
    if not names:
        return _compare_constants(a, b)
    agreeing = 0
    at = value if _writes_i(a) or _writes_i(b) else real_value
    for point in points(names):
        left, right = at(a, point), at(b, point)
        if left is None or right is None:
            continue
        if not _close(left, right):
            return "differs"
        agreeing += 1
    return "equal" if agreeing >= ENOUGH_POINTS else "undecided"


def _compare_constants(a: Expression, b: Expression) -> Finding:
    if _infinite(a) or _infinite(b):
        return "equal" if _infinite(a) == _infinite(b) else "differs"
    left, right = value(a, {}), value(b, {})
    if left is None or right is None:
        return "undecided"
    if _close(left, right):
        return "equal"
    if left == 0 or right == 0:  # sin(pi) is zero only as far as one computes
        return "equal" if _vanishes(a if right == 0 else b) else "differs"
    return "differs"


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


def _close(a: Any, b: Any) -> bool:
    return bool(abs(a - b) <= max(abs(a), abs(b)) * context().mpf(10) ** -AGREEING)
