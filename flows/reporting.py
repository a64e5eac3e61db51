"""The report of a home: `report.html` to look at, and a summary in the terminal."""

from pathlib import Path

from rich.console import Console

from warehouse.disk import refusal_named
from warehouse.query import open_reader
from warehouse.report import build, summary

REPORT = "report.html"


def publish_report(home: Path) -> Path:
    """Write `report.html` in the home, whole or not at all."""
    with open_reader(home) as con:
        text = build(con, home)
    unfinished = home / f"{REPORT}.unfinished"
    with refusal_named(home):
        unfinished.write_text(text, encoding="utf-8")
        return unfinished.rename(home / REPORT)


def print_summary(home: Path, console: Console) -> None:
    with open_reader(home) as con:
        console.print(summary(con, home / REPORT))
