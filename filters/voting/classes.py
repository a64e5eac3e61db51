"""Which answers vote together: each is brought to a canonical form, and equal forms are one class.

`16`, `016` and `\\boxed{16.}` are one. Forms are hashed, never compared pair by pair, so the work grows with the
number of votes.
"""

import re
from collections.abc import Callable

from curriculum.records import Finish, content_key
from filters.choice import final_choice, read_choice
from filters.extraction import final_answer
from filters.math import canonical
from filters.numerals import read_integer, read_number

MAX_CHARACTERS = 100  # of a class; a longer form is named by its hash

_UNFIT = re.compile("^sha256:|[\ud800-\udfff]")


def _integer(answer: str) -> str | None:
    value = read_integer(answer)
    return None if value is None else str(value)


def _number(answer: str) -> str | None:
    value = read_number(answer)
    return None if value is None else str(value)


def _text(answer: str) -> str | None:
    return " ".join(answer.split()) or None


CANONICAL: dict[str, Callable[[str], str | None]] = {
    "integer": _integer,
    "number": _number,
    "text": _text,
    "choice": read_choice,
    "math": canonical,
}


def answer_class(check: str, text: str, finish: Finish = "stop") -> str | None:
    """The class of a solution text's final answer; None where it has none that can be read, or no marker.

    ValueError for a kind of answer that has no classes: a puzzle has many right answers, so votes on one of
    them mean nothing.
    """
    form = _form_of(check)
    found = final_choice(text, finish) if check == "choice" else final_answer(text, finish)
    return None if found.answer is None else _named(form(found.answer))


def class_of_answer(check: str, answer: str) -> str | None:
    """The class of a bare answer, such as a problem's own. ValueError as for `answer_class`."""
    return _named(_form_of(check)(answer))


def _form_of(check: str) -> Callable[[str], str | None]:
    if check not in CANONICAL:
        raise ValueError(f"answers of kind {', '.join(CANONICAL)} have classes; not of {check!r}")
    return CANONICAL[check]


def _named(form: str | None) -> str | None:
    """The form itself, or its hash where it is long, cannot be stored as UTF-8, or poses as a hash."""
    if form is None or (len(form) <= MAX_CHARACTERS and not _UNFIT.search(form)):
        return form
    return f"sha256:{content_key('class', form)}"
