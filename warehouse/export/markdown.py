"""Markdown from what others wrote: names, reasons and configs show as the text they are, and do nothing else."""

import re
from collections.abc import Iterable, Sequence

MOST_ROWS = 50  # of a table; imports may name thousands of policies
_LONGEST = 200  # characters of a cell
_SPECIAL = re.compile(r"[\\`*_\[\]<>|~$#!@&]")
_LINKS = re.compile(
    r"(?<=:)(?=//)|(?<=www)(?=\.)", re.IGNORECASE
)  # those of which GitHub's Markdown makes links


def escaped(text: str) -> str:
    """One line of plain text: no markup, no links, no mentions, nothing that does not print."""
    line = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    line = line if len(line) <= _LONGEST else line[: _LONGEST - 1] + "…"
    return _LINKS.sub(lambda _: "\\", _SPECIAL.sub(r"\\\g<0>", line))


def table(names: Sequence[str], rows: Sequence[Sequence[object]]) -> str:
    """A table of at most MOST_ROWS rows, and how many there are beyond them."""
    lines = [
        list(names),
        ["---"] * len(names),
        *([_cell(value) for value in row] for row in rows[:MOST_ROWS]),
    ]
    text = "\n".join(f"| {' | '.join(line)} |" for line in lines)
    beyond = len(rows) - MOST_ROWS
    return f"{text}\n\nand {beyond:,} more" if beyond > 0 else text


def bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def fenced(text: str, language: str) -> str:
    """A block that shows the text as it is, whatever fences it has of its own."""
    longest = max((len(run) for run in re.findall(r"`+", text)), default=0)
    fence = "`" * max(3, longest + 1)
    return f"{fence}{language}\n{text.rstrip()}\n{fence}"


def folded(summary: str, content: str) -> str:
    """What opens on a click."""
    return f"<details>\n<summary>{summary}</summary>\n\n{content}\n\n</details>"


def _cell(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float):
        return f"{value:.3g}"
    return f"{value:,}" if isinstance(value, int) else escaped(str(value))
