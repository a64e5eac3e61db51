"""Bars by round and stage: what was admitted and why not, and what each stage took."""

from collections.abc import Mapping, Sequence
from itertools import cycle

import numpy as np
from markupsafe import Markup

from warehouse.report.axes import axes, bare, beside
from warehouse.report.facts import StageSpend
from warehouse.report.ink import HUES, canvas, svg
from warehouse.report.numerals import brief, duration

REASON_HUES = {
    "admitted": HUES[2],
    "replayed": "#7fbfa3",
    "wrong": "#8d99a6",
    "no_answer": "#b3bcc6",
    "truncated": HUES[7],
    "not_judged": HUES[5],
    "broken_steps": HUES[1],
    "duplicate_path": HUES[4],
    "over_cap": HUES[0],
    "mastered_cap": HUES[6],
    "heldout": HUES[3],
    "not_trained": "#4a6fa5",
}
SPARE_HUES = ["#b8a1d9", "#6b7785", "#d9a441", "#5d8aa8"]
ROOM_FOR_WORDS = 0.035  # a piece of a bar narrower than this share of the longest has no number


def selections(counts: Mapping[tuple[int, str], int], reasons: Sequence[str]) -> Markup:
    """Stacked bars by round; `counts` is keyed (round, reason), `reasons` gives the order of the stack."""
    rounds = sorted({key[0] for key in counts})
    figure = canvas(0.65 + 0.27 * len(rounds))
    ax = axes(figure, left=0.08, right=0.94, above=0.4, below=0.05)
    totals = [sum(counts.get((r, reason), 0) for reason in reasons) for r in rounds]
    left = np.zeros(len(rounds))
    for reason, hue in zip(reasons, _hues(reasons), strict=True):
        widths = np.array([counts.get((r, reason), 0) for r in rounds], dtype=np.float64)
        ax.barh(range(len(rounds)), widths, left=left, height=0.68, color=hue, label=reason.replace("_", " "))
        for y, (start, width) in enumerate(zip(left, widths, strict=True)):
            if width > ROOM_FOR_WORDS * max(totals):
                inside = {"ha": "center", "va": "center_baseline", "color": "white", "size": 7.5}
                ax.text(start + width / 2, y, brief(width), **inside)
        left += widths
    for y, total in enumerate(totals):
        beside(ax, total, y, brief(total))
    ax.set_yticks(range(len(rounds)), [f"round {r}" for r in rounds])
    bare(ax, len(rounds))
    ax.set_xlim(0, max(totals))
    columns = len(reasons) if len(reasons) < 9 else -(-len(reasons) // 2)
    place = {"loc": "upper left", "bbox_to_anchor": (0.07, 1), "borderaxespad": 0.2}
    figure.legend(**place, ncols=columns, fontsize=7.5, handlelength=0.9, columnspacing=1.4)
    return svg(figure, "selections", "Samples admitted and rejected by reason and round")


def _hues(reasons: Sequence[str]) -> list[str]:
    """A reason keeps its hue from home to home; one that is not known here takes the next spare hue."""
    spare = cycle(SPARE_HUES)
    return [REASON_HUES.get(reason) or next(spare) for reason in reasons]


def spend(stages: Sequence[StageSpend]) -> Markup:
    """Tokens and time side by side, one bar a stage."""
    figure = canvas(0.5 + 0.27 * len(stages))
    inch = 1 / figure.get_figheight()
    sides = {"left": 0.1, "right": 0.93, "top": 1 - 0.4 * inch, "bottom": 0.05 * inch, "wspace": 0.22}
    left, right = figure.subplots(1, 2, sharey=True, gridspec_kw=sides)
    tokens = [(float(stage.tokens), brief(stage.tokens)) for stage in stages]
    seconds = [(stage.seconds, duration(stage.seconds)) for stage in stages]
    for ax, title, bars, hue in ((left, "tokens", tokens, HUES[0]), (right, "time", seconds, HUES[1])):
        ax.barh(range(len(stages)), [value for value, _ in bars], height=0.62, color=hue)
        for y, (value, words) in enumerate(bars):
            beside(ax, value, y, words if value else "–")
        ax.set_title(title)
        ax.set_yticks(range(len(stages)), [stage.stage for stage in stages])
        bare(ax, len(stages))
        ax.set_xlim(0, max(value for value, _ in bars) or 1)
    return svg(figure, "spend", "Tokens and time by stage")
