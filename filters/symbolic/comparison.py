"""Whether two answers of any kind are the same: component by component, down to values at random points.

Sets and unions are matched in any order, tuples and matrices in their order. `x = 5` is 5 under a name: names
that both give must be the same. A general equation, or an inequality, is its `left - right` up to a factor.
A chain `a = b = c` counts only if it is true. `1 < x < 2` is the interval (1, 2).
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import sympy
from sympy.core.function import AppliedUndef

from filters.matching import distinct, pair_off
from filters.symbolic.relations import interval_of, is_relation, links, same_relations
from filters.symbolic.values import agree, names


@dataclass(frozen=True)
class _Named:
    """`name = value`; no name for a bare value."""

    name: sympy.Basic | None
    value: sympy.Basic


def same(gold: sympy.Basic, answer: sympy.Basic) -> bool:
    """Whether both mean the same. Raises values.Undecided where only a value could tell and there is none."""
    if gold == answer:
        return True
    truth, found = _named(gold), _named(answer)
    if isinstance(truth.value, sympy.Interval) and is_relation(found.value):
        found = _Named(None, interval_of(found.value) or found.value)
    if is_relation(truth.value) and isinstance(found.value, sympy.Interval):
        truth = _Named(None, interval_of(truth.value) or truth.value)
    if is_relation(truth.value):
        return is_relation(answer) and same_relations(truth.value, answer)
    if truth.name is not None and found.name is None and is_relation(found.value) and names(truth.value):
        return same_relations(gold, answer)
    if truth.name is not None and found.name is not None and truth.name != found.name:
        return False
    return _same_values(truth.value, found.value)


def _same_values(gold: sympy.Basic, answer: sympy.Basic) -> bool:
    if isinstance(gold, sympy.MatrixBase | sympy.MatrixExpr):
        return _same_matrices(gold, answer)
    for kind, compared in _BY_KIND.items():
        if isinstance(gold, kind):
            return isinstance(answer, kind) and compared(gold, answer)
    if isinstance(gold, sympy.Set) or not isinstance(gold, sympy.Expr):
        return isinstance(answer, sympy.Set) and bool(gold.doit() == answer.doit())
    scalar = isinstance(answer, sympy.Expr) and not isinstance(answer, sympy.MatrixExpr)
    return scalar and agree(gold, answer)


def _same_intervals(gold: sympy.Interval, answer: sympy.Interval) -> bool:
    open_alike = (gold.left_open, gold.right_open) == (answer.left_open, answer.right_open)
    return open_alike and agree(gold.start, answer.start) and agree(gold.end, answer.end)


def _same_matrices(gold: sympy.Basic, answer: sympy.Basic) -> bool:
    left, right = gold.doit(), answer.doit()
    if not (isinstance(left, sympy.MatrixBase) and isinstance(right, sympy.MatrixBase)):
        return bool(left == right)
    return left.shape == right.shape and _in_order(list(left), list(right))


def _in_order(gold: Sequence[sympy.Basic], answer: Sequence[sympy.Basic]) -> bool:
    return len(gold) == len(answer) and all(same(*pair) for pair in zip(gold, answer, strict=True))


def _in_any_order(gold: Sequence[sympy.Basic], answer: Sequence[sympy.Basic]) -> bool:
    return pair_off(distinct(gold, same), distinct(answer, same), same)


def _named(expression: sympy.Basic) -> _Named:
    """An assignment or a true chain of equal sides as its value; anything else as it is."""
    if isinstance(expression, sympy.FiniteSet):
        members = [_named(member) for member in expression.args]
        given = {member.name for member in members} - {None}
        if len(given) == 1:  # `x = 1, x = 2`, or `x = 1, 2`
            return _Named(given.pop(), sympy.FiniteSet(*(member.value for member in members)))
    if not is_relation(expression) or not all(isinstance(link, sympy.Eq) for link in links(expression)):
        return _Named(None, expression)
    chain = links(expression)
    first, *rest = [chain[0].lhs, *(link.rhs for link in chain)]
    if len(rest) == 1 and _is_name(rest[0], first):
        first, rest = rest[0], [first]
    name = first if all(_is_name(first, side) for side in rest) else None
    sides = rest if name is not None else [first, *rest]
    comparable = [side for side in sides if names(side) == names(sides[-1])]
    if len(comparable) < len(sides) and name is None:
        return _Named(None, expression)
    true = all(_same_values(sides[-1], side) for side in comparable[:-1])
    return _Named(name, sides[-1]) if true else _Named(None, expression)


def _is_name(side: sympy.Basic, other: sympy.Basic) -> bool:
    """Whether one side of an equation is only a name for the other: x, or f(x)."""
    if isinstance(side, AppliedUndef):
        return not other.has(side.func)
    return isinstance(side, sympy.Symbol) and side.name not in names(other)


_BY_KIND: dict[type, Callable[[Any, Any], bool]] = {
    sympy.Interval: _same_intervals,
    sympy.FiniteSet: lambda gold, answer: _in_any_order(gold.args, answer.args),
    sympy.Union: lambda gold, answer: _in_any_order(gold.args, answer.args),
    sympy.Tuple: lambda gold, answer: _in_order(gold.args, answer.args),
}
