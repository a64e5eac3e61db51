"""The summary for the terminal: a map in coloured cells, promotions, spend, and what it comes to."""

from pathlib import Path

import duckdb
from rich.console import Group, RenderableType
from rich.style import Style
from rich.table import Table
from rich.text import Text

from warehouse.report.facts import Rate, imported_rates, spend_by_stage
from warehouse.report.headline import Headline, headline, is_frontier, sentence
from warehouse.report.heatmaps import families_by_reach
from warehouse.report.numerals import brief, duration, p_value

EMPTY_RGB, FULL_RGB = (238, 242, 247), (23, 85, 143)


def summary(con: duckdb.DuckDBPyConnection, report: Path | None = None) -> RenderableType:
    """What `console.print` shows at the end of a run, 80 columns wide; `report` is where the page lies."""
    found = headline(con)
    tables = [_spend(con), _imported(con)]
    if found is not None:
        tables = [_map(found), _promotions(found), *tables]
    parts: list[RenderableType] = []
    for table in tables:
        parts += [table, Text()] if table.row_count else []
    parts += _said(found)
    if report is not None:
        parts.append(Text.assemble("Report: ", (str(report), "cyan")))
    return Group(*parts)


def _table(title: str, *columns: tuple[str, bool]) -> Table:
    """A bare table; each column is its name and whether it holds numbers."""
    heading = Text(title, style="bold")
    table = Table(title=heading, title_justify="left", box=None, pad_edge=False, header_style="dim")
    for name, numbers in columns:
        table.add_column(name, justify="right" if numbers else "left")
    return table


def _map(found: Headline) -> Table:
    """Two rows a family, base over now, so that twelve levels fit 80 columns."""
    levels = sorted({level for _, level in (*found.base_rates, *found.now_rates)})
    title = "Held-out pass rate, %, base and now" if found.moved else "Held-out pass rate of the base, %"
    table = _table(title, ("family", False), ("", False), *((f"{level:>4}", True) for level in levels))
    table.padding = 0
    rows = [("base", found.base_rates), ("now", found.now_rates)][: 2 if found.moved else 1]
    for family in families_by_reach(found.base_rates, found.now_rates):
        for name, rates in rows:
            heading = Text(f"{family} " if name == "base" else "", style="bold")
            squares = [_square(rates.get((family, level))) for level in levels]
            table.add_row(heading, Text(f"{name} ", style="dim"), *squares)
    return table


def _square(rate: Rate | None) -> Text:
    """The rate on a blue that deepens with it; bold at the frontier."""
    if rate is None:
        return Text("   ·", style="dim")
    share = rate.share
    red, green, blue = (
        round(low + (high - low) * share) for low, high in zip(EMPTY_RGB, FULL_RGB, strict=True)
    )
    ink = "#ffffff" if share > 0.5 else "#16202b"
    style = Style(color=ink, bgcolor=f"#{red:02x}{green:02x}{blue:02x}", bold=is_frontier(rate))
    return Text(f"{100 * share:>4.0f}", style=style)


def _promotions(found: Headline) -> Table:
    columns = (
        ("candidate", False),
        ("", False),
        ("p", True),
        ("won", True),
        ("lost", True),
        ("reason", False),
    )
    table = _table("Promotions", ("round", True), *columns)
    for d in found.decisions:
        mark = Text("promoted", style="green") if d.promoted else Text("refused", style="red")
        counts = (p_value(d.p_value), f"{d.gained:,}", f"{d.lost:,}")
        table.add_row(f"{d.round}", Text(d.candidate), mark, *counts, Text(d.reason))
    return table


def _spend(con: duckdb.DuckDBPyConnection) -> Table:
    table = _table("Spend", ("stage", False), ("tokens", True), ("time", True))
    for stage in spend_by_stage(con):
        tokens = brief(stage.tokens) if stage.tokens else ""
        table.add_row(Text(stage.stage), tokens, duration(stage.seconds))
    return table


def _imported(con: duckdb.DuckDBPyConnection) -> Table:
    columns = (("policy", False), ("judge", False), ("judged", True), ("right", True), ("rate", True))
    table = _table("Recorded samples", *columns)
    for row in imported_rates(con):
        counts = (f"{row.judged:,}", f"{row.correct:,}", f"{row.correct / row.judged:.1%}")
        table.add_row(Text(row.policy), Text(row.judge), *counts)
    return table


def _said(found: Headline | None) -> list[RenderableType]:
    """The headline, and whether anything mastered was lost."""
    if found is None:
        return [Text("No policy has been evaluated on held-out problems yet.")]
    rose = found.gain is not None and found.gain.low > 0
    said: list[RenderableType] = [Text(sentence(found), style="bold green" if rose else "bold")]
    if found.forgotten:
        lost = ", ".join(f"{family} {level}" for family, level in found.forgotten)
        said.append(Text(f"Mastered by the base, and now clearly under 95%: {lost}.", style="bold red"))
    elif found.moved and found.mastered:
        said.append(Text(f"None of {found.mastered} mastered cells was forgotten."))
    return said
