"""What marks the final answer of a solution text, by where it is found.

    boxed        \\boxed{x}, \\fbox{x}, \\boxed 5
    answer_line  a line `A: x`, `#### x`, `Answer: x`, `**Final answer:** x`, or a heading `## Answer` and the
                 next line
    sentence     "the answer is x", up to the end of the sentence or the formula
    bold         **x** in the last line, where no other marker is
    whole_text   a short text of one line, for judges that ask for it and can tell whether it is an answer

Every kind is looked for by scans that are linear in the length of the text.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from filters.boxes import closed_boxes

MAX_WHOLE = 200  # characters of a text that may be an answer by itself

_NAMED = r"(?i:(?:the[ ])?(?:(?:final|correct)[ ])?answer)"
_LINE = re.compile(
    r"^[ \t>]*(?:(?P<short>A:|####(?!#))"
    rf"|(?:[*_#]{{1,6}}[ \t]*)?{_NAMED}[*_]{{0,2}}[ \t]*:[*_]{{0,2}}"
    rf"|{_NAMED}[ \t]+(?=\$|\\\(|\\\[)"
    rf"|[*_#]{{1,6}}[ \t]*{_NAMED}[*_]{{0,2}}[ \t]*$)",
    re.MULTILINE,
)
_SENTENCE = re.compile(
    r"\b(?:the|my|our) (?:final |correct )?answer(?: is\b| equals\b| would be\b|:)"
    r"(?: therefore| thus| simply| just| then)?:?"
    r"(?! (?:correct|right|verified|reasonable|consistent|confirmed)\b)",
    re.IGNORECASE | re.ASCII,
)
_SENTENCE_END = re.compile(r"\.(?=[*_]*(?:\s+(?![a-z])|$))")  # E. coli goes on
_APPROXIMATELY = re.compile(r"(?:approximately|about|roughly|equal to)\s+", re.IGNORECASE | re.ASCII)
_REASON = re.compile(r",? (?:because|since)\b", re.IGNORECASE | re.ASCII)
_FORMULA = re.compile(r"\$\$(.{1,500}?)\$\$|\\\[(.{1,500}?)\\\]", re.DOTALL)
_BOXED_SIGN = re.compile(r"\\boxed ([0-9A-Za-z])(?![0-9A-Za-z.])")
_BOLD = re.compile(r"\*\*([^*\n]{1,200})\*\*")


@dataclass(frozen=True, slots=True)
class Marker:
    """Where it begins, and the answer that it marks."""

    start: int
    answer: str
    closed: bool  # something after the answer shows that it is complete
    found_in: str


def spoken(text: str) -> Iterator[Marker]:
    """The last line, and the last sentence, that name an answer."""
    if "nswer" in text or "NSWER" in text or "A:" in text or "####" in text:
        yield from filter(None, (_last_line(text), _last_sentence(text)))


def _last_line(text: str) -> Marker | None:
    match = _last(_LINE, text)
    if match is None:
        return None
    rest, newline, after = text[match.end() :].partition("\n")
    if match["short"] is None and not rest.strip(" \t*_"):
        rest, newline, _ = after.lstrip().partition("\n")
    return Marker(match.start(), _unbolded(rest.strip()), bool(newline), "answer_line")


def _unbolded(answer: str) -> str:
    """Without the end of a bold that began before the answer."""
    return answer[:-2].rstrip() if answer.endswith("**") and answer.count("**") == 1 else answer


def _last_sentence(text: str) -> Marker | None:
    match = _last(_SENTENCE, text)
    if match is None:
        return None
    after = text[match.end() : match.end() + 2 * MAX_WHOLE + 1000].lstrip()
    if (formula := _FORMULA.match(after)) is not None:
        tail = after[formula.end() :].partition("\n")[0].strip(" .")
        return Marker(match.start(), f"{formula.group()} {tail}".strip(), True, "sentence")
    rest, newline, _ = after.partition("\n")
    end = _SENTENCE_END.search(rest)
    ended = bool(newline) or (end is not None and end.end() < len(rest))  # a last `3.` may be half of 3.14
    answer = _APPROXIMATELY.sub(
        "", _REASON.split(rest[: end.start() if end else None], maxsplit=1)[0], count=1
    )
    return Marker(match.start(), _unbolded(answer.strip()), ended, "sentence")


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(iter(deque(pattern.finditer(text), maxlen=1)), None)


def boxed(text: str) -> list[Marker]:
    """Every closed box, in order; without one, the last `\\boxed 5`."""
    found = [Marker(box.start, box.content.strip(), True, "boxed") for box in closed_boxes(text)]
    if not found and "\\boxed" in text and (sign := _last(_BOXED_SIGN, text)) is not None:
        found.append(Marker(sign.start(), sign[1], sign.end() < len(text), "boxed"))
    return found


def bold(text: str) -> Marker | None:
    """The last bold part of the last line."""
    stripped = text.rstrip()
    start = stripped.rfind("\n") + 1
    match = _last(_BOLD, stripped[start : start + 10 * MAX_WHOLE])
    return Marker(start + match.start(), match[1].strip(" :"), True, "bold") if match is not None else None


def lone_text(text: str) -> Marker | None:
    """The whole text where it is short and of one line."""
    stripped = text.strip()
    if not stripped or len(stripped) > MAX_WHOLE or "\n" in stripped:
        return None
    return Marker(0, stripped, False, "whole_text")
