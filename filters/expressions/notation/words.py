"""Answers in words: `no solution`, `all real numbers`, `Monday`, points such as `AB`, and units behind numbers."""

import re

from filters import unit_words
from filters.expressions.syntax import REALS, Braced, Bracketed, Words

_PROSE = re.compile(r"[A-Za-z][A-Za-z'’ -]*")
_BETWEEN_RUNS = re.compile(r"[ '’-]")
_LONE_LETTER = re.compile(r"(?<![A-Za-z])(?!an?\b)[A-Za-z](?![A-Za-z])")
_VOWEL = re.compile(r"[aeiou]")
_KNOWN_NAMES = re.compile(
    r"(?:inf|infinity|oo|pi|alpha|beta|gamma|delta|theta|lambda|mu|sigma|omega|phi|psi)", re.IGNORECASE
)
NO_SOLUTION = frozenset(
    ["no solution", "no solutions", "no real solution", "no real solutions", "none", "empty set"]
)
_ALL_REALS = frozenset(["all real numbers", "all reals", "real numbers"])
_UNDEFINED = frozenset(
    [
        "dne", "does not exist", "doesn't exist", "doesn’t exist", "do not exist", "the limit does not exist",
        "undefined", "is undefined", "not defined", "is not defined",
    ]
)  # fmt: skip
_WORDS = frozenset(
    [
        "yes",
        "no",
        "true",
        "false",
        "odd",
        "even",
        "prime",
        "composite",
        "rational",
        "irrational",
        "positive",
        "negative",
        "increasing",
        "decreasing",
        "converges",
        "diverges",
        "convergent",
        "divergent",
        "always",
        "sometimes",
        "never",
        "both",
        "neither",
    ]
)  # in any case: NO is no segment


def words_alone(text: str) -> Words | Braced | Bracketed | None:
    """What a text of letters means; None where it may be mathematics, such as `x`, `xy`, `a b` and `pi`."""
    if _PROSE.fullmatch(text) is None:
        return None
    plain = " ".join(text.split())
    lowered = plain.lower()
    if lowered in _WORDS:
        return Words(lowered)
    if lowered in _UNDEFINED:
        return Words("undefined")
    runs = _BETWEEN_RUNS.split(plain)
    if len(runs) == 1 and _is_product(plain):
        return None
    in_capitals = len(runs) == 1 and plain.isupper()  # such as the segment AB
    shortest_word = 2 if in_capitals else 3
    if max(map(len, runs)) < shortest_word or _KNOWN_NAMES.fullmatch(plain):
        return None
    if lowered in NO_SOLUTION:
        return Braced(())
    if lowered in _ALL_REALS:
        return REALS
    return Words(plain if in_capitals else lowered)


def _is_product(run: str) -> bool:
    """Whether a lone run is letters side by side, such as mgh and qvB, and neither a word, a name nor a segment."""
    in_one_case = run.islower() or run.isupper() or run.istitle()
    return len(run) == 3 and (not in_one_case or (run.islower() and not _VOWEL.search(run)))


def is_unit(text: str) -> bool:
    """Whether words behind a number and a blank, outside \\text{}, are its unit; a letter there is a variable."""
    return unit_words.is_unit(text) and (
        _LONE_LETTER.search(text) is None or text.lower().replace(".", "") in ("am", "pm")
    )


def without_dots(unit: str) -> Words:
    """The unit of a ratio or a time, such as `p.m.`, as words."""
    return Words(unit.lower().replace(".", ""))
