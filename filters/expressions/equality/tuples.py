"""Rules for keys with items in order: tuples and intervals, matrices, ratios."""

from collections.abc import Sequence

from filters.expressions import scalars
from filters.expressions.equality.assignments import assignment, unnamed, value_of
from filters.expressions.equality.findings import Compare, Finding, in_order
from filters.expressions.equality.mappings import mapping
from filters.expressions.equality.relations import compare_domains
from filters.expressions.syntax import (
    Bracketed,
    Listing,
    Matrix,
    Node,
    Number,
    Operation,
    Ratio,
    Relation,
    Words,
    are_expressions,
    is_scalar,
)


def compare_bracketed(gold: Bracketed, given: Node, compare: Compare) -> Finding:
    """A tuple, or an interval, which other notations may write too."""
    given = unnamed(given)
    names = mapping(given)
    if names is not None and gold.opening + gold.closing == "()":
        return in_order(gold.items, list(names.values()), compare)
    if isinstance(given, Bracketed):
        if (gold.opening, gold.closing) != (given.opening, given.closing):
            return "differs"
        return in_order(gold.items, given.items, compare)
    if isinstance(given, Matrix) and gold.opening + gold.closing == "()":
        return in_order(gold.items, _vector(given), compare)
    if isinstance(given, Listing) and gold.opening == "(" and gold.closing == ")":
        named = any(map(assignment, given.items))
        return "differs" if named or given.joint == "or" else in_order(gold.items, given.items, compare)
    return compare_domains(gold, given, compare)


def compare_matrix(gold: Matrix, given: Node, compare: Compare) -> Finding:
    """Entry by entry; a single column may be written as a tuple."""
    if isinstance(given, Relation) and given.operators == ("=",):
        given = given.sides[1]
    if isinstance(given, Bracketed) and given.opening + given.closing == "()":
        return in_order(_vector(gold), given.items, compare) if _vector(gold) else "other_kind"
    if not isinstance(given, Matrix):
        return "other_kind"
    if [len(row) for row in gold.rows] != [len(row) for row in given.rows]:
        return "differs"
    return in_order(_entries(gold), _entries(given), compare)


def _vector(matrix: Matrix) -> Sequence[Node]:
    """The entries of a single column, else nothing."""
    return [row[0] for row in matrix.rows] if all(len(row) == 1 for row in matrix.rows) else ()


def _entries(matrix: Matrix) -> Sequence[Node]:
    return [cell for row in matrix.rows for cell in row]


def compare_ratio(gold: Ratio, given: Node, compare: Compare) -> Finding:
    """Term by term, or as a fraction; a word at the end, such as p.m., may be left out on one side."""
    given = value_of(given)
    if isinstance(given, Ratio):
        ours, theirs = gold.terms, given.terms
        if isinstance(ours[-1], Words) != isinstance(theirs[-1], Words):
            ours, theirs = _numbers(ours), _numbers(theirs)
        return in_order(ours, theirs, compare)
    fraction = as_fraction(gold)
    return scalars.compare(fraction, given) if fraction is not None and is_scalar(given) else "other_kind"


def as_fraction(ratio: Ratio) -> Operation | None:
    """3:4 as 3/4; None for any but two numbers."""
    if len(ratio.terms) != 2 or not are_expressions(ratio.terms) or _may_be_a_time(*ratio.terms):
        return None
    return Operation("div", ratio.terms)


def _may_be_a_time(hours: Node, minutes: Node) -> bool:
    """3:30 is half past three rather than a tenth."""
    return (
        isinstance(minutes, Number) and minutes.value >= 10 and isinstance(hours, Number) and hours.value < 25
    )


def _numbers(terms: tuple[Node, ...]) -> tuple[Node, ...]:
    return tuple(term for term in terms if not isinstance(term, Words))
