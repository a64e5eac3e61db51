"""The closed boxes of a text, `\\boxed{...}` and `\\fbox{...}`, whatever braces stand in them."""

import re
from dataclasses import dataclass

_BRACE = re.compile(
    r"[{}\\](?:(?<!\\)|(?:boxed|fbox) ?\{|[{}])"
)  # begins with a set, which re searches quickly


@dataclass(frozen=True, slots=True)
class Box:
    """A box that no other holds; `\\boxed{\\fbox{5}}` is one box of 5."""

    start: int
    end: int  # where the text after it begins
    content: str
    parent: int  # the brace that was open where the box began, -1 without one
    nested: bool  # it holds a box and something besides


def closed_boxes(text: str) -> list[Box]:
    """The outermost boxes that close, in order, by one pass over the braces from the first box's paragraph on."""
    starts = [at for at in (text.find("\\boxed"), text.find("\\fbox")) if at >= 0]
    if not starts:
        return []
    paragraph = text.rfind("\n\n", 0, min(starts)) + 1  # no formula spans a blank line
    found: list[_Closed] = []
    opened: list[tuple[int, int]] = []  # (start, start of content); start is -1 where it is no box
    for brace in _BRACE.finditer(text, paragraph):
        kind = brace.group()
        if kind == "{":
            opened.append((-1, brace.end()))
        elif len(kind) > 2:
            opened.append((brace.start(), brace.end()))
        elif kind == "}" and opened and (last := opened.pop())[0] >= 0:
            inner: list[_Closed] = []
            while found and found[-1].start > last[0]:
                inner.append(found.pop())
            parent = opened[-1][1] - 1 if opened else -1
            found.append(_around(text, inner, _Closed(last[0], brace.end(), last[1], brace.start(), parent)))
    return [
        Box(box.start, box.end, text[box.content : box.content_end], box.parent, box.nested) for box in found
    ]


@dataclass(frozen=True, slots=True)
class _Closed:
    start: int
    end: int
    content: int
    content_end: int
    parent: int
    nested: bool = False


def _around(text: str, inner: list[_Closed], outer: _Closed) -> _Closed:
    """The outer box; with the content of the inner one where it holds nothing else."""
    if not inner:
        return outer
    box = inner[0]
    alone = len(inner) == 1 and not (
        text[outer.content : box.start].strip() or text[box.end : outer.content_end].strip()
    )
    if alone:
        return _Closed(outer.start, outer.end, box.content, box.content_end, outer.parent, box.nested)
    return _Closed(outer.start, outer.end, outer.content, outer.content_end, outer.parent, True)
