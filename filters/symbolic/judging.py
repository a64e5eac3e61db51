"""In the worker: read both answers, compare them, and say what was found. Importing this imports sympy."""

import logging

from math_verify import verify
from sympy import nan, zoo

from filters.symbolic import Finding, UnreadableGold
from filters.symbolic.comparison import same
from filters.symbolic.reading import Answer, Unreadable, done, operations, read

logging.disable()  # math-verify logs what it cannot do, at length


def judged(gold: str, answer: str) -> Finding:
    """See `filters.symbolic.equal`. Needs a process with limits: sympy has none of its own."""
    try:
        truth = read(gold)
    except Unreadable as reason:
        raise UnreadableGold(f"the gold answer {gold!r} is not mathematics: {reason}") from None
    if truth.value.has(nan, zoo):
        raise UnreadableGold(f"the gold answer {gold!r} has no value")
    try:
        found = read(answer)
    except Unreadable:
        return "unreadable"
    if not operations(found) <= operations(truth):
        return "undone"
    if truth.unit and found.unit and truth.unit != found.unit:
        return "unit_differs"
    return _compared(done(truth), done(found))


def _compared(truth: Answer, found: Answer) -> Finding:
    try:
        return "equal" if same(truth.value, found.value) else "differs"
    except MemoryError:
        raise
    except Exception:  # Undecided, or anything that sympy raises on the way
        # math-verify is weaker evidence than values are: what it alone holds for equal is not accepted
        claimed = verify(truth.value, found.value, timeout_seconds=None)
        return "unconfirmed" if claimed else "differs"
