"""How every figure is drawn: quiet axes, one palette, and SVG that takes its colours from the page.

matplotlib knows no CSS, so the inks below are stand-in colours that are exchanged for CSS variables
in the finished SVG. That is how one figure serves a light and a dark page.
"""

import io
import re
from typing import Any

import matplotlib
from markupsafe import Markup
from matplotlib.figure import Figure

INK, MUTED, LINE, PAPER, HEAT, UP, DOWN, PALE = (f"#01020{digit}" for digit in range(1, 9))
VARIABLES = {
    INK: "var(--ink)",
    MUTED: "var(--muted)",
    LINE: "var(--line)",
    PAPER: "var(--card)",
    HEAT: "var(--heat)",
    UP: "var(--up)",
    DOWN: "var(--down)",
    PALE: "var(--pale)",
}
# Mid tones that hold on white and on near-black; Okabe and Ito's order of hues, softened.
HUES = ["#2b7bba", "#e08e2b", "#2f9e77", "#c65b8a", "#7d6bc4", "#b5493f", "#3aa6b9", "#8c7a3d"]
WIDTH = 11.2  # inches: 806 SVG units across a page column
_STYLE = {
    "svg.fonttype": "none",
    "text.parse_math": False,  # names come from data: a dollar sign is a dollar sign
    "font.family": "DejaVu Sans",
    "font.size": 8,
    "axes.titlesize": 9,
    "axes.titleweight": "bold",
    "axes.titlelocation": "left",
    "axes.titlepad": 8,
    "axes.spines.top": False,
    "axes.spines.right": False,
    "axes.edgecolor": LINE,
    "axes.labelcolor": MUTED,
    "axes.titlecolor": INK,
    "text.color": INK,
    "xtick.color": LINE,
    "ytick.color": LINE,
    "xtick.labelcolor": MUTED,
    "ytick.labelcolor": INK,
    "xtick.major.size": 0,
    "ytick.major.size": 0,
    "axes.grid": False,
    "grid.color": LINE,
    "grid.linewidth": 0.6,
    "axes.facecolor": "none",
    "figure.facecolor": "none",
    "legend.frameon": False,
}


def canvas(height: float, width: float = WIDTH) -> Figure:
    """An empty figure in house style, inches by inches."""
    return Figure(figsize=(width, height))


def styled() -> Any:
    """The context in which figures are made and saved."""
    return matplotlib.rc_context(_STYLE)


def svg(figure: Figure, name: str, alt: str) -> Markup:
    """The figure as inline SVG; `name` keeps ids apart between figures and steady between builds."""
    buffer = io.StringIO()
    with matplotlib.rc_context({"svg.hashsalt": name}):
        figure.savefig(buffer, format="svg", metadata=dict.fromkeys(("Creator", "Date", "Format", "Type")))
    text = buffer.getvalue()
    text = text[text.index("<svg") :]
    text = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", text, count=1, flags=re.S)
    text = re.sub(r'\bid="', f'id="{name}-', text)
    text = text.replace("url(#", f"url(#{name}-").replace('href="#', f'href="#{name}-')
    text = re.sub(r"font-family: [^;\"]*", "font-family: var(--sans)", text)
    label = Markup('role="img" aria-label="{}"').format(alt)
    text = re.sub(r'width="[\d.]+pt" height="[\d.]+pt"', lambda _: str(label), text, count=1)
    for ink, variable in VARIABLES.items():
        text = text.replace(ink, variable)
    return Markup(text)
