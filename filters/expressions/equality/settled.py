"""Answers in one form before they are compared: ± spelled out, approximations left out, true chains as one value."""

from collections.abc import Sequence

from filters.expressions import numeric
from filters.expressions.equality.findings import Compare
from filters.expressions.syntax import (
    Braced,
    Expression,
    Listing,
    Node,
    Operation,
    Quantity,
    Relation,
    Symbol,
    Words,
    is_expression,
    symbols,
)

_SIGNS = ("pm", "mp")


def settled_by(node: Node, compare: Compare) -> Node:
    """With ± spelled out as two answers, and chains of equal values (`1/2 = 0.5`) as one."""
    if isinstance(node, Listing):
        return Listing(_flat(node.items, compare), node.joint)
    if isinstance(node, Braced):
        return Braced(_flat(node.items, compare))
    if _has_either_sign(node):
        return Listing((_with_sign(node, "pm"), _with_sign(node, "mp")), "or")
    if isinstance(node, Relation) and set(node.operators) <= {"=", "approx"}:
        return _as_one(_without_approximation(node), compare)
    return node


def _flat(items: Sequence[Node], compare: Compare) -> tuple[Node, ...]:
    """The items settled, and those of lists within them side by side with the others."""
    found = [settled_by(item, compare) for item in items]
    return tuple(part for item in found for part in (item.items if isinstance(item, Listing) else (item,)))


def _has_either_sign(node: Node) -> bool:
    if isinstance(node, Operation):
        return node.name in _SIGNS or any(map(_has_either_sign, node.operands))
    if isinstance(node, Relation):
        return any(map(_has_either_sign, node.sides))
    return isinstance(node, Quantity) and _has_either_sign(node.value)


def _with_sign(node: Node, upper: str) -> Node:
    """The node with the upper or with the lower of all its signs."""
    if isinstance(node, Relation):
        return Relation(tuple(_with_sign(side, upper) for side in node.sides), node.operators)
    if isinstance(node, Quantity):
        return Quantity(_signed(node.value, upper), node.unit)
    return _signed(node, upper) if is_expression(node) else node


def _signed(expression: Expression, upper: str) -> Expression:
    if not isinstance(expression, Operation):
        return expression
    operands = tuple(_signed(operand, upper) for operand in expression.operands)
    if expression.name in _SIGNS:
        return operands[0] if expression.name == upper else Operation("neg", operands)
    return Operation(expression.name, operands)


def _without_approximation(node: Relation) -> Node:
    """`x = π/2 ≈ 1.57` is x = π/2 and `x ≈ 1.57` is x = 1.57; what is far off stays as it is."""
    if node.operators[-1] != "approx":
        return node
    *sides, nearly = node.sides
    if len(sides) == 1 and isinstance(sides[0], Symbol | Words):
        return Relation((sides[0], nearly), ("=",))
    if not _is_near(sides[-1], nearly):
        return node
    return Relation(tuple(sides), node.operators[:-1]) if len(sides) > 1 else sides[0]


def _is_near(value: Node, approximation: Node) -> bool:
    """Within a twentieth, as 22/7 ≈ 3 is not."""
    if not is_expression(value) or not is_expression(approximation):
        return False
    if symbols(value) or symbols(approximation):
        return False
    a, b = numeric.real_value(value, {}), numeric.real_value(approximation, {})
    return a is not None and b is not None and bool(20 * abs(a - b) <= abs(a))


def _as_one(node: Node, compare: Compare) -> Node:
    """`x = 1/2 = 0.5` is x = 0.5 and `2+3 = 5` is 5, where all the values are equal; else it stays."""
    if not isinstance(node, Relation) or set(node.operators) != {"="}:
        return node
    named = isinstance(node.sides[0], Symbol | Words)
    values = node.sides[1:] if named else node.sides
    if len(values) < 2 or any(map(symbols, values)):
        return node
    *others, last = values
    if any(compare(last, value) not in ("equal", "undone") for value in others):
        return node
    return Relation((node.sides[0], last), ("=",)) if named else last
