"""One text for every way to write an answer, so that votes are counted by hashing and never pairwise.

A rational number is its reduced fraction. Any other expression is its values at three fixed points, computed to
fifty digits and written to thirty: equal expressions share them, and the chance that a value stands where
rounding parts equal ones is about 10^-20. Lists and sets are sorted, names of values and units are left out.
"""

from fractions import Fraction
from typing import Any

from filters.expressions import domains, exact, numeric
from filters.expressions.equality import difference, mapping, settled, value_of
from filters.expressions.syntax import (
    INFINITY,
    MINUS_INFINITY,
    Based,
    Braced,
    Bracketed,
    Expression,
    Listing,
    Matrix,
    Node,
    Number,
    Quantity,
    Ratio,
    Relation,
    SetOperation,
    Words,
    symbols,
)
from filters.grammar import TooLargeError, UnreadableError

WRITTEN = 30
_POINTS = 3
_MOST = 1000  # of the numerator and denominator of a simple fraction
_MANY_BITS = 10_000


def canonical_form(node: Node) -> str:
    """The text. Raises UnreadableError for what has no value at the points, TooLargeError beyond the bounds."""
    named = mapping(node := settled(node))
    if named is not None:
        return " and ".join(f"{name} = {canonical_form(value)}" for name, value in named.items())
    node = value_of(node)
    if isinstance(node, Words):
        return f"words {node.text}"
    if isinstance(node, Based):
        return f"{node.digits} in base {node.base}"
    if isinstance(node, Listing | Braced | Bracketed | Matrix | Ratio):
        return _items(node)
    if isinstance(node, Relation | SetOperation):
        return _set_or_relation(node)
    return _expression(node.value if isinstance(node, Quantity) else node)


def _items(node: Listing | Braced | Bracketed | Matrix | Ratio) -> str:
    if isinstance(node, Ratio):
        return " : ".join(canonical_form(term) for term in node.terms if not isinstance(term, Words))
    if isinstance(node, Matrix):
        return "; ".join(", ".join(map(canonical_form, row)) for row in node.rows)
    found = [canonical_form(item) for item in node.items]
    if isinstance(node, Bracketed):
        return node.opening + ", ".join(found) + node.closing
    return " and ".join(sorted(set(found) if isinstance(node, Braced) else found)) or "nothing"


def _set_or_relation(node: Relation | SetOperation) -> str:
    found = domains.domain(node)
    if found is not None:
        return " or ".join(map(_interval, found))
    if isinstance(node, Relation) and node.operators == ("=",):
        return _equation(node)
    raise UnreadableError("a relation of several variables has no canonical form")


def _interval(piece: domains.Interval) -> str:
    opening, closing = "[" if piece.has_low else "(", "]" if piece.has_high else ")"
    return f"{opening}{_expression(piece.low)}, {_expression(piece.high)}{closing}"


def _expression(expression: Expression) -> str:
    if expression in (INFINITY, MINUS_INFINITY):
        return "inf" if expression == INFINITY else "-inf"
    try:
        value = exact.rational(expression)
    except (TooLargeError, ZeroDivisionError):
        value = None
    if value is None:
        value = _simple_fraction(expression)
    if value is not None:
        return _fraction(value)
    return " ".join(_written(found) for found in _values(expression))


def _fraction(value: Fraction) -> str:
    """In digits, or in hexadecimal ones where Python refuses to write so many decimal ones."""
    if max(abs(value.numerator), value.denominator).bit_length() < _MANY_BITS:
        return str(value)
    return f"{value.numerator:x}/{value.denominator:x} in base 16"


def _simple_fraction(expression: Expression) -> Fraction | None:
    """The fraction of small numbers that other notation stands for, such as 1/2 for sin 30° and 1 for sin²x + cos²x."""
    first = _values(expression)[0]
    mp = numeric.context()
    if mp.im(first) != 0 and abs(mp.im(first)) > mp.mpf(10) ** -(WRITTEN + 10):
        return None
    if abs(first) > _MOST:
        return None
    found = Fraction(str(mp.nstr(mp.re(first), WRITTEN + 10))).limit_denominator(_MOST)
    if abs(mp.re(first) - mp.mpf(found.numerator) / found.denominator) > mp.mpf(10) ** -WRITTEN:
        return None
    return found if numeric.compare(expression, Number(found)) == "equal" else None


def _equation(node: Relation) -> str:
    """The values of one side less the other, up to a factor: divided by the first."""
    zero = difference(node)
    if zero is None:
        raise UnreadableError("an equation of other things than values")
    first, *others = _values(zero)
    if first == 0:
        raise UnreadableError("an equation that happens to hold at a random point")
    return "0 = " + " ".join(_written(other / first) for other in others)


def _values(expression: Expression) -> list[Any]:
    names = sorted(symbols(expression))
    points = list(numeric.points(names)) if names else [{}]
    found = [value for point in points if (value := numeric.value(expression, point)) is not None]
    if len(found) < min(_POINTS, len(points)):
        raise UnreadableError("an expression without values")
    return found[:_POINTS]


def _written(value: Any) -> str:
    mp = numeric.context()
    parts = [mp.re(value), mp.im(value)]
    size = max(abs(part) for part in parts)
    negligible = size * mp.mpf(10) ** -(WRITTEN + 10)
    return "+".join(mp.nstr(part, WRITTEN) for part in parts if abs(part) > negligible) or "0"
