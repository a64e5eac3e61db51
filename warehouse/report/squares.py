"""The map of family by level: a square a cell, its colour, its number, a line around a set of cells."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from matplotlib.patches import Rectangle

from warehouse.report.facts import Cell
from warehouse.report.ink import DOWN, HEAT, INK, LINE, MUTED, PALE, UP


@dataclass(frozen=True, slots=True)
class Grid:
    """Families from top to bottom, levels from left to right."""

    families: list[str]
    levels: list[int]

    @property
    def margin(self) -> float:
        """Room for the longest family name, as a share of the figure's width."""
        return 0.02 + 0.0055 * max(map(len, self.families))


@dataclass(frozen=True, slots=True)
class Look:
    """How one square is drawn; the fill is laid over the page's own ground, so it suits light and dark."""

    fill: str
    opacity: float
    words: str = ""
    ink: str = INK


def share_look(share: float) -> Look:
    """A pass rate, deeper blue for higher."""
    return Look(HEAT, 0.04 + 0.96 * share, f"{100 * share:.0f}", _ink(share, quiet=share < 0.005))


def change_look(change: float) -> Look:
    """A difference of pass rates, full colour from 50 points on."""
    strength = min(1.0, abs(change) / 0.5)
    fill = UP if change > 0 else DOWN if change < 0 else LINE
    words = f"{100 * change:+.0f}" if abs(change) >= 0.005 else "·"
    return Look(fill, 0.04 + 0.96 * strength, words, _ink(strength, quiet=words == "·"))


def count_look(hue: str, most: float) -> Callable[[float], Look]:
    """Counts without numbers, in shades of one hue up to `most`."""
    return lambda count: Look(hue, 0.15 + 0.85 * count / most)


def _ink(depth: float, quiet: bool) -> str:
    return MUTED if quiet else "white" if depth > 0.7 else INK


def frame(ax: Any, grid: Grid, title: str = "", small: bool = False) -> None:
    """Empty axes for `grid`: names on the left, levels below."""
    ax.set_xlim(-0.5, len(grid.levels) - 0.5)
    ax.set_ylim(len(grid.families) - 0.5, -0.5)
    shown = range(0, len(grid.levels), max(1, len(grid.levels) // 4) if small else 1)
    ax.set_xticks([*shown], [str(grid.levels[i]) for i in shown], size=6 if small else 7.5)
    ax.set_yticks(range(len(grid.families)), grid.families, size=6.5 if small else 8.5)
    ax.set_title(title, fontsize=8 if small else 9)
    for spine in ax.spines.values():
        spine.set_visible(False)


def fill(ax: Any, grid: Grid, values: Mapping[Cell, float], look: Callable[[float], Look]) -> None:
    """One square a cell with its number; a cell without a value is an empty square."""
    for y, family in enumerate(grid.families):
        for x, level in enumerate(grid.levels):
            value = values.get((family, level))
            square = look(value) if value is not None else Look(PALE, 1.0)
            place = (x - 0.47, y - 0.47)
            ax.add_patch(
                Rectangle(place, 0.94, 0.94, facecolor=square.fill, alpha=square.opacity, linewidth=0)
            )
            if square.words:
                at = {"ha": "center", "va": "center_baseline", "size": 7.2}
                ax.text(x, y + 0.02, square.words, color=square.ink, **at)


def outline(ax: Any, grid: Grid, cells: Iterable[Cell]) -> None:
    """A line around the union of `cells`: each side whose other side is not among them."""
    inside = {(grid.levels.index(level), grid.families.index(family)) for family, level in cells}
    for x, y in sorted(inside):
        for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
            if (x + dx, y + dy) in inside:
                continue
            xs = [x + dx / 2] * 2 if dx else [x - 0.5, x + 0.5]
            ys = [y + dy / 2] * 2 if dy else [y - 0.5, y + 0.5]
            ax.plot(xs, ys, color=INK, linewidth=1.3, solid_capstyle="projecting", clip_on=False)
