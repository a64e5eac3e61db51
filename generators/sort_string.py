"""Sorting level + 2 different letters, such as `Sort dbca`, by the passes of a merge sort."""

from string import ascii_lowercase

from curriculum.records import Problem
from generators.seeding import stream

FAMILY = "sort_string"
TOP_LEVEL = 12


def _letters(level: int, seed: int) -> str:
    rng = stream(FAMILY, level, seed, TOP_LEVEL)
    while True:
        letters = "".join(rng.sample(ascii_lowercase, level + 2))
        if letters != "".join(sorted(letters)):  # the question must not be its own answer
            return letters


def generate(level: int, seed: int) -> Problem:
    """The one problem that this level and seed name."""
    letters = _letters(level, seed)
    return Problem(FAMILY, level, f"Sort {letters}", "".join(sorted(letters)), "text", seed=seed)


def reference(problem: Problem) -> str:
    """Sorted runs of 2, 4, 8 letters, then all: `bd ac`, `A: abcd`."""
    letters = _letters(problem.level, problem.seed)
    lines, width = [], 2
    while width < len(letters):
        runs = ["".join(sorted(letters[i : i + width])) for i in range(0, len(letters), width)]
        lines.append(" ".join(runs))
        width *= 2
    return "\n".join([*lines, f"A: {''.join(sorted(letters))}"])
