"""The state of a home as Markdown, for places that show nothing else: the newest decision, and the rates by level."""

from pathlib import Path

import duckdb

from warehouse.report.facts import Cell, Decision, Rate
from warehouse.report.headline import Headline, headline, is_frontier, sentence
from warehouse.report.heatmaps import families_by_reach
from warehouse.report.numerals import p_value


def markdown(con: duckdb.DuckDBPyConnection, home: Path) -> str:
    """The headline, the newest decision, what was forgotten, and a table of held-out pass rates, frontier in bold."""
    found = headline(con)
    if found is None:
        return f"# {home}\n\nNo policy has been evaluated on held-out problems yet.\n"
    parts = [f"# {home}"]
    if found.decisions:
        parts.append(_decided(found.decisions[-1]))
    parts.append(sentence(found))
    if found.forgotten:
        lost = ", ".join(f"{family} {level}" for family, level in found.forgotten)
        parts.append(f"**Mastered by the base, and now clearly under 95%: {lost}.**")
    parts += [_rates(found), _decisions(found.decisions)]
    return "\n\n".join(filter(None, parts)) + "\n"


def _decided(newest: Decision) -> str:
    verdict = "promoted" if newest.promoted else "refused"
    return (
        f"**Round {newest.round}: {verdict}.** {_escaped(newest.reason)} (gained {newest.gained}, lost {newest.lost},"
        f" p = {p_value(newest.p_value)})"
    )


def _rates(found: Headline) -> str:
    levels = sorted({level for _, level in (*found.base_rates, *found.now_rates)})
    rows = [["family", "", *map(str, levels)], ["---", "---", *["---:"] * len(levels)]]
    named = [("base", found.base_rates), ("now", found.now_rates)][: 2 if found.moved else 1]
    for family in families_by_reach(found.base_rates, found.now_rates):
        rows += [
            [family, name, *(_rate(rates, (family, level)) for level in levels)] for name, rates in named
        ]
    return "Held-out pass rate, %:\n\n" + _table(rows)


def _rate(rates: dict[Cell, Rate], cell: Cell) -> str:
    rate = rates.get(cell)
    if rate is None:
        return "·"
    return f"**{100 * rate.share:.0f}**" if is_frontier(rate) else f"{100 * rate.share:.0f}"


def _decisions(made: list[Decision]) -> str:
    if not made:
        return ""
    rows = [["round", "candidate", "", "p", "won", "lost", "reason"], ["---"] * 7]
    for d in reversed(made):
        mark = "promoted" if d.promoted else "refused"
        counts = [p_value(d.p_value), str(d.gained), str(d.lost)]
        rows.append([str(d.round), d.candidate, mark, *counts, _escaped(d.reason)])
    return _table(rows)


def _table(rows: list[list[str]]) -> str:
    return "\n".join(f"| {' | '.join(row)} |" for row in rows)


def _escaped(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")
