"""Equations and inequalities: their links, their rearrangement, the interval they describe."""

import sympy
from latex2sympy2_extended.logic import And
from sympy.core.relational import Relational

from filters.matching import pair_off
from filters.symbolic.values import names, proportional

_FLIPPED = {sympy.StrictGreaterThan: sympy.StrictLessThan, sympy.GreaterThan: sympy.LessThan}
_STRICT = sympy.StrictLessThan


def is_relation(expression: sympy.Basic) -> bool:
    return isinstance(expression, Relational | And)


def links(relation: sympy.Basic) -> list[Relational]:
    """The links of a chain such as `1 < x < 2`, in the order of writing."""
    return list(relation._unsorted_args) if isinstance(relation, And) else [relation]


def same_relations(gold: sympy.Basic, answer: sympy.Basic) -> bool:
    return pair_off(links(gold), links(answer), _same_links)


def _same_links(gold: Relational, answer: Relational) -> bool:
    (kind, left), (other_kind, right) = _rearranged(gold), _rearranged(answer)
    if kind is not other_kind or not (isinstance(left, sympy.Expr) and isinstance(right, sympy.Expr)):
        return False
    return proportional(left, right, positive=kind not in (sympy.Eq, sympy.Ne))


def _rearranged(link: Relational) -> tuple[type, sympy.Basic | None]:
    """The relation as `expression < 0`, `<= 0`, `= 0` or `!= 0`."""
    left, right = (link.rhs, link.lhs) if type(link) in _FLIPPED else (link.lhs, link.rhs)
    if not (isinstance(left, sympy.Expr) and isinstance(right, sympy.Expr)):
        return type(link), None
    difference = sympy.Add(left, sympy.Mul(-1, right, evaluate=False), evaluate=False)
    return _FLIPPED.get(type(link), type(link)), difference


def interval_of(relation: sympy.Basic) -> sympy.Interval | None:
    """The interval that inequalities with their one variable alone on a side describe, or None."""
    ends: dict[str, tuple[sympy.Basic, bool]] = {}
    for link in links(relation):
        flip = type(link) in _FLIPPED
        small, large = (link.rhs, link.lhs) if flip else (link.lhs, link.rhs)
        kind = _FLIPPED.get(type(link), type(link))
        side, bound = ("high", large) if isinstance(small, sympy.Symbol) else ("low", small)
        variable = small if side == "high" else large
        if kind not in (_STRICT, sympy.LessThan) or not isinstance(variable, sympy.Symbol):
            return None
        if names(bound) or side in ends or names(variable) != names(relation):
            return None
        ends[side] = (bound, kind is _STRICT)
    low, left_open = ends.get("low", (-sympy.oo, True))
    high, right_open = ends.get("high", (sympy.oo, True))
    interval = sympy.Interval(low, high, left_open, right_open)
    return interval if isinstance(interval, sympy.Interval) else None
