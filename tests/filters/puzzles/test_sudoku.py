"""Sudoku: a solved grid is right, and what is broken is named."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.filters.puzzles.examples import GRID, SOLVED, judged, randoms, rows


def grid_of(size: int, rng: Random) -> str:
    """A random solved grid: the cyclic one with its digits, rows and columns shuffled within their bands."""
    box = {4: 2, 9: 3}[size]
    order = [
        [band * box + line for band in rng.sample(range(box), box) for line in rng.sample(range(box), box)]
        for _ in range(2)
    ]
    digits = rng.sample("123456789"[:size], size)
    return "".join(digits[(box * (r % box) + r // box + c) % size] for r in order[0] for c in order[1])


@given(st.sampled_from([4, 9]), randoms)
def test_a_solved_grid_is_right_and_one_changed_cell_is_not(size: int, rng: Random) -> None:
    solution = grid_of(size, rng)
    givens = "".join(digit if rng.random() < 0.4 else "." for digit in "." + solution[1:])
    assert judged("sudoku", {"grid": givens}, f"A:\n{rows(solution)}").outcome == "right"
    at = rng.randrange(len(solution))
    other = rng.choice([digit for digit in "123456789.0" if digit != solution[at]])
    changed = solution[:at] + other + solution[at + 1 :]
    assert judged("sudoku", {"grid": givens}, f"A:\n{rows(changed)}").outcome != "right"


def test_what_is_broken_is_named() -> None:
    verdict = judged("sudoku", {"grid": GRID}, f"A:\n{rows('1' + SOLVED[1:])}")
    assert verdict.extracted == "row 1 column 1 is given as 5, not 1"
    verdict = judged("sudoku", {"grid": GRID}, f"A:\n{rows(SOLVED[:2] + '5' + SOLVED[3:])}")
    assert (verdict.reason, verdict.extracted, verdict.found_in) == (
        "repeats",
        "row 1 repeats 5",
        "answer_line",
    )


@pytest.mark.parametrize(
    "puzzle",
    [
        "",
        "[]",
        "{",
        {"grid": 5},
        {},
        {"grid": GRID, "size": 9},
        {"grid": GRID[1:]},
        {"grid": GRID.replace("5", "x")},
        {"grid": GRID.replace("5", "٥")},
        {"grid": SOLVED},
        {"grid": "11" + "." * 14},
        {"grid": "1...1" + "." * 11},
        {"grid": "1....1" + "." * 10},
        {"grid": "5" + "." * 15},
        '{"grid": "' + "." * 81 + '", "grid": "' + "." * 81 + '"}',
        "[" * 100_000,
    ],
)
def test_a_sudoku_that_is_none_raises(puzzle: object) -> None:
    with pytest.raises(ValueError, match=r"sudoku|must be a JSON object"):
        judged("sudoku", puzzle, f"A:\n{rows(SOLVED)}")
