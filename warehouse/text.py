"""The rows of a query as text, written as they come: aligned for a terminal, CSV, or JSON."""

import csv
import json
import math
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import chain, islice
from typing import Any, TextIO

WIDEST_CELL = 60  # characters; longer text is cut in the aligned table only
NARROWEST_CELL = 8  # that a terminal without room for more cuts a column down to
MEASURED = 1_000  # rows that decide the widths; a wider cell below them pushes its line out

Row = Sequence[Any]


def write_table(names: list[str], rows: Iterable[Row], out: TextIO, terminal: int | None = None) -> None:
    """Aligned columns under their names, numbers to the right, then how many rows there are.

    All rows are shown. In a `terminal` of so many characters wide columns are cut, and where even that is not
    enough the last line says how many of the columns are shown.
    """
    rest = iter(rows)
    first = list(islice(rest, MEASURED))
    measured = [max(map(len, column)) for column in zip(names, *map(_cells, first), strict=True)]
    widths = measured if terminal is None else _fitted(measured, terminal)
    limits = [WIDEST_CELL if width == full else width for width, full in zip(widths, measured, strict=False)]
    right = [any(_is_number(row[i]) for row in first) for i in range(len(widths))]

    def line(cells: Iterable[str]) -> str:
        shown = (_cut(cell, limit) for cell, limit in zip(cells, limits, strict=False))
        padded = (c.rjust(w) if r else c.ljust(w) for c, w, r in zip(shown, widths, right, strict=True))
        return "  ".join(padded).rstrip() + "\n"

    out.write(line(names))
    out.write("  ".join("─" * width for width in widths) + "\n")
    count = 0
    for count, row in enumerate(chain(first, rest), 1):  # noqa: B007
        out.write(line(_cells(row)))
    said = f"{count:,} row{'' if count == 1 else 's'}"
    if len(widths) < len(names):
        said += f"; {len(widths)} of {len(names)} columns, for want of room: name fewer, or use --format csv"
    out.write(f"({said})\n")


def write_csv(names: list[str], rows: Iterable[Row], out: TextIO) -> None:
    """RFC 4180 with a header line and plain newlines; null is an empty field."""
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(rows)


def write_json(names: list[str], rows: Iterable[Row], out: TextIO) -> None:
    """A JSON array of objects, one a line; what JSON has no word for (NaN, infinity) is null."""
    before = "["
    for row in rows:
        item = dict(zip(names, map(_plain, row), strict=True))
        out.write(before + json.dumps(item, ensure_ascii=False, default=str, allow_nan=False))
        before = ",\n "
    out.write("[]\n" if before == "[" else "]\n")


def _fitted(widths: list[int], terminal: int) -> list[int]:
    """The widths, the widest cut until all fit; if they cannot, those of as many columns as do."""
    fitted = list(widths)
    while sum(fitted) + 2 * (len(fitted) - 1) > terminal:
        widest = max(range(len(fitted)), key=fitted.__getitem__)
        if fitted[widest] > NARROWEST_CELL:
            fitted[widest] -= 1
        elif len(fitted) > 1:
            fitted = widths[: len(fitted) - 1]
        else:
            break
    return fitted


def _cells(row: Row) -> list[str]:
    return [_cut(_cell(value), WIDEST_CELL) for value in row]


def _cell(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else "" if value is None else str(value)
    text = text[: WIDEST_CELL + 1]
    # Model text may hold terminal escapes: only what prints is shown.
    return "".join(c if c.isprintable() else "⏎" if c == "\n" else " " for c in text)


def _cut(cell: str, limit: int) -> str:
    return cell if len(cell) <= limit else cell[: limit - 1] + "…"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return value if math.isfinite(value) else None
    if isinstance(value, Decimal):
        return float(value)
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
