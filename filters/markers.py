"""What marks the final answer of a solution text, by where it is found.

    boxed        \\boxed{x}, \\fbox{x}, \\boxed 5
    answer_tag   <answer>x</answer>
    answer_line  a line `A: x`, `#### x`, `Answer: x`, `Ans: x`, `**Final answer:** x`, or a heading `## Answer`
                 and the next line
    sentence     "the answer is x", up to the end of the sentence or the formula
    bold         **x** in the last line, where no other marker is
    whole_text   a short text of one line, for judges that ask for it and can tell whether it is an answer

Every kind is looked for by scans that are linear in the length of the text.
"""

import re
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass

from filters.boxes import Box, closed_boxes
from filters.remarks import without_remark

MAX_WHOLE = 200  # characters of a text that may be an answer by itself

_NAMED = r"(?i:(?:the[ ])?(?:(?:final|correct)[ ])?ans(?:wer)?)"
_LINE = re.compile(
    r"^[ \t>]*(?:(?P<short>A:|####(?!#))"
    rf"|(?:[*_#]{{1,6}}[ \t]*)?{_NAMED}[*_]{{0,2}}[ \t]*:[*_]{{0,2}}"
    rf"|{_NAMED}[ \t]+(?=\$|\\\(|\\\[)|{_NAMED}[ \t]*=(?!=)|(?i:ans)\.(?=[ \t]+\S)"
    rf"|[*_#]{{1,6}}[ \t]*{_NAMED}[*_]{{0,2}}[ \t]*$)",
    re.MULTILINE,
)
_LATE = re.compile(r"(?<=[ \t.])####(?=[ \t]+[-+$\\.0-9])")  # behind other text on its line
_SENTENCE = re.compile(
    r"(?:\b(?:the|my|our) (?:final |correct |best |right )?|(?:^|(?<=[,;.] ))(?:(?:therefore|thus|hence|so|then),? )?)"
    r"answer(?: is\b| equals\b| (?:would|should|must) be\b|:)"
    r"(?: therefore| thus| simply| just| then)?:?"
    r"(?! (?:correct|right|verified|reasonable|consistent|confirmed)\b)"
    r"|\bthe (?:correct|best|right) (?:option|choice|answer choice)(?: is\b:?|:)(?=[ *$]{1,4}\(?[A-Z]\b)",
    re.IGNORECASE | re.ASCII | re.MULTILINE,
)
_SENTENCE_END = re.compile(
    r"\.(?=[*_]*(?:\s+(?![a-z])|$))|!(?=[*_]*\s+(?:[A-Z][a-z']|I\b))"
)  # E. coli goes on
_APPROXIMATELY = re.compile(r"(?:approximately|about|roughly|equal to)\s+", re.IGNORECASE | re.ASCII)
_REASON = re.compile(
    r"(?i:,? (?:because|since)\b)|, not (?=[-$\\*0-9]|\(?[A-Z]\b)", re.ASCII
)  # or a contrast
_FORMULA = re.compile(r"\$\$(.{1,500}?)\$\$|\\\[(.{1,500}?)\\\]", re.DOTALL)
_BOXED_SIGN = re.compile(r"\\boxed ([0-9A-Za-z])(?![0-9A-Za-z.])")
_SIGNS_OF_LINES = ("nsw", "NSW", "A:", "####", "Ans", "ANS", "ans:", "ans.")  # cheap to look for
_SIGNS_OF_SENTENCES = ("nswer", "NSWER", "ption", "hoice", "PTION", "HOICE")
_TAG, _TAG_END = "<answer>", "</answer>"
_BOLD = re.compile(r"\*\*([^*\n]{1,200})\*\*")


@dataclass(frozen=True, slots=True)
class Marker:
    """Where it begins, and the answer that it marks."""

    start: int
    answer: str
    closed: bool  # something after the answer shows that it is complete
    found_in: str
    end: int  # where the text after the answer begins
    box: Box | None = None


