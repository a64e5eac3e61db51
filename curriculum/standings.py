"""What we believe of each cell's pass rate: a Beta distribution, never a bare k of n.

The policy moves from round to round, so old evidence fades: counts are multiplied by
FADE before a round's are added (the discounted posterior of MoPPS, with the prior kept whole).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp, lgamma, log, log1p
from random import Random
from typing import NamedTuple

from mpmath import mp

FADE = 0.5
CLOSE = 1e-9  # of a pass rate; nobody reads more digits


class Cell(NamedTuple):
    """A family at a level: what the curriculum chooses between."""

    family: str
    level: int


@dataclass(frozen=True, slots=True)
class Standing:
    """Faded counts of right and judged samples; the belief is Beta(1 + right, 1 + judged - right)."""

    right: float = 0.0
    judged: float = 0.0

    @property
    def mean(self) -> float:
        return (self.right + 1) / (self.judged + 2)

    def draw(self, rng: Random) -> float:
        """One pass rate that we believe possible (a Thompson draw)."""
        return rng.betavariate(1 + self.right, 1 + self.judged - self.right)

    def interval(self) -> tuple[float, float]:
        """Between which rates the belief puts 95%, with 2.5% on either side."""
        a, b = 1 + self.right, 1 + self.judged - self.right
        return _quantile(a, b, 0.025), _quantile(a, b, 0.975)

    def after(self, right: int, judged: int) -> "Standing":
        """The standing once a round's counts are in. ValueError unless 0 <= right <= judged."""
        if not 0 <= right <= judged:
            raise ValueError(f"right must lie between 0 and judged, not {right} of {judged}")
        return Standing(FADE * self.right + right, FADE * self.judged + judged)


def standings(
    cells: Iterable[Cell], rounds: Iterable[Mapping[Cell, tuple[int, int]]]
) -> dict[Cell, Standing]:
    """The standing of every cell after the rounds, oldest first; each maps a cell to (right, judged)."""
    beliefs = {cell: Standing() for cell in cells}
    for counts in rounds:
        beliefs = {cell: belief.after(*counts.get(cell, (0, 0))) for cell, belief in beliefs.items()}
    return beliefs


def _quantile(a: float, b: float, share: float) -> float:
    """The rate below which Beta(a, b) has that share: Newton's steps, and halves where one would leave the bracket."""
    low, high, rate = 0.0, 1.0, a / (a + b)
    while high - low > CLOSE:
        excess = _below(a, b, rate) - share
        low, high = (low, rate) if excess > 0 else (rate, high)
        step = excess / max(_density(a, b, rate), CLOSE)
        if abs(step) < CLOSE:
            break
        rate = rate - step if low < rate - step < high else (low + high) / 2
    return rate


def _below(a: float, b: float, rate: float) -> float:
    """The regularised incomplete beta function, by its series of positive terms (DLMF 8.17.8).

    mpmath's own `betainc` sums alternating ones, and gives up at counts in the thousands.
    """
    if rate > a / (a + b):
        return 1 - _below(b, a, 1 - rate)  # the shorter tail converges fast
    return (
        _density(a, b, rate) * rate * (1 - rate) / a * float(mp.hyp2f1(1, a + b, a + 1, rate, maxterms=10**6))
    )


def _density(a: float, b: float, rate: float) -> float:
    return exp((a - 1) * log(rate) + (b - 1) * log1p(-rate) + lgamma(a + b) - lgamma(a) - lgamma(b))
