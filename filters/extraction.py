"""Where a solution text says its final answer is: the one place that looks for it.

Four markers count: a line `A: x` (GSM8K's files), a line `#### x` (its original form), `\\boxed{x}` with
balanced braces, and the sentence "the answer is x". A marker is required. There is no falling back to
the last number of the text, so a restated question is never an answer.

The marker that begins last wins, of whatever kind: hedging with several gains nothing. Only two different
boxes on one line say two things at once; that is `ambiguous`. An answer that runs into the end of a text
cut off at its length limit may be half an answer; that is `truncated`.
"""

import re
from collections import deque
from dataclasses import dataclass

from curriculum.records import Finish

MAX_TEXT = 500_000  # characters; every scan below is linear, so this takes well under a second

_LINE = re.compile(r"^[ \t]*(?:A:|####)", re.MULTILINE)
_SENTENCE = re.compile(r"\bthe (?:final |correct )?answer is:?", re.IGNORECASE | re.ASCII)
_SENTENCE_END = re.compile(r"\.(?=\s|$)")
_BRACE = re.compile(r"\\boxed ?\{|\\[{}]|[{}]")


@dataclass(frozen=True, slots=True)
class Extraction:
    """The answer's text, or None and the reason: no_marker, ambiguous, truncated or too_long."""

    answer: str | None
    reason: str = "found"


@dataclass(frozen=True, slots=True)
class _Marker:
    start: int
    answer: str
    closed: bool  # something after the answer shows that it is complete


def final_answer(text: str, finish: Finish = "stop") -> Extraction:
    """The text after the last marker, stripped of surrounding blanks; it may be empty."""
    if len(text) > MAX_TEXT:
        return Extraction(None, "too_long")
    boxes = _boxes(text)
    markers = [m for m in (_last_line(text), _last_sentence(text), *boxes[-1:]) if m is not None]
    if not markers:
        return Extraction(None, "truncated" if finish == "length" else "no_marker")
    last = max(markers, key=lambda marker: marker.start)
    if finish == "length" and not last.closed:
        return Extraction(None, "truncated")
    if last in boxes and len(_answers_on_line(text, boxes)) > 1:
        return Extraction(None, "ambiguous")
    return Extraction(last.answer)


def _last_line(text: str) -> _Marker | None:
    match = _last(_LINE, text)
    if match is None:
        return None
    rest, newline, _ = text[match.end() :].partition("\n")
    return _Marker(match.start(), rest.strip(), bool(newline))


def _last_sentence(text: str) -> _Marker | None:
    match = _last(_SENTENCE, text)
    if match is None:
        return None
    rest, newline, _ = text[match.end() :].partition("\n")
    end = _SENTENCE_END.search(rest)
    ended = bool(newline) or (end is not None and end.end() < len(rest))  # a last `3.` may be half of 3.14
    return _Marker(match.start(), rest[: end.start() if end else None].strip(), ended)


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(iter(deque(pattern.finditer(text), maxlen=1)), None)


def _boxes(text: str) -> list[_Marker]:
    """Every closed box that holds no other box, in order, by one pass over the braces."""
    found: list[_Marker] = []
    if "\\boxed" not in text:
        return found
    open_braces: list[
        tuple[int, int] | None
    ] = []  # (start, start of content) of a box, None for another brace
    for brace in _BRACE.finditer(text):
        kind = brace.group()
        if kind in ("\\{", "\\}"):
            continue
        if kind != "}":
            open_braces.append(None if kind == "{" else (brace.start(), brace.end()))
        elif open_braces and (box := open_braces.pop()) and not (found and found[-1].start > box[0]):
            found.append(_Marker(box[0], text[box[1] : brace.start()].strip(), True))
    return found


def _answers_on_line(text: str, boxes: list[_Marker]) -> set[str]:
    """The different contents of the boxes on the line of the last one."""
    line_start = text.rfind("\n", 0, boxes[-1].start) + 1
    return {box.answer for box in boxes if box.start >= line_start}
