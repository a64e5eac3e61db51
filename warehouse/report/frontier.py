"""The frontier by round: accuracy on the base's frontier cells, and how far each family reaches."""

from collections.abc import Mapping, Sequence
from typing import Any

from markupsafe import Markup

from warehouse.report.facts import Cell, Decision, Rate
from warehouse.report.headline import Headline, incumbents
from warehouse.report.ink import DOWN, HUES, INK, MUTED, canvas, svg
from warehouse.report.intervals import wilson

HALF = 0.5  # a level counts as reached at this held-out pass rate
LEAST_SPAN = 30.0  # points; less would make noise look like news

Rates = Mapping[Cell, Rate]


def reach(rates: Rates, family: str) -> int:
    """The highest level of `family` with at least half of the held-out problems right; 0 if none."""
    reached = (level for (name, level), rate in rates.items() if name == family and rate.share >= HALF)
    return max(reached, default=0)


def pooled(rates: Rates, cells: Sequence[Cell]) -> Rate | None:
    """All problems of `cells` together, or None where none was judged."""
    chosen = [rates[cell] for cell in cells if cell in rates]
    return Rate(sum(rate.correct for rate in chosen), sum(rate.judged for rate in chosen)) if chosen else None


def by_round(found: Headline, rates: Mapping[str, Rates], families: Sequence[str]) -> Markup:
    """Accuracy on the left, a small chart a family on the right; `rates` holds every policy decided on."""
    columns = 3 if len(families) > 4 else 2
    lines = -(-len(families) // columns)
    figure = canvas(max(3.0, 0.7 + lines))
    inch = 1 / figure.get_figheight()
    bottom, top = 0.42 * inch, 1 - 0.3 * inch
    _accuracy(figure.add_axes((0.055, bottom, 0.33, top - bottom)), found, rates)
    sides = {"left": 0.46, "right": 0.995, "bottom": bottom, "top": top - 0.28 * inch}
    sides |= {"hspace": 0.42, "wspace": 0.08}
    small = figure.subplots(lines, columns, sharex=True, sharey=True, squeeze=False, gridspec_kw=sides)
    for ax, family in zip(small.flat, families, strict=False):
        _reaches(ax, found, rates, family)
    for ax in small.flat[len(families) :]:
        ax.set_axis_off()
    for ax in small[-1]:
        ax.set_xlabel("round")
    heading: dict[str, Any] = {"size": 9, "weight": "bold", "va": "baseline"}
    figure.text(0.055, top + 0.12 * inch, "accuracy on the base's frontier cells, %", **heading)
    figure.text(0.46, top + 0.12 * inch, "highest level with at least half right, by family", **heading)
    return svg(figure, "frontier", "Frontier accuracy and highest level reached, by round")


def _accuracy(ax: Any, found: Headline, rates: Mapping[str, Rates]) -> None:
    """The incumbent's line with its band; the ends labelled."""
    standing = [
        (r, pooled(rates[policy], found.frontier)) for r, policy in incumbents(found.base, found.decisions)
    ]
    known = [(r, 100 * rate.share, wilson(rate.correct, rate.judged)) for r, rate in standing if rate]
    rounds = [r for r, _, _ in known]
    lows, highs = [100 * band[0] for _, _, band in known], [100 * band[1] for _, _, band in known]
    ax.fill_between(rounds, lows, highs, color=HUES[0], alpha=0.15, linewidth=0)
    ax.plot(rounds, [share for _, share, _ in known], color=HUES[0], marker="o", markersize=4.5, linewidth=2)
    ends = ((0, lows, -4, "left", "top"), (-1, highs, 4, "right", "bottom"))[: len(known)]
    for place, edge, offset, ha, va in ends:
        words, at = f"{known[place][1]:.1f}", (rounds[place], edge[place])
        ax.annotate(words, at, (0, offset), textcoords="offset points", ha=ha, va=va, weight="bold", size=8.5)
    for decision in _refused(found):
        rate = pooled(rates[decision.candidate], found.frontier)
        if rate:
            _cross(ax, decision.round, 100 * rate.share, 6)
    ax.margins(y=0.18)
    low, high = ax.get_ylim()
    spare = max(0.0, LEAST_SPAN - (high - low)) / 2
    ax.set_ylim(low - spare, high + spare)
    ax.set_xlabel("round")
    _dress(ax, [r for r, _ in standing])


def _reaches(ax: Any, found: Headline, rates: Mapping[str, Rates], family: str) -> None:
    """The level that one family reaches after each round."""
    standing = incumbents(found.base, found.decisions)
    rounds, levels = [r for r, _ in standing], [reach(rates[policy], family) for _, policy in standing]
    ax.fill_between(rounds, levels, color=HUES[0], alpha=0.12, linewidth=0)
    ax.plot(rounds, levels, color=HUES[0], linewidth=2, marker="o", markersize=3.5, clip_on=False)
    for decision in _refused(found):
        _cross(ax, decision.round, reach(rates[decision.candidate], family), 5)
    top = max(2, max(reach(policy, name) for policy in rates.values() for name, _ in policy))
    ax.set_ylim(0, top + 1)
    ax.set_yticks([0, top // 2, top])
    ax.set_title(family, fontsize=8, pad=4)
    look = {"color": INK, "weight": "bold"} if levels[-1] > levels[0] else {"color": MUTED}
    place = {"transform": ax.transAxes, "ha": "right", "va": "bottom", "size": 8}
    ax.text(1, 1.03, f"{levels[0]} → {levels[-1]}", **place, **look)
    _dress(ax, rounds)


def _refused(found: Headline) -> list[Decision]:
    return [decision for decision in found.decisions if not decision.promoted]


def _cross(ax: Any, x: float, y: float, size: float) -> None:
    ax.plot(
        [x], [y], marker="x", color=DOWN, markersize=size, markeredgewidth=1.7, linestyle="", clip_on=False
    )


def _dress(ax: Any, rounds: Sequence[int]) -> None:
    ax.set_xticks(list(rounds)[:: max(1, len(rounds) // 6)])
    ax.set_xlim(min(rounds) - 0.35, max(rounds) + 0.35)
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    ax.tick_params(axis="y", labelcolor=MUTED)
    ax.spines["left"].set_visible(False)
