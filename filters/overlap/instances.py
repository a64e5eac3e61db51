"""What names a task among those of its template: its operands.

Questions such as `Add 13+5` share their words with every other one of their family, so runs of words would call
them all copies. What is left when the family's words are taken out tells them apart: `13+5`.
"""

import re
from collections import Counter
from collections.abc import Iterable

from filters.overlap.normal import unstyled

_PARTS = re.compile(r"\w+|[^\w\s]")
_SEPARATORS = frozenset(",.?:;\"'$")


def template_words(questions: Iterable[str]) -> frozenset[str]:
    """The words, of two letters or more, that stand in over half of the questions of a family."""
    counts = Counter[str]()
    asked = 0
    for question in questions:
        counts.update({part.casefold() for part in _PARTS.findall(unstyled(question)) if _is_word(part)})
        asked += 1
    return frozenset(word for word, count in counts.items() if 2 * count > asked)


def instance(family: str, question: str, template: frozenset[str]) -> str:
    """The family and the operands in their order; empty if the template's words are all there is."""
    parts = [part for part in _PARTS.findall(unstyled(question)) if part not in _SEPARATORS]
    operands = [part for part in parts if part.casefold() not in template]
    if _enclosed(operands):
        operands = operands[1:-1]
    return f"{family}: {' '.join(operands)}" if operands else ""


def _is_word(part: str) -> bool:
    return len(part) > 1 and part.isalpha()


def _enclosed(parts: list[str]) -> bool:
    """Whether one pair of parentheses holds everything: `(84, 36)`, but not `(a&T)|(b&T)`."""
    depth = 0
    for place, part in enumerate(parts):
        depth += (part == "(") - (part == ")")
        if depth == 0:
            return part == ")" and place == len(parts) - 1
    return False
