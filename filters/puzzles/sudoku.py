"""Judge of sudoku, 9x9 and 4x4: any grid that keeps the givens and repeats nothing is right.

The problem's answer is `{"grid": "53..7....6..195..."}`, or a list of rows: digits for the givens, `.` or `0`
for empty cells; 81 cells make rows, columns and boxes of 9, and 16 make them of 4.

The model's answer is a grid in the answer's region (see regions.py): a line for each row with exactly one digit
for each cell, or one line with them all. Blanks, `|`, commas, brackets, quotes and LaTeX's `&` may stand between
the digits; lines of `-`, `+`, `|`, `=` and `:` alone are decoration. Only ASCII digits count. A cell left `.`,
`_`, `?` or `0` makes it incomplete.
"""

import re
from collections.abc import Callable, Iterator
from functools import cache, lru_cache

from curriculum.records import Problem, Sample, Verdict
from filters.puzzles.findings import Finding, broken, satisfied, verdict_on
from filters.puzzles.regions import Region, Rejected
from filters.puzzles.runs import only_run
from filters.puzzles.specification import specification

JUDGE = "sudoku/1"

_BOX = {4: 2, 9: 3}  # the side of a box, by the side of the grid
_EMPTY = "."
_EMPTIES = str.maketrans("0_?", "...")
_LATEX = re.compile(r"\\(?:begin|end) ?\{[a-z]+\*?\}(?:\{[^{}\n]*\})?|\\hline|[$]")
_NEW_ROW = re.compile(r"\\\\(?:\[[^\]\n]*\])?")
_BETWEEN = re.compile(r"[ \t|,;\[\](){}\"'*&│║┃]")
_DECORATION = re.compile(r"[-+=:─-╿]*")
_CELLS = re.compile(r"[0-9._?]+")


def judge(problem: Problem, sample: Sample) -> Verdict:
    """Reasons: satisfied; changes_given, repeats (extracted is the first of them); incomplete, unreadable, hedge.

    Raises ValueError if the problem's own answer is no grid, is full, or breaks the rules already.
    """
    givens = _givens(problem)
    return verdict_on(sample, JUDGE, lambda region: _check(givens, region))


def _check(givens: str, region: Region) -> Finding:
    size = round(len(givens) ** 0.5)
    rows = only_run(_NEW_ROW.sub("\n", _LATEX.sub("", region.text)), _read_row)
    grid = "".join(rows)
    if len(grid) != size * size or not (len(rows) == 1 or all(len(row) == size for row in rows)):
        raise Rejected("unreadable")
    if _EMPTY in grid:
        raise Rejected("incomplete", f"{_cell(grid.index(_EMPTY), size)} is empty")
    for at, (given, said) in enumerate(zip(givens, grid, strict=True)):
        if given not in (_EMPTY, said):
            return broken(f"{_cell(at, size)} is given as {given}, not {said}", "changes_given")
    repeat = next(_repeats(grid), None)
    return broken(repeat, "repeats") if repeat else satisfied(grid)


def _read_row(line: str) -> list[str] | None:
    cells = _BETWEEN.sub("", line)
    if _DECORATION.fullmatch(cells):
        return []
    return [cells.translate(_EMPTIES)] if _CELLS.fullmatch(cells) else None


def _repeats(grid: str) -> Iterator[str]:
    """What a grid has too much of: digits beyond its size, and digits that stand twice in a unit."""
    size = round(len(grid) ** 0.5)
    for at, digit in enumerate(grid):
        if digit != _EMPTY and int(digit) > size:
            yield f"{_cell(at, size)} is {digit}, more than {size}"
    for name, cells in _units(size):
        digits = [grid[cell] for cell in cells if grid[cell] != _EMPTY]
        twice = [digit for digit in digits if digits.count(digit) > 1]
        if twice:
            yield f"{name} repeats {min(twice)}"


@cache
def _units(size: int) -> list[tuple[str, list[int]]]:
    box = _BOX[size]
    everywhere = range(size * size)
    which: dict[str, Callable[[int], int]] = {
        "row": lambda at: at // size,
        "column": lambda at: at % size,
        "box": lambda at: at // size // box * box + at % size // box,
    }
    return [
        (f"{kind} {n + 1}", [at for at in everywhere if place(at) == n])
        for kind, place in which.items()
        for n in range(size)
    ]


def _cell(at: int, size: int) -> str:
    return f"row {at // size + 1} column {at % size + 1}"


@lru_cache(maxsize=64)
def _givens(problem: Problem) -> str:
    grid = specification(problem, {"grid"}).get("grid")
    rows = grid if isinstance(grid, list) else [grid]
    if not all(isinstance(row, str) for row in rows):
        raise ValueError(f"the grid of a sudoku is a text or a list of texts, not {grid!r:.100}")
    cells = "".join("".join(map(str, rows)).split()).replace("0", _EMPTY)
    if not re.fullmatch(r"[1-9.]+", cells) or len(cells) not in (16, 81):
        raise ValueError(f"a sudoku has 16 or 81 cells, each a digit, 0 or a dot, not {cells!r:.100}")
    if _EMPTY not in cells:
        raise ValueError(f"a sudoku leaves a cell empty, {cells!r} does not")
    for repeat in _repeats(cells):
        raise ValueError(f"a sudoku's givens keep its rules, but {repeat} in {cells!r}")
    return cells
