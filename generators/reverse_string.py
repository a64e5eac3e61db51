"""Reversing level + 3 letters, such as `Reverse abcd`, spelled out first and then joined."""

from string import ascii_lowercase

from curriculum.records import Problem
from generators.seeding import stream

FAMILY = "reverse_string"
TOP_LEVEL = 12


def _letters(level: int, seed: int) -> str:
    rng = stream(FAMILY, level, seed, TOP_LEVEL)
    first, *middle = rng.choices(ascii_lowercase, k=level + 2)
    last = rng.choice([c for c in ascii_lowercase if c != first])  # so never a palindrome
    return "".join((first, *middle, last))


def generate(level: int, seed: int) -> Problem:
    """The one problem that this level and seed name."""
    letters = _letters(level, seed)
    return Problem(FAMILY, level, f"Reverse {letters}", letters[::-1], "text", seed=seed)


def reference(problem: Problem) -> str:
    """The letters from the last to the first, apart, then joined: `d c b a`, `A: dcba`."""
    letters = _letters(problem.level, problem.seed)[::-1]
    return f"{' '.join(letters)}\nA: {letters}"
