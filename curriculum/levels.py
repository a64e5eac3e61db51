"""Standings in, next assignments out: how many problems of which cell a round shall practise.

Most problems go where the model succeeds sometimes. Some go to what it rarely does, so that
the frontier can move, and some anywhere, so that nothing is believed for ever unseen.
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from random import Random
from typing import Literal

from curriculum.standings import Cell, Standing

Slot = Literal["learnability", "hard", "uniform"]
SHARES: dict[Slot, float] = {"learnability": 0.7, "hard": 0.1, "uniform": 0.2}


@dataclass(frozen=True, slots=True)
class Assignment:
    """So many problems of one cell, and which share of the draw they came from."""

    cell: Cell
    slot: Slot
    problems: int


def assign(standings: Mapping[Cell, Standing], problems: int, seed: int) -> list[Assignment]:
    """`problems` problems spread over the cells, the same for the same standings and seed.

    A problem of the slot `learnability` draws a pass rate p for every cell from its standing and
    takes a cell in proportion to p(1 - p), the variance of its reward (LILO, SFL); `hard` takes
    cells with both outcomes in proportion to 1 - mean (Kimi k1.5), any while there are none;
    `uniform` takes any.
    """
    rng = Random(seed)
    cells = sorted(standings)
    drawn: Counter[tuple[Cell, Slot]] = Counter()
    for _ in range(problems):
        (slot,) = rng.choices(list(SHARES), list(SHARES.values()))
        (cell,) = rng.choices(cells, _weights(slot, cells, standings, rng))
        drawn[cell, slot] += 1
    return [Assignment(cell, slot, count) for (cell, slot), count in sorted(drawn.items())]


def _weights(slot: Slot, cells: list[Cell], standings: Mapping[Cell, Standing], rng: Random) -> list[float]:
    if slot == "learnability":
        rates = [standings[cell].draw(rng) for cell in cells]
        return [rate * (1 - rate) for rate in rates]
    if slot == "hard":
        known = [standings[cell] for cell in cells]
        weights = [1 - s.mean if 0 < s.right < s.judged else 0.0 for s in known]
        if any(weights):
            return weights
    return [1.0] * len(cells)
