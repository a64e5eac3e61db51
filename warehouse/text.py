"""The rows of a query as text: aligned for a terminal, CSV, or JSON."""

import csv
import io
import json
import math
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

WIDEST_CELL = 60  # characters; longer text is cut in the aligned table only


@dataclass(frozen=True, slots=True)
class Table:
    """Column names, and rows of as many values."""

    names: list[str]
    rows: list[tuple[Any, ...]]


def as_table(table: Table) -> str:
    """Aligned columns under their names, numbers to the right, then how many rows there are."""
    cells = [[_cell(value) for value in row] for row in table.rows]
    widths = [max(map(len, column)) for column in zip(table.names, *cells, strict=True)]
    numeric = [any(_is_number(row[i]) for row in table.rows) for i in range(len(table.names))]
    lines = [_aligned(table.names, widths, numeric), "  ".join("─" * width for width in widths)]
    lines += [_aligned(row, widths, numeric) for row in cells]
    count = len(table.rows)
    return "\n".join([*lines, f"({count:,} row{'' if count == 1 else 's'})"]) + "\n"


def as_csv(table: Table) -> str:
    """RFC 4180 with a header line and plain newlines; null is an empty field."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(table.names)
    writer.writerows(table.rows)
    return out.getvalue()


def as_json(table: Table) -> str:
    """A JSON array of objects, one a line; what JSON has no word for (NaN, infinity) is null."""
    objects = [dict(zip(table.names, map(_plain, row), strict=True)) for row in table.rows]
    lines = [json.dumps(item, ensure_ascii=False, default=str, allow_nan=False) for item in objects]
    return "[" + ",\n ".join(lines) + "]\n"


def _cell(value: Any) -> str:
    text = f"{value:.6g}" if isinstance(value, float) else "" if value is None else str(value)
    # Model text may hold terminal escapes: only what prints is shown.
    text = "".join(c if c.isprintable() else "⏎" if c == "\n" else " " for c in text)
    return text if len(text) <= WIDEST_CELL else text[: WIDEST_CELL - 1] + "…"


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def _aligned(cells: list[str], widths: list[int], numeric: list[bool]) -> str:
    padded = [
        cell.rjust(width) if right else cell.ljust(width)
        for cell, width, right in zip(cells, widths, numeric, strict=True)
    ]
    return "  ".join(padded).rstrip()


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
