"""Where an answer of several lines stands in a solution text, such as a grid or a list of assignments.

Other judges take the rest of a marker's line; a puzzle's answer may begin on the next one. A marker is required,
and the one that begins last wins, after `</think>` where there is one. There is no answer if its words deny or only
suppose it, if its box is a part of a formula, or if it stands in a thought that never ends.

- a closed `\\boxed{...}`, a closed block between lines of three backticks, `<answer>...</answer>`: its content;
- a line that begins `A:`, `Answer:`, `Ans:`, `**Final answer:**`, `Conclusion:` or `####`, a heading `## Answer`,
  or the words "the answer is": all that follows, to the end of the text or of the block that it stands in.
"""

import re
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TypeVar

from curriculum.records import Finish, Outcome
from filters.boxes import Box, closed_boxes
from filters.denials import (
    is_corrected,
    is_denied_behind,
    is_excluded,
    is_refused,
    is_supposed,
    is_taken_back,
)
from filters.extraction import MAX_TEXT, is_thought, spoken_part
from filters.surroundings import is_part

CLOSED = frozenset({"boxed", "block", "answer_tag"})  # the markers that show where the answer ends
MAX_REGION = 20_000  # characters of an answer, more than any puzzle here needs

_NAMED = r"(?i:(?:the[ ])?(?:(?:final|correct)[ ])?ans(?:wer)?|conclusion)"
_OPEN = re.compile(
    rf"^[ \t>]*(?:(?P<a>A:)|[*_#]{{1,6}}[ \t]*{_NAMED}[*_]{{0,2}}[ \t]*$"
    rf"|(?:[*_#]{{1,6}}[ \t]*)?{_NAMED}[*_]{{0,2}}[ \t]*:[*_]{{0,2}}|####(?!#))"
    r"|\b(?P<sentence>(?i:(?:the|my|our) (?:final |correct )?answer(?: is\b:?|:)))(?! (?:correct|right|verified)\b)",
    re.MULTILINE | re.ASCII,
)
_TAG = re.compile(r"<answer>((?:(?!</?answer>).)*)</answer>", re.DOTALL)
_FENCE = re.compile(r"^[ \t]*```[^\n`]*$", re.MULTILINE)
_END = re.compile(r"^[ \t]*```|</answer>", re.MULTILINE)

_PARAGRAPH = re.compile(r"\n[ \t]*\n|[.,;](?:\s|$)")

Item = TypeVar("Item")


class Rejected(Exception):
    """The text gives no one solution: a reason to group by, and the words that show it."""

    def __init__(self, reason: str, said: str = "", outcome: Outcome = "no_answer") -> None:
        super().__init__(reason)
        self.reason, self.said, self.outcome = reason, said, outcome


@dataclass(frozen=True, slots=True)
class Region:
    """The text of an answer, and where it stood; `closed` if its end is marked too."""

    text: str
    start: int
    found_in: str
    closed: bool
    end: int  # where the text behind it begins
    box: Box | None = None


def always(rest: str) -> bool:
    """Every line `A:` is a marker, whatever the rest of the line."""
    return True


def answer_region(text: str, finish: Finish = "stop", is_answer: Callable[[str], bool] = always) -> Region:
    """The region of the last marker; a line `A:` is one if `is_answer` says so of the rest of that line.

    Raises Rejected: no_marker, denied, ambiguous (two different boxes on one line, or a box in a formula),
    truncated, too_long.
    """
    if len(text) > MAX_TEXT:
        raise Rejected("too_long")
    text = spoken_part(text)
    boxes = [Region(box.content, box.start, "boxed", True, box.end, box) for box in closed_boxes(text)]
    opened = list(_last(_opened(text, is_answer)))
    ends = [*boxes[-1:], *_last(_tags(text)), *_last(_fences(text)), *opened]
    if not ends:
        raise Rejected("truncated" if finish == "length" else "no_marker")
    last = max(ends, key=lambda region: region.start)
    if finish == "length" and not last.closed:
        raise Rejected("truncated")
    if len(last.text) > MAX_REGION:
        raise Rejected("too_long")
    if _is_denied(text, last, opened):
        raise Rejected("denied")
    if last.box is not None:
        line_start = text.rfind("\n", 0, last.start) + 1
        several = len({box.text for box in boxes if box.start >= line_start}) > 1
        if several or last.box.nested or is_part(text, last.box):
            raise Rejected("ambiguous")
    if is_thought(text, last.start):
        raise Rejected("truncated" if finish == "length" else "no_marker")
    return last


def _is_denied(text: str, last: Region, opened: list[Region]) -> bool:
    """Whether the words around the region, or those that introduce it, say that it is no answer."""
    if any(_introduces(text, region, last) and is_supposed(text, region.start) for region in opened):
        return True
    if is_corrected(text, last.end, last.text):
        return True
    if last.box is not None:
        return is_excluded(text, last.start) or is_denied_behind(text, last.end)
    if last.found_in == "answer_tag" and is_denied_behind(text, last.end):
        return True
    return is_refused(last.text) or is_taken_back(text, last.end)


def _introduces(text: str, opened: Region, last: Region) -> bool:
    """Whether a sentence is the region itself, or leads to it in its own paragraph."""
    if opened.found_in != "sentence" or opened.start > last.start:
        return False
    return _PARAGRAPH.search(text, opened.start, last.start) is None


def _last(found: Iterable[Item]) -> Iterable[Item]:
    return deque(found, maxlen=1)


def _opened(text: str, is_answer: Callable[[str], bool]) -> Iterator[Region]:
    """The region of the last marker whose end is not marked."""
    marker = None
    for match in _OPEN.finditer(text):
        if not match["a"] or is_answer(text[match.end() : _line_end(text, match.end())]):
            marker = match
    if marker is None:
        return
    end = _END.search(text, marker.end())
    content = text[marker.end() : end.start() if end else None]
    where = "sentence" if marker["sentence"] else "answer_line"
    yield Region(content, marker.start(), where, end is not None, marker.end() + len(content))


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _tags(text: str) -> Iterator[Region]:
    for match in _TAG.finditer(text):
        yield Region(match[1], match.start(), "answer_tag", True, match.end())


def _fences(text: str) -> Iterator[Region]:
    fences = _FENCE.finditer(text)
    for opening, closing in zip(fences, fences, strict=False):
        content = text[opening.end() : closing.start()]
        yield Region(content, opening.start(), "block", True, closing.end())
