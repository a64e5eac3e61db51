"""The problems of a round's assignments: in their order, or cell by cell in many places, with the same result."""

from collections.abc import Mapping, Sequence, Set
from typing import NamedTuple

from curriculum.records import Problem
from curriculum.standings import Cell
from generators.drawing import draw


class Slot(NamedTuple):
    """So many problems of a cell, from the stream that the seed names."""

    cell: Cell
    problems: int
    seed: int


def draw_slots(slots: Sequence[Slot], taken: Set[str]) -> list[list[Problem]]:
    """The problems of each slot, none of them taken nor drawn for a slot before it."""
    return join(slots, {}, taken)


def by_cell(slots: Sequence[Slot]) -> dict[Cell, list[Slot]]:
    """The slots of each cell, in their order."""
    cells: dict[Cell, list[Slot]] = {}
    for slot in slots:
        cells.setdefault(slot.cell, []).append(slot)
    return cells


def join(
    slots: Sequence[Slot], drawn: Mapping[Cell, Sequence[list[Problem]]], taken: Set[str]
) -> list[list[Problem]]:
    """What `draw_slots` gives, where the slots of some cells were drawn apart from the others.

    Two cells can come upon one problem. The later slot has to do without it, and is drawn again, as are those of its
    cell that follow.
    """
    seen = set(taken)
    apart = {cell: iter(found) for cell, found in drawn.items()}
    joined = []
    for slot in slots:
        found = next(apart[slot.cell]) if slot.cell in apart else None
        if found is None or not seen.isdisjoint(problem.key for problem in found):
            apart.pop(slot.cell, None)
            found = draw(*slot.cell, slot.problems, slot.seed, "train", seen)
        seen |= {problem.key for problem in found}
        joined.append(found)
    return joined
