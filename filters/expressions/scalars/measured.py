"""Units of one letter written as letters: beside a key in metres, `5 m` and `5m/s^2` are no products."""

from filters.expressions.scalars.units import unit_key
from filters.expressions.syntax import Expression, Number, Operation, Quantity, Scalar, Symbol, symbols
from filters.units import LETTERS


def as_measured(node: Scalar, other: Scalar) -> Scalar:
    """A product of a number and letters as a quantity, where the other side has just that unit."""
    if isinstance(node, Quantity) or not isinstance(other, Quantity) or not symbols(node) <= LETTERS:
        return node
    found = _parted(node)
    if found is None or unit_key(found.unit) != unit_key(other.unit):
        return node
    return found


def _parted(node: Expression) -> Quantity | None:
    if not isinstance(node, Operation) or node.name not in ("mul", "div"):
        return None
    front, last = node.operands
    unit = _letters(last)
    if unit is None:
        return None
    if node.name == "mul" and not symbols(front):
        return Quantity(front, unit)
    above = _parted(front) if node.name == "div" else None
    return None if above is None else Quantity(above.value, f"{above.unit}/{unit}")


def _letters(node: Expression) -> str | None:
    if isinstance(node, Symbol):
        return node.name
    if not isinstance(node, Operation) or node.name != "pow":
        return None
    base, exponent = node.operands
    return (
        f"{base.name}^{exponent.value}" if isinstance(base, Symbol) and isinstance(exponent, Number) else None
    )
