"""The problems of a round, drawn in one place or cell by cell in many."""

from random import Random

from curriculum.standings import Cell
from flows.slots import Slot, by_cell, draw_slots, join
from generators.drawing import draw

CELLS = [
    Cell(family, level) for family in ("gcd", "sort_string", "modular_arithmetic") for level in (1, 2, 3)
]
SLOTS = [Slot(cell, 12, seed) for cell in CELLS for seed in (1, 2)]


def keys(drawn: list[list[object]]) -> list[str]:
    return [problem.key for found in drawn for problem in found]  # type: ignore[attr-defined]


def test_cells_that_are_drawn_apart_give_what_is_drawn_in_one_place() -> None:
    taken = frozenset(p.key for cell in CELLS for p in draw(*cell, 5, 1, "train"))
    alone = draw_slots(SLOTS, taken)
    assert len(set(keys(alone))) == len(keys(alone))
    assert taken.isdisjoint(keys(alone))
    apart = {cell: draw_slots(own, taken) for cell, own in by_cell(SLOTS).items()}
    assert join(SLOTS, apart, taken) == alone


def test_of_two_cells_that_come_upon_one_problem_the_later_does_without_it() -> None:
    """Slots of one cell under two names: all that the first draws, the second would draw as well."""
    cell = Cell("gcd", 3)
    slots = [Slot(cell, 4, 1), Slot(Cell("gcd", 2), 4, 1), Slot(cell, 6, 2)]
    alone = draw_slots(slots, frozenset())
    stolen = frozenset(problem.key for problem in alone[2][:2])
    apart = {
        cell: draw_slots([slots[0], slots[2]], frozenset()),
        Cell("gcd", 2): [alone[2][:2] + alone[1][2:]],
    }
    joined = join(slots, apart, frozenset())
    assert joined[0] == alone[0]
    assert stolen <= {problem.key for problem in joined[1]}
    assert stolen.isdisjoint(problem.key for problem in joined[2])
    assert len(joined[2]) == 6
    assert joined[2] == draw("gcd", 3, 6, 2, "train", {p.key for found in joined[:2] for p in found})


def test_the_order_in_which_cells_come_back_does_not_matter() -> None:
    apart = [(cell, draw_slots(own, frozenset())) for cell, own in by_cell(SLOTS).items()]
    Random(1).shuffle(apart)
    assert join(SLOTS, dict(apart), frozenset()) == draw_slots(SLOTS, frozenset())
