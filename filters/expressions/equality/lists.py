"""The rule for keys that are lists or sets."""

from filters.expressions import domains
from filters.expressions.equality.assignments import roots, unnamed
from filters.expressions.equality.findings import Compare, Finding, in_order
from filters.expressions.equality.mappings import compare_mappings, mapping
from filters.expressions.equality.relations import compare_domains
from filters.expressions.syntax import Braced, Bracketed, Listing, Node, Relation, is_scalar
from filters.matching import distinct, pair_off


def compare_items(gold: Listing | Braced, given: Node, compare: Compare) -> Finding:
    """In any order; a list with commas may be written as a tuple, and is then in its order."""
    names = mapping(gold)
    if names is not None:
        return compare_mappings(names, given, compare)
    if isinstance(gold, Listing) and domains.domain(gold) is not None:
        found = compare_domains(gold, given, compare)
        if found != "other_kind":
            return found
    is_list = isinstance(gold, Listing) and gold.joint == ","
    if is_list and isinstance(given, Bracketed) and given.opening + given.closing == "()":
        return in_order(roots(gold.items), given.items, compare)
    given = unnamed(given)
    if isinstance(given, Listing | Braced):
        return _compare_unordered(gold, given, compare)
    if len(gold.items) == 1:
        return compare(gold.items[0], given)
    return "differs" if is_scalar(given) else "other_kind"


def _compare_unordered(gold: Listing | Braced, given: Listing | Braced, compare: Compare) -> Finding:
    """One to one; in a set what is written twice counts once."""

    def same(a: Node, b: Node) -> bool:
        return isinstance(a, Braced) == isinstance(b, Braced) and compare(a, b) == "equal"

    if mapping(given) is not None or (isinstance(gold, Listing) and _joins(gold, given)):
        return "differs"
    ours, theirs = roots(gold.items), roots(given.items)
    if isinstance(gold, Braced) or isinstance(given, Braced):
        ours, theirs = distinct(ours, same), distinct(theirs, same)
    return "equal" if pair_off(ours, theirs, same) else "differs"


def _joins(gold: Listing, given: Listing | Braced) -> bool:
    """Whether one side joins relations by `or` and the other does not."""
    relations = any(isinstance(item, Relation) and item.operators != ("=",) for item in gold.items)
    return relations and isinstance(given, Listing) and (gold.joint == "or") != (given.joint == "or")
