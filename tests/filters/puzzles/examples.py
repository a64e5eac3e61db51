"""One puzzle of each kind with a solution, and a way to have a text judged."""

import json
from random import Random
from types import ModuleType
from typing import Any

from hypothesis import strategies as st

from curriculum.records import Finish, Problem, Sample, Verdict
from filters.puzzles import countdown, graph_coloring, knights_and_knaves, sudoku

JUDGES: dict[str, ModuleType] = {
    "sudoku": sudoku,
    "countdown": countdown,
    "graph_coloring": graph_coloring,
    "knights_and_knaves": knights_and_knaves,
}
GRID = "53..7....6..195....98....6.8...6...34..8.3..17...2...6.6....28....419..5....8..79"
SOLVED = "534678912672195348198342567859761423426853791713924856961537284287419635345286179"
PUZZLES: dict[str, dict[str, Any]] = {
    "sudoku": {"grid": GRID},
    "countdown": {"numbers": [3, 7, 8, 50], "target": 374},
    "graph_coloring": {"edges": [["A", "B"], ["B", "C"], ["C", "A"]], "colors": 3},
    "knights_and_knaves": {
        "people": ["Zoey", "Liam"],
        "says": {"Zoey": "!Liam", "Liam": "Zoey & Liam"},
    },
}

randoms = st.integers(0, 2**32).map(Random)


def rows(grid: str) -> str:
    size = round(len(grid) ** 0.5)
    return "\n".join(grid[at : at + size] for at in range(0, len(grid), size))


RIGHT = {
    "sudoku": rows(SOLVED),
    "countdown": "50*7 + 8*3",
    "graph_coloring": "A: red, B: green, C: blue",
    "knights_and_knaves": "Zoey is a knight, Liam is a knave",
}


def judged(check: str, puzzle: object, text: str, finish: Finish = "stop") -> Verdict:
    answer = puzzle if isinstance(puzzle, str) else json.dumps(puzzle)
    problem = Problem("puzzle", 1, "", answer, check)
    verdict = JUDGES[check].judge(problem, Sample(problem.key, "policy", 0, 1.0, text, 0, finish))
    assert isinstance(verdict, Verdict)
    return verdict
