"""Which part of a solution text is the program: the last fenced block of Python, or else the last bare one.

Fences are those of CommonMark: a line of three or more backticks or tildes, closed by a line of at least as
many, or by the end of the text. Blocks of other languages are skipped. A text without any fence may be a program
as a whole; whether it parses is seen in the sandbox, since Python's parser is no place for hostile text.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from curriculum.records import Finish
from filters.extraction import MAX_TEXT

Place = Literal["code_block", "whole_text"]

_FENCE = re.compile(r"( *)(`{3,}|~{3,})[ \t]*([^`\n]*)")
_PYTHON = re.compile(r"(?:python3?|py)\b", re.IGNORECASE | re.ASCII)


@dataclass(frozen=True, slots=True)
class Found:
    """A program and its place, or None and the reason: no_program, truncated or too_long."""

    program: str | None
    place: Place = "code_block"
    reason: str = "found"


@dataclass(frozen=True, slots=True)
class _Block:
    language: str
    program: str
    closed: bool


def program_in(text: str, finish: Finish = "stop") -> Found:
    """The program of a solution text, unread."""
    if len(text) > MAX_TEXT:
        return Found(None, reason="too_long")
    blocks = list(_blocks(text))
    if not blocks:
        return Found(text, "whole_text") if text.strip() else Found(None, reason="no_program")
    if finish == "length" and not blocks[-1].closed:
        return Found(None, reason="truncated")
    python = [block for block in blocks if _PYTHON.match(block.language)]
    chosen = (python or [block for block in blocks if not block.language])[-1:]
    return Found(chosen[0].program) if chosen else Found(None, reason="no_program")


def _blocks(text: str) -> Iterator[_Block]:
    lines = iter(text.split("\n"))
    for line in lines:
        opening = _FENCE.fullmatch(line.rstrip())
        if opening is None:
            continue
        indent, fence, language = opening.groups()
        closing = re.compile(rf" *{fence[0]}{{{min(len(fence), 1000)},}}")
        inside: list[str] = []
        closed = False
        for within in lines:
            if closing.fullmatch(within.rstrip()):
                closed = True
                break
            inside.append(_outdented(within, len(indent)))
        yield _Block(language.strip(), "\n".join(inside), closed)


def _outdented(line: str, spaces: int) -> str:
    """Without the blanks that its fence stands behind, as in a list, and never without others."""
    blanks = len(line) - len(line.lstrip(" "))
    return line[min(blanks, spaces) :]
