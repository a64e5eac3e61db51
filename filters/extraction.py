"""Where a solution text says its final answer is: which of its markers (see markers.py) decides.

There is no falling back to the last number of a text, so a restated question is never an answer. The marker
that begins last wins, of whatever kind: hedging with several gains nothing. Only different boxes on one line
say several things at once; that is `ambiguous`, with the boxes as `parts` for judges of lists. An answer that
runs into the end of a text cut off at its length limit may be half an answer; that is `truncated`. Of a text
that thinks aloud only what follows `</think>` counts.
"""

from dataclasses import dataclass

from curriculum.records import Finish
from filters.markers import Marker, bold, boxed, lone_text, spoken

MAX_TEXT = 500_000  # characters; every scan of the markers is linear, so this takes well under a second

_LAST_THOUGHT = "</think>"


@dataclass(frozen=True, slots=True)
class Extraction:
    """The answer's text, or None and the reason: no_marker, ambiguous, truncated or too_long."""

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
    thought = text.rfind(_LAST_THOUGHT)
    if thought >= 0:
        text = text[thought + len(_LAST_THOUGHT) :]
    boxes = boxed(text)
    markers = [*spoken(text), *boxes[-1:]]
    if not markers and (weak := bold(text) or (lone_text(text) if lone else None)) is not None:
        markers = [weak]
    if not markers:
        return Extraction(None, "truncated" if finish == "length" else "no_marker")
    last = max(markers, key=lambda marker: marker.start)
    if finish == "length" and not last.closed:
        return Extraction(None, "truncated", last.found_in)
    if last.found_in == "boxed" and len(parts := _answers_on_line(text, boxes)) > 1:
        return Extraction(None, "ambiguous", "boxed", parts)
    return Extraction(last.answer, "found", last.found_in)


def _answers_on_line(text: str, boxes: list[Marker]) -> tuple[str, ...]:
    """The different contents of the boxes on the line of the last one, in order."""
    line_start = text.rfind("\n", 0, boxes[-1].start) + 1
    return tuple(dict.fromkeys(box.answer for box in boxes if box.start >= line_start))
