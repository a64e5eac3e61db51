"""Sections on what the rounds did: problems drawn, tokens and time spent, samples imported."""

import duckdb

from warehouse.report import bars, heatmaps
from warehouse.report.facts import imported_rates, spend_by_stage
from warehouse.report.headline import Headline
from warehouse.report.numerals import brief, duration
from warehouse.report.section import Section, Table, counted


def draws(con: duckdb.DuckDBPyConnection, found: Headline | None) -> Section | str:
    """What the curriculum drew, by family, level and slot."""
    query = "select round, slot, family, level, sum(problems) from assignments group by all order by all"
    counts = {(r, slot, f, n): int(drawn) for r, slot, f, n, drawn in con.execute(query).fetchall()}
    if not counts:
        return "The curriculum has not drawn anything yet."
    first, last = min(key[0] for key in counts), max(key[0] for key in counts)
    title = f"Mean level drawn: {_mean_level(counts, first):.1f} in round {first}"
    title += f", {_mean_level(counts, last):.1f} in round {last}" if last > first else ""
    families = sorted({key[2] for key in counts})
    if found is not None:
        reached = heatmaps.families_by_reach(found.base_rates)
        families = [f for f in reached if f in families] + [f for f in families if f not in reached]
    lead = "Problems drawn by family and level, one row a slot; deeper where more, above each map its total."
    if len(heatmaps.shown_rounds(counts)) < len({key[0] for key in counts}):
        lead += " Not every round is shown."
    return Section("Curriculum", title, lead, query, heatmaps.draws(counts, families))


def _mean_level(counts: dict[tuple[int, str, str, int], int], number: int) -> float:
    drawn = [(key[3], count) for key, count in counts.items() if key[0] == number]
    return sum(level * count for level, count in drawn) / max(1, sum(count for _, count in drawn))


def spend(con: duckdb.DuckDBPyConnection, found: Headline | None) -> Section | str:
    """Tokens and seconds by stage, and by round in a table."""
    stages = spend_by_stage(con)
    if not stages:
        return "No stage has reported what it spent."
    every = sum(stage.seconds for stage in stages)
    title = f"{duration(every)} in all"
    title += f", {stages[0].seconds / every:.0%} of it in stage {stages[0].stage}" if every else ""
    query = "select round, stage, sum(tokens), sum(seconds) from spend group by all order by all"
    by_round = {(r, stage): (int(k or 0), float(t or 0)) for r, stage, k, t in con.execute(query).fetchall()}
    rows = [
        [str(number), *(_cost(*by_round.get((number, stage.stage), (0, 0.0))) for stage in stages)]
        for number in sorted({number for number, _ in by_round})
    ]
    rows.append(["all", *(_cost(stage.tokens, stage.seconds) for stage in stages)])
    table = Table(["round", *(stage.stage for stage in stages)], "l" + "r" * len(stages), rows)
    lead = "Tokens and wall time by stage over all rounds; round by round below."
    return Section("Spend", title, lead, query, bars.spend(stages), table)


def _cost(tokens: int, seconds: float) -> str:
    return " · ".join([brief(tokens)] * bool(tokens) + [duration(seconds)] * bool(seconds)) or "–"


def imported(con: duckdb.DuckDBPyConnection, found: Headline | None) -> Section | str:
    """How the recorded samples that came from files were judged."""
    rows = imported_rates(con)
    if not rows:
        return "No recorded samples were imported."
    policies = counted(len({row.policy for row in rows}), "recorded policy", "recorded policies")
    title = f"{policies}, {counted(sum(row.judged for row in rows), 'verdict')} on their samples"
    cells = [
        [r.policy, r.judge, f"{r.judged:,}", f"{r.correct:,}", f"{r.correct / r.judged:.1%}"] for r in rows
    ]
    table = Table(["policy", "judge", "judged", "right", "pass rate"], "llrrr", cells)
    query = (
        "select policy, judge, outcome, count(*) as samples from outcomes where stage = 'import' "
        "group by all order by all"
    )
    return Section(
        "Imported", title, "Samples that came with their problems from a file.", query, None, table
    )
