"""Maps of family by level: pass rates of two policies and their difference, and what was drawn."""

from collections.abc import Mapping
from typing import Any

from markupsafe import Markup

from warehouse.report.facts import Cell, Rate
from warehouse.report.headline import Headline, is_frontier
from warehouse.report.ink import HUES, MUTED, canvas, svg
from warehouse.report.squares import Grid, change_look, count_look, fill, frame, outline, share_look

SLOTS = ["learnability", "hard", "uniform"]
SHOWN_ROUNDS = 6

Draws = Mapping[tuple[int, str, str, int], int]  # (round, slot, family, level) -> problems


def families_by_reach(*policies: Mapping[Cell, Rate]) -> list[str]:
    """Every family, the best mastered by the first policy on top, so that its map reads as a slope."""
    shares: dict[str, list[float]] = {family: [] for rates in policies for family, _ in rates}
    for (family, _), rate in policies[0].items():
        shares[family].append(rate.share)
    return sorted(shares, key=lambda family: (-sum(shares[family]) / max(1, len(shares[family])), family))


def standings(found: Headline) -> Markup:
    """Base, now and the difference, on one scale, frontiers outlined; the base alone if nothing moved."""
    levels = sorted({level for _, level in (*found.base_rates, *found.now_rates)})
    grid = Grid(families_by_reach(found.base_rates, found.now_rates), levels)
    figure = canvas(0.6 + 0.262 * len(grid.families))
    inch = 1 / figure.get_figheight()
    sides = {
        "left": grid.margin,
        "right": 0.998,
        "top": 1 - 0.3 * inch,
        "bottom": 0.3 * inch,
        "wspace": 0.035,
    }
    base, now, change = figure.subplots(1, 3, sharey=True, gridspec_kw=sides)
    _rates(base, grid, f"base · {found.base}", found.base_rates)
    if not found.moved:
        now.set_axis_off()
        change.set_axis_off()
        return svg(figure, "standings", "Held-out pass rate of the base by family and level")
    _rates(now, grid, f"now · {found.now}", found.now_rates)
    both = [cell for cell in found.base_rates if cell in found.now_rates]
    frame(change, grid, "change, points")
    moved = {cell: found.now_rates[cell].share - found.base_rates[cell].share for cell in both}
    fill(change, grid, moved, change_look)
    outline(change, grid, found.frontier)
    return svg(figure, "standings", "Held-out pass rate by family and level: base, now, change")


def _rates(ax: Any, grid: Grid, title: str, rates: Mapping[Cell, Rate]) -> None:
    frame(ax, grid, title)
    fill(ax, grid, {cell: rate.share for cell, rate in rates.items()}, share_look)
    outline(ax, grid, [cell for cell, rate in rates.items() if is_frontier(rate)])


def draws(counts: Draws, families: list[str]) -> Markup:
    """One small map per slot and round, one hue a slot; of many rounds an even choice."""
    rounds = shown_rounds(counts)
    found = {key[1] for key in counts}
    slots = [slot for slot in SLOTS if slot in found] + sorted(found - set(SLOTS))
    grid = Grid(families, sorted({key[3] for key in counts}))
    row = 0.115 * len(families)
    figure = canvas(0.5 + (row + 0.2) * len(slots))
    inch = 1 / figure.get_figheight()
    sides = {"left": grid.margin + 0.03, "right": 0.998, "top": 1 - 0.4 * inch, "bottom": 0.25 * inch}
    sides |= {"wspace": 0.06, "hspace": 0.2 / row}
    axes = figure.subplots(len(slots), max(len(rounds), 4), squeeze=False, gridspec_kw=sides)
    for line, slot, hue in zip(axes, slots, HUES, strict=False):
        most = max(drawn for key, drawn in counts.items() if key[1] == slot)
        for ax, number in zip(line, rounds, strict=False):
            drawn = {(f, n): k for (r, s, f, n), k in counts.items() if (r, s) == (number, slot)}
            frame(ax, grid, f"round {number}" if slot == slots[0] else "", small=True)
            fill(ax, grid, drawn, count_look(hue, most))
            total = {"transform": ax.transAxes, "ha": "right", "va": "bottom", "size": 7, "color": MUTED}
            ax.text(1, 1.02, f"{sum(drawn.values()):,}", **total)
            ax.tick_params(labelleft=number == rounds[0], labelbottom=slot == slots[-1])
        for ax in line[len(rounds) :]:
            ax.set_axis_off()
        middle = (line[0].get_position().y0 + line[0].get_position().y1) / 2
        figure.text(
            0.008, middle, slot, rotation=90, va="center", ha="center", color=hue, weight="bold", size=7.5
        )
    return svg(figure, "draws", "Problems drawn by family, level, slot and round")


def shown_rounds(counts: Draws) -> list[int]:
    """At most SHOWN_ROUNDS of the rounds, first and last included, evenly between."""
    rounds = sorted({key[0] for key in counts})
    if len(rounds) <= SHOWN_ROUNDS:
        return rounds
    step = (len(rounds) - 1) / (SHOWN_ROUNDS - 1)
    return [rounds[round(i * step)] for i in range(SHOWN_ROUNDS)]
