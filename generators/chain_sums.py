"""Sums of level + 1 numbers below 30, such as `Add 13+5+28`, added up from the left."""

from itertools import accumulate

from curriculum.records import Problem
from generators.seeding import stream

FAMILY = "chain_sums"
TOP_LEVEL = 12


def _terms(level: int, seed: int) -> list[int]:
    rng = stream(FAMILY, level, seed, TOP_LEVEL)
    return [rng.randint(1, 29) for _ in range(level + 1)]


def generate(level: int, seed: int) -> Problem:
    """The one problem that this level and seed name."""
    terms = _terms(level, seed)
    return Problem(FAMILY, level, f"Add {'+'.join(map(str, terms))}", str(sum(terms)), "integer", seed=seed)


def reference(problem: Problem) -> str:
    """The running total, one addition a line: `13+5=18`, `18+28=46`, `A: 46`."""
    terms = _terms(problem.level, problem.seed)
    totals = list(accumulate(terms))
    lines = [f"{a}+{b}={c}" for a, b, c in zip(totals, terms[1:], totals[1:], strict=False)]
    return "\n".join([*lines, f"A: {totals[-1]}"])
