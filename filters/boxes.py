"""The closed boxes of a text, `\\boxed{...}` and `\\fbox{...}`, whatever braces stand in them."""

import re
from collections.abc import Iterator
from typing import NamedTuple

_BRACE = re.compile(r"\\(?:boxed|fbox) ?\{|\\[{}]|[{}]")


class Box(NamedTuple):
    start: int
    content: str


def closed_boxes(text: str) -> Iterator[Box]:
    """Every closed box that holds no other box, in the order of their ends, by one pass over the braces."""
    if "\\boxed" not in text and "\\fbox" not in text:
        return
    innermost = -1
    open_braces: list[tuple[int, int] | None] = []  # (start, start of content) of a box, None for another
    for brace in _BRACE.finditer(text):
        kind = brace.group()
        if kind in ("\\{", "\\}"):
            continue
        if kind != "}":
            open_braces.append(None if kind == "{" else (brace.start(), brace.end()))
        elif open_braces and (box := open_braces.pop()) and innermost < box[0]:
            innermost = box[0]
            yield Box(box[0], text[box[1] : brace.start()])
