"""plot.png: the pass rate of the checkpoints by round, or, where none was evaluated, the problems by family and level.

A card is read on white and on black: the figure brings its own paper, and the same home gives the same bytes.
"""

import io
import warnings
from pathlib import Path
from typing import Any, NamedTuple

import duckdb
import matplotlib
from matplotlib.figure import Figure

from warehouse.report.ink import HUES

PAPER, INK, MUTED, LINE = "#fbfaf7", "#22262b", "#5a626b", "#d9d6ce"
MOST_FAMILIES = 12
_MOST_LEVELS = 12  # that are told apart; higher ones are drawn together
_NAME = 28  # characters
_STYLE = {
    "font.family": "DejaVu Sans",
    "font.size": 9,
    "text.parse_math": False,  # names come from data: a dollar sign is a dollar sign
    "text.color": INK,
    "axes.edgecolor": LINE,
    "axes.facecolor": PAPER,
    "axes.labelcolor": MUTED,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.axisbelow": True,
    "figure.facecolor": PAPER,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "legend.frameon": False,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": INK,
}

_ROUNDS = """
    with rates as (
        select round, policy, sum(judged)::bigint as judged, sum(correct)::bigint as correct
        from evaluations where split = 'heldout' group by round, policy
    )
    select r.round, r.correct / r.judged as rate, wilson(r.correct, r.judged).low, wilson(r.correct, r.judged).high,
        r.round = 0 or coalesce(m.promoted, false) as in_chain
    from rates as r left join promotions as m on m.candidate = r.policy order by r.round, r.policy
"""
_FAMILIES = f"""
    with counts as (
        select family, least(level, {_MOST_LEVELS}) as level, count(distinct key) as problems
        from problems group by all
    )
    select family, level, problems from counts
    where family in (
        select family from counts group by family order by sum(problems) desc, family limit {MOST_FAMILIES}
    )
    order by family, level
"""


class _Rate(NamedTuple):
    round: int
    rate: float
    low: float
    high: float
    in_chain: bool  # the base, or promoted


def draw_plot(con: duckdb.DuckDBPyConnection, file: Path) -> str:
    """Write the figure as PNG; returns in words what it shows."""
    rates = [_Rate._make(row) for row in con.execute(_ROUNDS).fetchall()]
    with matplotlib.rc_context(_STYLE):
        if len(rates) > 1:
            figure, words = _by_round(rates)
        else:
            figure, words = _by_family(con.execute(_FAMILIES).fetchall())
        file.write_bytes(_png(figure))
    return words


def _png(figure: Figure) -> bytes:
    buffer = io.BytesIO()
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Glyph .* missing")  # a name may be in any script
        figure.savefig(buffer, format="png", dpi=160, metadata={"Software": None})
    return buffer.getvalue()


def _by_round(rates: list[_Rate]) -> tuple[Figure, str]:
    figure, axes = _canvas(3.2)
    chain = [rate for rate in rates if rate.in_chain]
    axes.plot([r.round for r in chain], [r.rate for r in chain], color=HUES[0], linewidth=1.6, zorder=2)
    for group, fill, label in ((chain, HUES[0], "base and promoted"), (_refused(rates), PAPER, "refused")):
        if group:
            axes.errorbar(
                [r.round for r in group],
                [r.rate for r in group],
                [
                    [max(0, r.rate - r.low) for r in group],
                    [max(0, r.high - r.rate) for r in group],
                ],  # rounding
                fmt="o",
                color=HUES[0],
                markerfacecolor=fill,
                markersize=6,
                linewidth=1.2,
                label=label,
                zorder=3,
            )
    axes.set_xlabel("round")
    axes.set_ylabel("share right, 95% interval")
    axes.xaxis.get_major_locator().set_params(integer=True)
    axes.grid(axis="y")
    axes.legend(loc="best")
    axes.set_title("Held-out problems that each checkpoint gets right", loc="left", weight="bold")
    return figure, "Share of held-out problems that each round's checkpoint gets right, with 95% intervals"


def _refused(rates: list[_Rate]) -> list[_Rate]:
    return [rate for rate in rates if not rate.in_chain]


def _by_family(counts: list[tuple[str, int, int]]) -> tuple[Figure, str]:
    families = sorted({family for family, _, _ in counts})
    figure, axes = _canvas(1.1 + 0.3 * max(1, len(families)))
    widths = dict.fromkeys(families, 0)
    for family, level, problems in counts:
        shade = 0.25 + 0.75 * min(level, _MOST_LEVELS) / _MOST_LEVELS
        axes.barh(
            families.index(family), problems, left=widths[family], color=HUES[0], alpha=shade, height=0.66
        )
        widths[family] += problems
    for row, family in enumerate(families):
        axes.annotate(
            f"{widths[family]:,}", (widths[family], row), (4, 0), textcoords="offset points", va="center"
        )
    axes.set_yticks(range(len(families)), [_short(family) for family in families])
    axes.invert_yaxis()
    axes.margins(x=0.12)
    axes.spines["bottom"].set_visible(False)
    axes.set_xticks([])
    axes.set_title("Problems by family; darker is a higher level", loc="left", weight="bold")
    return figure, "Problems by family and level"


def _canvas(height: float) -> tuple[Figure, Any]:
    figure = Figure(figsize=(7.2, height), layout="constrained")
    return figure, figure.add_subplot()


def _short(name: str) -> str:
    printable = "".join(c if c.isprintable() else " " for c in name)
    return printable if len(printable) <= _NAME else printable[: _NAME - 1] + "…"
