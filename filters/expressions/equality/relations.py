"""Rules for keys that are equations, inequalities or sets of numbers."""

from filters.expressions import domains, exact, numeric
from filters.expressions.equality.assignments import assignment, may_be_one
from filters.expressions.equality.findings import Compare, Finding, in_order
from filters.expressions.equality.mappings import compare_mappings, mapping
from filters.expressions.syntax import (
    Expression,
    Node,
    Operation,
    Relation,
    are_expressions,
    symbols,
)


def compare_relation(gold: Relation, given: Node, compare: Compare) -> Finding:
    """A value under a name, else an equation, else an inequality or a membership."""
    names = mapping(gold)
    if names is not None:
        return compare_mappings(names, given, compare)
    solved = assignment(gold)
    if solved is not None:
        found = assignment(given)
        if found is not None:
            same_name = may_be_one(solved, found)
            finding = compare(solved.value, found.value) if same_name else "differs"
            if finding == "equal" or not symbols(solved.value):
                return finding
            return _compare_equations(gold, given)
        if not isinstance(given, Relation):
            return compare(solved.value, given)
        if not symbols(solved.value) and gold.operators == ("=",):
            return "other_kind"  # an equation that is still to be solved
    if gold.operators == ("=",):
        return _compare_equations(gold, given)
    return compare_domains(gold, given, compare)


def compare_domains(gold: Node, given: Node, compare: Compare) -> Finding:
    """As sets of real numbers where both are; inequalities of several variables as they are written."""
    names, others = domains.variables(gold), domains.variables(given)
    if names and others and names != others:
        return "differs"
    ours, theirs = domains.domain(gold), domains.domain(given)
    if ours is not None and theirs is not None:
        return "equal" if domains.same(ours, theirs) else "differs"
    if isinstance(gold, Relation) and isinstance(given, Relation):
        return _compare_inequalities(gold, given, compare)
    return "other_kind"


def _compare_inequalities(gold: Relation, given: Relation, compare: Compare) -> Finding:
    """Side by side, as written or turned around."""
    for written in (given, domains.turned(given)):
        if gold.operators == written.operators and in_order(gold.sides, written.sides, compare) == "equal":
            return "equal"
    return "differs"


def _compare_equations(gold: Relation, given: Node) -> Finding:
    """Up to a constant factor; where that cannot be computed, up to the sign."""
    if not isinstance(given, Relation) or given.operators != ("=",):
        return "other_kind"
    ours, theirs = difference(gold), difference(given)
    if ours is None or theirs is None:
        return "other_kind"
    try:
        return "equal" if exact.proportional(exact.quotient(ours), exact.quotient(theirs)) else "differs"
    except exact.NotExactError:
        pass
    found = [numeric.compare(ours, theirs), numeric.compare(ours, _negative(theirs))]
    return "equal" if "equal" in found else "undecided" if "undecided" in found else "differs"


def difference(equation: Relation) -> Operation | None:
    """The left side less the right one, which the equation sets to zero; None where a side has no value."""
    if not are_expressions(equation.sides):
        return None
    left, right = equation.sides
    return Operation("add", (left, _negative(right)))


def _negative(expression: Expression) -> Operation:
    return Operation("neg", (expression,))
