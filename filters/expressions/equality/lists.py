"""The rule for keys that are lists or sets."""

from filters.expressions import domains
from filters.expressions.equality.assignments import roots, unnamed
from filters.expressions.equality.findings import Compare, Finding, in_order
from filters.expressions.equality.relations import compare_domains
from filters.expressions.syntax import Braced, Bracketed, Listing, Node, is_scalar
from filters.matching import distinct, pair_off


def compare_items(gold: Listing | Braced, given: Node, compare: Compare) -> Finding:
    """In any order; a list with commas may be written as a tuple, and is then in its order."""
    if isinstance(gold, Listing) and gold.joint == "or" and domains.domain(gold) is not None:
        found = compare_domains(gold, given, compare)
        if found != "other_kind":
            return found
    is_list = isinstance(gold, Listing) and gold.joint == ","
    if is_list and isinstance(given, Bracketed) and given.opening == "(":
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
        return compare(a, b) == "equal"

    ours, theirs = roots(gold.items), roots(given.items)
    if isinstance(gold, Braced) or isinstance(given, Braced):
        ours, theirs = distinct(ours, same), distinct(theirs, same)
    return "equal" if pair_off(ours, theirs, same) else "differs"
