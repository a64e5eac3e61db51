"""Which rule compares two answers: that of the key's kind."""

from filters.expressions import scalars
from filters.expressions.equality.assignments import value_of
from filters.expressions.equality.findings import Finding
from filters.expressions.equality.lists import compare_items
from filters.expressions.equality.relations import compare_domains, compare_relation
from filters.expressions.equality.settled import settled_by
from filters.expressions.equality.tuples import as_fraction, compare_bracketed, compare_matrix, compare_ratio
from filters.expressions.syntax import (
    Based,
    Braced,
    Bracketed,
    Listing,
    Matrix,
    Node,
    Ratio,
    Relation,
    Scalar,
    SetOperation,
    Words,
    is_scalar,
)
from filters.grammar import TooLargeError


def compare(gold: Node, given: Node) -> Finding:
    """Whether `given` is the answer `gold`; never raises for what a model may write."""
    if gold == given:
        return "equal"
    try:
        return _compare(settled(gold), settled(given))
    except TooLargeError:
        return "too_large"
    except ZeroDivisionError:
        return "undecided"


def settled(node: Node) -> Node:
    """With ± spelled out as two answers, and chains of equal values (`1/2 = 0.5`) as one."""
    return settled_by(node, compare)


def _compare(gold: Node, given: Node) -> Finding:
    if gold == given:
        return "equal"
    if is_scalar(gold):
        return _compare_scalar(gold, value_of(given))
    if isinstance(gold, Relation):
        return compare_relation(gold, given, compare)
    if isinstance(gold, Listing | Braced):
        return compare_items(gold, given, compare)
    if isinstance(gold, Bracketed):
        return compare_bracketed(gold, given, compare)
    if isinstance(gold, Matrix):
        return compare_matrix(gold, given, compare)
    if isinstance(gold, SetOperation):
        return compare_domains(gold, given, compare)
    if isinstance(gold, Ratio):
        return compare_ratio(gold, given, compare)
    return _compare_as_written(gold, given)


def _compare_scalar(gold: Scalar, given: Node) -> Finding:
    if is_scalar(given):
        return scalars.compare(gold, given)
    fraction = as_fraction(given) if isinstance(given, Ratio) else None
    return "other_kind" if fraction is None else scalars.compare(gold, fraction)


def _compare_as_written(gold: Node, given: Node) -> Finding:
    """Words, and digits in a base, which are equal only if they are the same."""
    if isinstance(gold, Words) and isinstance(given, Words):
        return "equal" if gold.text.strip(" .") == given.text.strip(" .") else "differs"
    if isinstance(gold, Based) and isinstance(given, Based):
        return "differs"
    return "other_kind"
