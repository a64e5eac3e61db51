"""Figures of the fine-tunes and the decisions on them: loss curves, problems won and lost."""

from collections.abc import Mapping, Sequence

import numpy as np
from markupsafe import Markup
from numpy.typing import NDArray

from warehouse.report.axes import axes, bare, beside
from warehouse.report.facts import Decision
from warehouse.report.ink import DOWN, HUES, INK, LINE, MUTED, UP, canvas, svg


def losses(curves: Mapping[int, NDArray[np.float64]]) -> Markup:
    """Each round's fine-tune after the other on one axis: every step pale, a running mean on top."""
    figure = canvas(2.3)
    ax = axes(figure, left=0.06, right=0.99, above=0.35, below=0.4)
    start = 0
    for number, curve in curves.items():
        steps = np.arange(start, start + len(curve))
        smooth = _running_mean(curve, max(1, len(curve) // 15))
        ax.plot(steps, curve, color=HUES[0], alpha=0.25, linewidth=0.7)
        ax.plot(steps, smooth, color=HUES[0], linewidth=1.8)
        words = f"round {number}" + (f" · ends at {smooth[-1]:.3f}" if len(curves) <= 6 else "")
        middle = (steps[0] + steps[-1]) / 2
        ax.text(middle, 1.04, words, transform=ax.get_xaxis_transform(), ha="center", size=8)
        start += len(curve)
        if number != max(curves):
            ax.axvline(start - 0.5, color=LINE, linewidth=0.8)
    ax.set_xlim(-0.5, start - 0.5)
    ax.set_ylim(bottom=0)
    ax.grid(axis="y")
    ax.set_axisbelow(True)
    ax.spines["left"].set_visible(False)
    ax.tick_params(axis="y", labelcolor=MUTED)
    ax.set_xlabel("optimizer steps, all rounds")
    ax.set_ylabel("loss, nats per token")
    return svg(figure, "losses", "Loss of each round's fine-tune")


def discordant(made: Sequence[Decision]) -> Markup:
    """Held-out problems won to the right, lost to the left, one row a decision."""
    figure = canvas(0.5 + 0.27 * len(made))
    ax = axes(figure, left=0.21, right=0.99, above=0.3, below=0.05)
    for y, decision in enumerate(made):
        alpha = 1.0 if decision.promoted else 0.4
        ax.barh(y, decision.gained, height=0.62, color=UP, alpha=alpha)
        ax.barh(y, -decision.lost, height=0.62, color=DOWN, alpha=alpha)
        beside(ax, decision.gained, y, f"+{decision.gained}")
        beside(ax, -decision.lost, y, f"−{decision.lost}", side=-1)
    ax.axvline(0, color=MUTED, linewidth=0.8)
    ax.set_yticks(
        range(len(made)),
        [f"round {d.round} · {d.candidate} · {'promoted' if d.promoted else 'refused'}" for d in made],
    )
    for label, decision in zip(ax.get_yticklabels(), made, strict=True):
        label.set_color(INK if decision.promoted else MUTED)
    bare(ax, len(made))
    widest = max(max(d.gained, d.lost) for d in made) or 1
    ax.set_xlim(-max(d.lost for d in made) - 0.1 * widest, max(d.gained for d in made) + 0.1 * widest)
    for words, side, ink in (("lost", -1, DOWN), ("won", 1, UP)):
        ax.annotate(
            words,
            (0, 1.02),
            (5 * side, 0),
            ax.get_xaxis_transform(),
            textcoords="offset points",
            ha="left" if side > 0 else "right",
            va="bottom",
            color=ink,
            weight="bold",
        )
    return svg(figure, "discordant", "Held-out problems won and lost by each candidate")


def _running_mean(curve: NDArray[np.float64], window: int) -> NDArray[np.float64]:
    """Mean of the last `window` values at each step, of fewer at the start; shape (steps,)."""
    sums = np.concatenate([[0.0], np.cumsum(curve)])
    ends = np.arange(1, len(curve) + 1)
    starts = np.maximum(0, ends - window)
    means: NDArray[np.float64] = (sums[ends] - sums[starts]) / (ends - starts)
    return means
