"""The slow path of the `math` judge: what the closed grammar cannot read goes to sympy, in a killable worker.

    judging                   in the worker: read both, compare, say what was found
    spelling, reading         one spelling for each thing; text to sympy
    comparison, relations     by structure; equations and inequalities
    values                    at random points

math-verify's parser reads both texts, behind checks of our own (`reading` lists what it reads wrongly). Nothing
is taken for equal unless both have the same value, to 50 digits, wherever they were tried: see `values`.
Here, in the host, texts are only bounded and handed over; sympy is not imported.
"""

import re
from typing import Literal

from filters import workers

Finding = Literal["equal", "differs", "undone", "unit_differs", "unreadable", "unconfirmed"]

MAX_CHARACTERS = 2_000
MAX_DEPTH = 15  # of brackets of all kinds together; the parser's time grows with its cube
MAX_DIGITS = 400  # in a row

_LONG_NUMBER = re.compile(rf"[0-9]{{{MAX_DIGITS + 1}}}")


class UnreadableGold(ValueError):
    """The gold answer cannot be read, so no answer can be compared with it."""


def equal(gold: str, answer: str, *, wall_s: float = 5.0) -> Finding:
    """Whether two final answers, LaTeX or plain text, mean the same.

    `undone` is an answer that leaves an operation undone which the gold answer has done, such as an integral: it
    restates the question. `unconfirmed` is what math-verify alone holds for equal; count it as not right.
    Raises UnreadableGold, and workers.WorkerFailure when the time (`wall_s`, seconds) or the memory ran out.
    """
    if not _bounded(gold):
        raise UnreadableGold(
            f"a gold answer has at most {MAX_CHARACTERS} characters, nested {MAX_DEPTH} deep"
        )
    if not _bounded(answer):
        return "unreadable"
    return workers.call(_judged, gold, answer, wall_s=wall_s)


def _judged(gold: str, answer: str) -> Finding:
    from filters.symbolic.judging import judged

    return judged(gold, answer)


def _bounded(text: str) -> bool:
    """Whether a parser may start on it: short, not deep, no endless number, no lone surrogate."""
    if len(text) > MAX_CHARACTERS or _LONG_NUMBER.search(text):
        return False
    depth = deepest = 0
    for character in text:
        depth += (character in "({[") - (character in ")}]")
        deepest = max(deepest, depth)
    return deepest <= MAX_DEPTH and not any("\ud800" <= character <= "\udfff" for character in text)
