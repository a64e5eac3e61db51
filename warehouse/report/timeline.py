"""Where the time of each round went: its stretches in order, and in how much of them the engine was at work."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import duckdb
from markupsafe import Markup

from warehouse.report.axes import axes, bare, beside
from warehouse.report.headline import Headline
from warehouse.report.ink import HUES, MUTED, canvas, svg
from warehouse.report.numerals import duration
from warehouse.report.section import Section

MOST_ROUNDS = 12  # the last ones; a figure of more is not read
PAUSE_S = 10.0  # a longer gap is a run that was stopped and continued: it is not drawn
STAGE_HUES = {"sample": HUES[0], "guess": HUES[6], "evaluate": HUES[2], "finetune": HUES[1]}
OTHER = "#8d99a6"
FAINT = 0.3  # opacity of the time in which the engine waited

STRETCHES = """
    select round, stage, started_at, seconds, engine_seconds from timeline
    where round in (select distinct round from timeline order by round desc limit ?)
    order by round, started_at, stage
"""
IDLE = "select coalesce(sum(seconds), 0), coalesce(sum(engine_seconds), 0) from engine_use"


@dataclass(frozen=True, slots=True)
class Stretch:
    """`engine_seconds` is None where no samples were drawn."""

    round: int
    stage: str
    started_at: datetime
    seconds: float
    engine_seconds: float | None


def timeline(con: duckdb.DuckDBPyConnection, found: Headline | None) -> Section | str:
    """A bar a round, in the order of what happened."""
    stretches = [Stretch(*row) for row in con.execute(STRETCHES, [MOST_ROUNDS]).fetchall()]
    if not stretches:
        return "No round has told when its parts ran."
    [(drawing, working)] = con.execute(IDLE).fetchall()
    title = "No samples were drawn"
    if drawing:
        title = f"The engine waited {1 - working / drawing:.1%} of the {duration(drawing)} in which samples were drawn"
    lead = (
        "What each round did, one stretch after the other. Faint is the time in which the engine waited: for weights,"
        " prompts, judges or commits."
    )
    return Section(
        "Timeline", title, lead, STRETCHES.replace("?", str(MOST_ROUNDS)).strip(), _figure(stretches)
    )


def _figure(stretches: Sequence[Stretch]) -> Markup:
    rounds = sorted({stretch.round for stretch in stretches})
    figure = canvas(0.65 + 0.27 * len(rounds))
    ax = axes(figure, left=0.08, right=0.93, above=0.4, below=0.05)
    ends = []
    for y, number in enumerate(rounds):
        placed = _placed([stretch for stretch in stretches if stretch.round == number])
        for start, stretch in placed:
            hue = STAGE_HUES.get(stretch.stage, OTHER)
            working = stretch.seconds if stretch.engine_seconds is None else stretch.engine_seconds
            ax.barh(y, stretch.seconds, left=start, height=0.68, color=hue, alpha=FAINT, linewidth=0)
            ax.barh(y, min(working, stretch.seconds), left=start, height=0.68, color=hue, linewidth=0)
        ends.append(max(start + stretch.seconds for start, stretch in placed))
        beside(ax, ends[-1], y, duration(ends[-1]))
    ax.set_yticks(range(len(rounds)), [f"round {number}" for number in rounds])
    bare(ax, len(rounds))
    ax.set_xlim(0, max(ends) or 1)
    known = [stage for stage in STAGE_HUES if any(stretch.stage == stage for stretch in stretches)]
    for stage in known:
        ax.barh(0, 0, color=STAGE_HUES[stage], label=stage)
    ax.barh(0, 0, color=OTHER, label="other stages")
    place = {"loc": "upper left", "bbox_to_anchor": (0.07, 1), "borderaxespad": 0.2, "labelcolor": MUTED}
    figure.legend(**place, ncols=len(known) + 1, fontsize=7.5, handlelength=0.9, columnspacing=1.4)
    return svg(figure, "timeline", "Stretches of each round, and in how much of them the engine was at work")


def _placed(stretches: Sequence[Stretch]) -> list[tuple[float, Stretch]]:
    """Where each begins, in seconds from the start of its round, pauses of the run left out."""
    placed: list[tuple[float, Stretch]] = []
    at, end = 0.0, stretches[0].started_at
    for stretch in stretches:
        gap = (stretch.started_at - end).total_seconds()
        at += gap if 0 < gap < PAUSE_S else 0.0
        placed.append((at, stretch))
        at += stretch.seconds
        end = stretch.started_at + timedelta(seconds=stretch.seconds)
    return placed
