"""Which set of real numbers a notation writes down: an interval, a set, an inequality, or what joins them."""

from filters.expressions.domains.intervals import (
    Domain,
    Interval,
    complement,
    intersection,
    is_constant,
    joined,
    point,
)
from filters.expressions.scalars import compare_values
from filters.expressions.syntax import (
    INFINITY,
    MINUS_INFINITY,
    Braced,
    Bracketed,
    Expression,
    Listing,
    Node,
    Relation,
    SetOperation,
    Symbol,
    are_expressions,
    is_expression,
    symbols,
)

_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def domain(node: Node) -> Domain | None:
    """The set of real numbers that a node writes down, or None where it writes down something else."""
    pieces = _pieces(node)
    return None if pieces is None else joined(pieces)


def same(a: Domain, b: Domain) -> bool:
    """Whether two sets have the same intervals."""
    return len(a) == len(b) and all(
        (left.has_low, left.has_high) == (right.has_low, right.has_high)
        and compare_values(left.low, right.low) == "equal"
        and compare_values(left.high, right.high) == "equal"
        for left, right in zip(a, b, strict=True)
    )


def turned(relation: Relation) -> Relation:
    """The same with its sides in the other order: `x < 3` for `3 > x`."""
    operators = (_MIRRORED.get(operator, operator) for operator in reversed(relation.operators))
    return Relation(relation.sides[::-1], tuple(operators))


def _pieces(node: Node) -> list[Interval] | None:
    if isinstance(node, Bracketed):
        return _bracketed(node)
    if isinstance(node, Braced):
        return list(map(point, node.items)) if are_expressions(node.items) else None
    if isinstance(node, Relation):
        return _relation(node)
    if isinstance(node, SetOperation):
        return _operation(node)
    return _listed(node) if isinstance(node, Listing) else None


def _bracketed(node: Bracketed) -> list[Interval] | None:
    if len(node.items) != 2 or not are_expressions(node.items):
        return None
    low, high = node.items
    return [Interval(low, high, node.opening == "[", node.closing == "]")]


def _listed(node: Listing) -> list[Interval] | None:
    """Relations of one variable: either of them with `or`, all of them with `and` or a comma; or `x != 1, 2`."""
    first, *others = node.items
    if isinstance(first, Relation) and first.operators == ("!=",) and are_expressions(tuple(others)):
        return complement([point(value) for value in (first.sides[1], *others) if is_expression(value)])
    relations = [item for item in node.items if isinstance(item, Relation)]
    found = [pieces for relation in relations if (pieces := _relation(relation)) is not None]
    if len(found) < len(node.items) or len(variables(node)) != 1:
        return None
    if node.joint == "or":
        return [piece for pieces in found for piece in pieces]
    if any(relation.operators == ("=",) for relation in relations):
        return None  # `x = 1, x = 2` are two roots
    kept: list[Interval] | None = found[0]
    for pieces in found[1:]:
        kept = None if kept is None else intersection(kept, pieces)
    return kept


def variables(node: Node) -> frozenset[str]:
    """The letters that a relation, or relations, say something about; none for a set without a name."""
    if isinstance(node, Listing):
        return frozenset[str]().union(*map(variables, node.items))
    if not isinstance(node, Relation):
        return frozenset()
    return frozenset[str]().union(*(symbols(side) for side in node.sides if is_expression(side)))


def _relation(node: Relation) -> list[Interval] | None:
    """Of one variable between or beside numbers."""
    if node.operators in (("in",), ("=",), ("!=",)):
        return _beside(node)
    if set(node.operators) <= {"<", "<="}:
        return _ascending(node)
    return _ascending(turned(node)) if set(node.operators) <= {">", ">="} else None


def _beside(node: Relation) -> list[Interval] | None:
    """x in a set, x = 1, or x != 1."""
    name, value = node.sides
    if not isinstance(name, Symbol):
        return None
    if node.operators == ("in",):
        return _pieces(value)
    if not is_constant(value):
        return None
    return [point(value)] if node.operators == ("=",) else complement([point(value)])


def _ascending(node: Relation) -> list[Interval] | None:
    """low < x <= high, x < high, or low < x."""
    sides, operators = node.sides, node.operators
    places = [place for place, side in enumerate(sides) if isinstance(side, Symbol)]
    if len(places) != 1:
        return None
    before, after = sides[: places[0]], sides[places[0] + 1 :]
    low, high = _end(before, MINUS_INFINITY), _end(after, INFINITY)
    if low is None or high is None:
        return None
    return [Interval(low, high, bool(before) and operators[0] == "<=", bool(after) and operators[-1] == "<=")]


def _end(sides: tuple[Node, ...], unbounded: Expression) -> Expression | None:
    """The number that the sides before or after a variable are, if any; None where they are not just one."""
    if not sides:
        return unbounded
    return sides[0] if len(sides) == 1 and is_constant(sides[0]) else None


def _operation(node: SetOperation) -> list[Interval] | None:
    left, right = _pieces(node.left), _pieces(node.right)
    if left is None or right is None:
        return None
    if node.name == "cup":
        return left + right
    if node.name == "setminus":
        right = complement(right)
    return None if right is None else intersection(left, right)
