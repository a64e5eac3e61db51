"""Axes that the bar charts and curves share: bare rows with the number at the end of each bar."""

from typing import Any

from warehouse.report.ink import MUTED


def axes(figure: Any, left: float, right: float, above: float, below: float) -> Any:
    """One pair of axes: sides as shares of the width, the margins above and below in inches."""
    height = figure.get_figheight()
    return figure.add_axes((left, below / height, right - left, 1 - (above + below) / height))


def bare(ax: Any, rows: int) -> None:
    """Rows read from the top down, with numbers at the bars instead of an axis."""
    ax.set_ylim(rows - 0.5, -0.5)
    ax.set_xticks([])
    for spine in ax.spines.values():
        spine.set_visible(False)


def beside(ax: Any, x: float, y: float, words: str, side: int = 1) -> None:
    """Words at the end of a bar, right of it or left."""
    ax.annotate(
        words,
        (x, y),
        (4 * side, 0),
        textcoords="offset points",
        va="center_baseline",
        size=7.5,
        ha="left" if side > 0 else "right",
        color=MUTED,
    )
