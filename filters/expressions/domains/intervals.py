"""Intervals of real numbers: their order, union, intersection and complement, by the values of their ends."""

from dataclasses import dataclass, replace
from typing import Any, TypeGuard

from filters.expressions import numeric
from filters.expressions.syntax import INFINITY, MINUS_INFINITY, Expression, Node, is_expression, symbols


@dataclass(frozen=True, slots=True)
class Interval:
    """All numbers between two ends, each part of it or not; a point has equal ends, both part of it."""

    low: Expression
    high: Expression
    has_low: bool
    has_high: bool


Domain = tuple[Interval, ...]  # apart from each other, from left to right


def point(value: Expression) -> Interval:
    return Interval(value, value, True, True)


def joined(pieces: list[Interval]) -> Domain | None:
    """From left to right, with pieces that overlap or touch made one; None where an end is no real number."""
    if any(_at(end) is None for piece in pieces for end in (piece.low, piece.high)):
        return None
    kept = [piece for piece in map(_open_at_infinity, pieces) if _is_not_empty(piece)]
    found: list[Interval] = []
    for piece in sorted(kept, key=lambda piece: (_at(piece.low), not piece.has_low)):
        if found and _touch(found[-1], piece):
            found[-1] = _union(found[-1], piece)
        else:
            found.append(piece)
    return tuple(found)


def intersection(left: list[Interval], right: list[Interval]) -> list[Interval] | None:
    """What is in both; None where an end is no real number."""
    if any(_at(end) is None for piece in (*left, *right) for end in (piece.low, piece.high)):
        return None
    found = []
    for a in left:
        for b in right:
            low, opens = max((_at(a.low), not a.has_low), (_at(b.low), not b.has_low))
            high, has_high = min((_at(a.high), a.has_high), (_at(b.high), b.has_high))
            if low < high or (low == high and not opens and has_high):
                low_end = a.low if (_at(a.low), not a.has_low) == (low, opens) else b.low
                high_end = a.high if (_at(a.high), a.has_high) == (high, has_high) else b.high
                found.append(Interval(low_end, high_end, not opens, has_high))
    return found


def complement(pieces: list[Interval]) -> list[Interval] | None:
    """All other real numbers; None where an end is no real number."""
    apart = joined(pieces)
    if apart is None:
        return None
    found: list[Interval] = []
    low: Expression = MINUS_INFINITY
    has_low = False
    for piece in apart:
        if _at(low) < _at(piece.low):
            found.append(Interval(low, piece.low, has_low, not piece.has_low))
        low, has_low = piece.high, not piece.has_high
    if _at(low) < _at(INFINITY):
        found.append(Interval(low, INFINITY, has_low, False))
    return found


def _open_at_infinity(piece: Interval) -> Interval:
    mp = numeric.context()
    return replace(
        piece,
        has_low=piece.has_low and bool(mp.isfinite(_at(piece.low))),
        has_high=piece.has_high and bool(mp.isfinite(_at(piece.high))),
    )


def _is_not_empty(piece: Interval) -> bool:
    low, high = _at(piece.low), _at(piece.high)
    return bool(low < high or (low == high and piece.has_low and piece.has_high))


def _touch(left: Interval, right: Interval) -> bool:
    end, begin = _at(left.high), _at(right.low)
    return bool(begin < end or (begin == end and (left.has_high or right.has_low)))


def _union(left: Interval, right: Interval) -> Interval:
    if (_at(left.high), left.has_high) >= (_at(right.high), right.has_high):
        return left
    return Interval(left.low, right.high, left.has_low, right.has_high)


def _at(end: Expression) -> Any:
    """The end as mpmath's number, to fifty digits, infinities included; None where it is no real number."""
    mp = numeric.context()
    if end == INFINITY:
        return mp.inf
    if end == MINUS_INFINITY:
        return -mp.inf
    return numeric.real_value(end, {}) if is_constant(end) else None


def is_constant(node: Node) -> TypeGuard[Expression]:
    """Whether it is an expression without variables."""
    return is_expression(node) and not symbols(node)
