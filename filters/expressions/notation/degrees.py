"""Degree signs: a unit of the whole expression, or an angle in radians where a trigonometric function takes it.

`2x^\\circ` and `\\frac{360^\\circ}{7}` are products and quotients in degrees. In `\\pi/6^\\circ` the sign would
divide, and radians might cancel against it; so outside of trigonometric functions a degree sign that is not
the unit of a sum, or of all of it, is not read.
"""

from filters.expressions.syntax import Expression, Node, Operation, Quantity, Symbol
from filters.grammar import UnreadableError

SCALES = ("c", "f", "celsius", "fahrenheit")  # of temperature, behind degrees; without one it is an angle

_OF_ANGLES = frozenset(["sin", "cos", "tan", "cot", "sec", "csc"])


def in_degrees(value: Expression, unit: str) -> Node:
    """An expression with a degree sign somewhere, and what unit is written behind it."""
    if not unit and isinstance(value, Operation) and value.name == "mul":
        measured, scale = value.operands
        if isinstance(scale, Symbol) and scale.name in ("C", "F"):
            value, unit = measured, scale.name
    without = _lifted(value)
    if without is None:
        _check(value)
        return Quantity(value, unit) if unit else value
    if unit and unit.lower() not in SCALES:
        raise UnreadableError(f"degrees have no unit besides, such as {unit!r}")
    return Quantity(without, f"degrees {unit}".strip())


def _lifted(value: Expression) -> Expression | None:
    """The measure in degrees of what is in degrees as a whole, else None."""
    if not isinstance(value, Operation):
        return None
    if value.name == "degrees":
        return value.operands[0] if not _has_degrees(value.operands[0]) else None
    lifted = tuple(map(_lifted, value.operands))
    if value.name in ("neg", "add") and None not in lifted:
        return Operation(value.name, tuple(each for each in lifted if each is not None))
    if value.name not in ("mul", "div") or len(lifted) != 2:
        return None
    first, second = lifted
    if first is not None and not _has_degrees(value.operands[1]):
        return Operation(value.name, (first, value.operands[1]))
    if value.name == "mul" and second is not None and not _has_degrees(value.operands[0]):
        return Operation("mul", (value.operands[0], second))
    return None


def _check(value: Expression) -> None:
    """Raise UnreadableError for a degree sign anywhere but in a term of a sum or in a trigonometric function."""
    if not isinstance(value, Operation) or value.name in _OF_ANGLES:
        return
    if value.name in ("add", "neg"):
        for term in value.operands:
            if _lifted(term) is None:
                _check(term)
    elif _has_degrees(value):
        raise UnreadableError("a degree sign within a product, a quotient or a power")


def _has_degrees(value: Expression) -> bool:
    if not isinstance(value, Operation) or value.name in _OF_ANGLES:
        return False
    return value.name == "degrees" or any(map(_has_degrees, value.operands))
