"""Where a solution text says its final answer is: which of its markers (see markers.py) decides.

There is no falling back to the last number of a text, so a restated question is never an answer. The marker
that begins last wins, of whatever kind: hedging with several gains nothing. Only different boxes on one line
say several things at once; that is `ambiguous`, with the boxes as `parts` for judges of lists. An answer that
runs into the end of a text cut off at its length limit may be half an answer; that is `truncated`. An answer
that its clause denies, doubts or only supposes is `denied`, and the one before it does not take its place: the
last word was that this is not it. A box that is a part of a formula, such as `-\\boxed{5}`, is `ambiguous`. Of a
text that thinks aloud only what follows `</think>` counts; a last marker in a thought that never ends is none.
"""

import re
from dataclasses import dataclass

from curriculum.records import Finish
from filters.denials import (
    is_corrected,
    is_denied_behind,
    is_excluded,
    is_refused,
    is_supposed,
    is_taken_back,
)
from filters.markers import Marker, bold, boxed, lone_text, spoken
from filters.surroundings import is_part, percent_behind

MAX_TEXT = 500_000  # characters; every scan of the markers is linear, so this takes well under a second

_NEXT_CLAUSE = re.compile(r"[,;]|\n[ \t]*\n")
_LABEL = re.compile(r"[([]?[A-Z][)\]]?[.:]?")
_THOUGHT, _LAST_THOUGHT = "<think>", "</think>"


@dataclass(frozen=True, slots=True)
class Extraction:
    """The answer's text, or None and the reason: no_marker, ambiguous, denied, truncated or too_long."""

    answer: str | None
    reason: str = "found"
    found_in: str = ""
    parts: tuple[str, ...] = ()


def final_answer(text: str, finish: Finish = "stop", *, lone: bool = False) -> Extraction:
    """The text after the last marker, stripped of surrounding blanks; it may be empty.

    With `lone`, a short text of one line that has no marker is returned whole.
    """
    if len(text) > MAX_TEXT:
        return Extraction(None, "too_long")
    text = spoken_part(text)
    boxes = boxed(text)
    markers = [*spoken(text), *boxes[-1:]]
    if not markers and (weak := bold(text) or (lone_text(text) if lone else None)) is not None:
        markers = [weak]
    if not markers:
        return Extraction(None, "truncated" if finish == "length" else "no_marker")
    last = max(markers, key=lambda marker: marker.start)
    if finish == "length" and not last.closed:
        return Extraction(None, "truncated", last.found_in)
    if is_denied(text, last, markers):
        return Extraction(None, "denied", last.found_in)
    if is_thought(text, last.start):
        return Extraction(None, "truncated" if finish == "length" else "no_marker")
    if last.found_in == "boxed" and len(parts := _answers_on_line(text, boxes)) > 1:
        return Extraction(None, "ambiguous", "boxed", parts)
    if last.box is None:
        return Extraction(last.answer, "found", last.found_in)
    labelled = last.found_in == "bold" and _LABEL.fullmatch(last.answer)  # an option's text may follow
    if not labelled and (last.box.nested or is_part(text, last.box)):
        return Extraction(None, "ambiguous", last.found_in)
    percent = "\\%" if percent_behind(text, last.end) else ""  # 0.5 and 0.5% are two answers
    return Extraction(last.answer + percent, "found", last.found_in)


def spoken_part(text: str) -> str:
    """What follows the thoughts that end."""
    return text.rpartition(_LAST_THOUGHT)[2]


def is_thought(text: str, at: int) -> bool:
    """Whether a thought that never ends begins before a place in the spoken part."""
    return text.find(_THOUGHT, 0, at) >= 0


def is_denied(text: str, last: Marker, markers: list[Marker]) -> bool:
    """Whether the words around the deciding marker say that its answer is none."""
    if is_corrected(text, last.end, last.answer):
        return True
    if last.found_in in ("boxed", "bold", "answer_tag"):
        if last.found_in == "answer_tag" and is_refused(last.answer):
            return True
        if is_excluded(text, last.start) or is_denied_behind(text, last.end):
            return True
        return any(_holds(text, marker, last) and is_supposed(text, marker.start) for marker in markers)
    if last.found_in == "sentence" and is_supposed(text, last.start):
        return True
    return is_refused(last.answer) or is_taken_back(text, last.end)


def _holds(text: str, sentence: Marker, box: Marker) -> bool:
    """Whether a box is what a sentence says the answer is."""
    between = text[sentence.start : box.start] if sentence.start < box.start < sentence.end else ","
    return sentence.found_in == "sentence" and _NEXT_CLAUSE.search(between) is None


def _answers_on_line(text: str, boxes: list[Marker]) -> tuple[str, ...]:
    """The different contents of the boxes on the line of the last one, in order."""
    line_start = text.rfind("\n", 0, boxes[-1].start) + 1
    return tuple(dict.fromkeys(box.answer for box in boxes if box.start >= line_start))
