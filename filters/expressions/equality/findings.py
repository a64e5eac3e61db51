"""What comparing two answers finds, and how findings on items make one on all of them."""

from collections.abc import Callable, Sequence
from typing import Literal

from filters.expressions.syntax import Node

Finding = Literal["equal", "differs", "undone", "unit_differs", "other_kind", "undecided", "too_large"]
Compare = Callable[[Node, Node], Finding]  # of the key's node and the given one; rules get it for their items


def in_order(gold: Sequence[Node], given: Sequence[Node], compare: Compare) -> Finding:
    """Items side by side: equal if all are, else the first finding that is not."""
    if len(gold) != len(given):
        return "differs"
    findings = (compare(ours, theirs) for ours, theirs in zip(gold, given, strict=True))
    return next((found for found in findings if found != "equal"), "equal")
