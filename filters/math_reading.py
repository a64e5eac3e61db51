"""How the judge `math` reads the key and the answer, and which readable texts are no answers all the same."""

import re
from typing import Literal

from curriculum.records import Problem
from filters.expressions.notation import FUNCTIONS, UnknownNotationError, read_answer
from filters.expressions.syntax import Node, Operation, Relation, Words
from filters.extraction import final_answer
from filters.grammar import TooLargeError, UnreadableError
from filters.unit_words import is_unit
from filters.verdicts import shown

Refusal = Literal["too_large", "unreadable"]
Given = Node | Refusal | None

_MARKS = re.compile(r"\\left|\\right|\\[,;:! ()\[\]]|\\displaystyle|[\s${}]|\\boxed")
_SIZED = re.compile(r"\\[dtc](frac|binom)")
_TEXT_COMMAND = re.compile(r"\\(?:text|textbf|mathrm|mbox) ?\{([^{}\\]*)\}")
_PROSE = re.compile(r"[A-Za-z0-9 ,'’:-]{3,100}")
_LONG_WORD = re.compile(r"[A-Za-z]{3}")
_WORD = re.compile(r"(?<![\\A-Za-z{])[A-Za-z]{3,}")
_UNIT = re.compile(r"(?<=[0-9)}\]$]) ?(?:\\text\w*)?[{ ]*(?P<unit>[A-Za-z][A-Za-z /.-]*)(?:\^[23])?[} ]*\.?$")
_KNOWN_WORDS = FUNCTIONS | {"and", "sqrt", "infinity", "inf"}


def key_of(problem: Problem) -> str:
    """The text of the key. A key may be a whole solution; then its box is the key. ValueError for a blank one."""
    answer = problem.answer
    if not answer.strip():
        raise _no_mathematics(problem, answer)
    return final_answer(answer).answer or answer if "\\boxed" in answer else answer


def read_key(problem: Problem, key: str) -> Node | None:
    """The tree of the key, or None where sympy may read it. ValueError where nobody can."""
    try:
        return read_answer(key)
    except (UnreadableError, TooLargeError) as error:
        if (words := as_prose(key)) is not None:
            return words
        if isinstance(error, UnknownNotationError) or "\\" in key:
            return None
        raise _no_mathematics(problem, key, f": {error}") from error


def _no_mathematics(problem: Problem, key: str, why: str = "") -> ValueError:
    return ValueError(f"the answer of problem {problem.key} must be mathematics, not {shown(key)!r}{why}")


def read_given(answer: str) -> Given:
    """The tree, None where sympy shall try, or the reason why nobody shall."""
    try:
        return read_answer(answer)
    except TooLargeError:
        return "too_large"
    except UnknownNotationError:
        return None
    except UnreadableError:
        return "unreadable"


def as_prose(text: str) -> Words | None:
    """A key in words with numbers among them, such as `June 20`, or an answer to one; it is met by the same words."""
    plain = _TEXT_COMMAND.sub(r" \1 ", text).replace("$", " ").replace("\\ ", " ").rstrip(" .")
    if _PROSE.fullmatch(plain) is None or _LONG_WORD.search(plain) is None:
        return None
    return Words(" ".join(plain.lower().split()))


def is_nothing_but_an_answer(text: str, given: Given, gold: Node | None) -> bool:
    """Whether a text without a marker is an answer: it reads as one, or is a formula in its marks."""
    if given is None:
        return text[0] == text[-1] == "$"
    if isinstance(given, str | Words):
        return given == gold
    unit = _UNIT.search(text)
    if unit is not None and is_unit(unit["unit"]):
        text = text[: unit.start()]
    return all(word in _KNOWN_WORDS for word in _WORD.findall(text))


def restates(problem: Problem, answer: str, gold: Node | None, given: Given) -> bool:
    """Whether an answer that calculates or equates stands in the question, and is not how the key is written."""
    written = _unmarked(answer)
    if len(written) < 2 or written not in _unmarked(problem.question):
        return False
    if written == _unmarked(problem.answer):
        return False
    if isinstance(given, Relation):
        return given != gold
    return given is None or (isinstance(given, Operation) and not _is_fraction(given))


def _unmarked(text: str) -> str:
    """Without what only sets a formula."""
    return _SIZED.sub(r"\\\1", _MARKS.sub("", text))


def _is_fraction(given: Operation) -> bool:
    return given.name in ("div", "neg") and not any(
        isinstance(operand, Operation) for operand in given.operands
    )
