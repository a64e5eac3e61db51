"""Answers in words: `no solution`, `all real numbers`, `Monday`, points such as `AB`, and units behind numbers."""

import re

from filters.expressions.syntax import REALS, Braced, Bracketed, Words
from filters.numerals import changes_the_value

MAX_UNIT_WORDS = 5

_PROSE = re.compile(r"[A-Za-z][A-Za-z'’ -]*")
_BETWEEN_RUNS = re.compile(r"[ '’-]")
_KNOWN_NAMES = re.compile(
    r"(?:inf|infinity|oo|pi|alpha|beta|gamma|delta|theta|lambda|mu|sigma|omega|phi|psi)", re.IGNORECASE
)
NO_SOLUTION = frozenset(
    ["no solution", "no solutions", "no real solution", "no real solutions", "none", "empty set"]
)
_ALL_REALS = frozenset(["all real numbers", "all reals", "real numbers"])


def words_alone(text: str) -> Words | Braced | Bracketed | None:
    """What a text of letters means; None where it may be mathematics, such as `x`, `xy`, `a b` and `pi`."""
    if _PROSE.fullmatch(text) is None:
        return None
    plain = " ".join(text.split())
    runs = _BETWEEN_RUNS.split(plain)
    in_capitals = len(runs) == 1 and plain.isupper()  # such as the segment AB
    shortest_word = 2 if in_capitals else 3
    if max(map(len, runs)) < shortest_word or _KNOWN_NAMES.fullmatch(plain):
        return None
    lowered = plain.lower()
    if lowered in NO_SOLUTION:
        return Braced(())
    if lowered in _ALL_REALS:
        return REALS
    return Words(plain if in_capitals else lowered)


def is_unit(text: str) -> bool:
    """Whether a few words behind a number may be its unit, and leave its value as it is."""
    words = text.replace("^2", "").replace("^3", "").replace(".", "").split()
    return (
        len(words) <= MAX_UNIT_WORDS
        and not any(changes_the_value(word) for word in words)
        and any(len(word) > 1 for word in words)
        and all(len(word) > 1 or word in "amp" for word in words)
    )


def without_dots(unit: str) -> Words:
    """The unit of a ratio or a time, such as `p.m.`, as words."""
    return Words(unit.lower().replace(".", ""))