def spoken(text: str) -> Iterator[Marker]:
    """The last line, the last sentence and the last tag that name an answer."""
    if any(sign in text for sign in _SIGNS_OF_LINES) and (line := _last_line(text)) is not None:
        yield line
    if any(sign in text for sign in _SIGNS_OF_SENTENCES) and (sentence := _last_sentence(text)) is not None:
        yield sentence
    if _TAG_END in text and (tag := _last_tag(text)) is not None:
        yield tag


def _last_line(text: str) -> Marker | None:
    match = _last(_LINE, text)
    late = _last(_LATE, text) if "####" in text else None
    if late is not None and (match is None or late.start() > match.start()):
        match = late
    if match is None:
        return None
    start, end = match.end(), _line_end(text, match.end())
    if (
        match.re is _LINE
        and match["short"] is None
        and end < len(text)
        and not text[start:end].strip(" \t*_")
    ):
        following = text[end:]
        start = len(text) - len(following.lstrip())
        end = _line_end(text, start)
    answer = text[start:end].partition(_TAG_END)[0]
    return Marker(match.start(), _unbolded(answer.strip()), end < len(text), "answer_line", end)


def _line_end(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _last_tag(text: str) -> Marker | None:
    end = text.rfind(_TAG_END)
    start = text.rfind(_TAG, 0, end) if end >= 0 else -1
    if start < 0:
        return None
    return Marker(start, text[start + len(_TAG) : end].strip(), True, "answer_tag", end + len(_TAG_END))


def _unbolded(answer: str) -> str:
    """Without the end of a bold that began before the answer."""
    return answer[:-2].rstrip() if answer.endswith("**") and answer.count("**") == 1 else answer


def _last_sentence(text: str) -> Marker | None:
    match = _last(_SENTENCE, text)
    if match is None:
        return None
    after = text[match.end() : match.end() + 2 * MAX_WHOLE + 1000]
    begin = match.end() + len(after) - len(after := after.lstrip())
    if (formula := _FORMULA.match(after)) is not None:
        tail = after[formula.end() :].partition("\n")[0].strip(" .")
        end = begin + formula.end()
        return Marker(match.start(), f"{formula.group()} {tail}".strip(), True, "sentence", end)
    rest, newline, _ = after.partition("\n")
    rest, tag, _ = rest.partition(_TAG_END)
    stop = _SENTENCE_END.search(rest)
    ended = bool(newline or tag) or (
        stop is not None and stop.end() < len(rest)
    )  # a last `3.` may be half of 3.14
    said = rest[: (stop.start() if stop.group() == "." else stop.end()) if stop else None]
    kept = without_remark(said)
    answer = _APPROXIMATELY.sub("", _REASON.split(kept, maxsplit=1)[0], count=1)
    return Marker(match.start(), _unbolded(answer.strip()), ended, "sentence", begin + len(kept))


def _last(pattern: re.Pattern[str], text: str) -> re.Match[str] | None:
    return next(iter(deque(pattern.finditer(text), maxlen=1)), None)


def boxed(text: str) -> list[Marker]:
    """Every closed box, in order; without one, the last `\\boxed 5`."""
    found = [
        Marker(box.start, box.content.strip(), True, "boxed", box.end, box) for box in closed_boxes(text)
    ]
    if not found and "\\boxed" in text and (sign := _last(_BOXED_SIGN, text)) is not None:
        box = Box(sign.start(), sign.end(), sign[1], -1, False)
        found.append(Marker(box.start, sign[1], box.end < len(text), "boxed", box.end, box))
    return found


def bold(text: str) -> Marker | None:
    """The last bold part of the last line."""
    stripped = text.rstrip()
    start = stripped.rfind("\n") + 1
    match = _last(_BOLD, stripped[start : start + 10 * MAX_WHOLE])
    if match is None:
        return None
    box = Box(start + match.start(), start + match.end(), match[1], -1, False)
    return Marker(box.start, match[1].strip(" :"), True, "bold", box.end, box)


def lone_text(text: str) -> Marker | None:
    """The whole text where it is short and of one line."""
    stripped = text.strip()
    if not stripped or len(stripped) > MAX_WHOLE or "\n" in stripped:
        return None
    return Marker(0, stripped, False, "whole_text", len(text))
