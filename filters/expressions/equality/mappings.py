"""Several names with a value each: `x = 1, y = 2` or `(x, y) = (1, 2)`."""

from collections.abc import Mapping

from filters.expressions.equality.assignments import assignment
from filters.expressions.equality.findings import Compare, Finding, in_order
from filters.expressions.syntax import Braced, Bracketed, Listing, Node, Relation, Symbol


def mapping(node: Node) -> Mapping[str, Node] | None:
    """The values by their names, sorted, of `x = 1, y = 2` or `(x, y) = (1, 2)`; None for any but several names."""
    pairs = _of_tuples(node) if isinstance(node, Relation) else _of_list(node)
    if pairs is None or len(pairs) < 2 or len({name for name, _ in pairs}) < len(pairs):
        return None
    return dict(sorted(pairs, key=lambda pair: pair[0]))


def _of_list(node: Node) -> list[tuple[str, Node]] | None:
    if not isinstance(node, Listing) or node.joint == "or":
        return None
    found = [assignment(item) for item in node.items]
    assigned = [(each.name, each.value) for each in found if each is not None]
    return assigned if len(assigned) == len(found) else None


def _of_tuples(node: Relation) -> list[tuple[str, Node]] | None:
    names, values = node.sides[0], node.sides[-1]
    if node.operators != ("=",) or not isinstance(names, Bracketed) or not isinstance(values, Bracketed):
        return None
    letters = [item.name for item in names.items if isinstance(item, Symbol)]
    if not (len(letters) == len(names.items) == len(values.items)):
        return None
    return list(zip(letters, values.items, strict=True))


def compare_mappings(names: Mapping[str, Node], given: Node, compare: Compare) -> Finding:
    """Value by value under the same names; a tuple or a list without names is in the order of the alphabet."""
    others = mapping(given)
    if others is not None:
        return (
            in_order(list(names.values()), list(others.values()), compare)
            if names.keys() == others.keys()
            else "differs"
        )
    if isinstance(given, Bracketed) and given.opening + given.closing == "()":
        return in_order(list(names.values()), given.items, compare)
    if isinstance(given, Listing) and given.joint == "," and not any(map(assignment, given.items)):
        return in_order(list(names.values()), given.items, compare)
    return "differs" if isinstance(given, Listing | Braced) else "other_kind"
