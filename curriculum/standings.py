"""What we believe of each cell's pass rate: a Beta distribution, never a bare k of n.

The policy moves from round to round, so old evidence fades: counts are multiplied by
FADE before a round's are added (the discounted posterior of MoPPS, with the prior kept whole).
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from random import Random
from typing import NamedTuple

FADE = 0.5


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
