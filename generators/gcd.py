"""Greatest common divisors by Euclid's steps, such as `gcd(84,36)`; the numbers grow with the level.

The divisor is drawn first, so that it is not almost always 1, which could be guessed.
"""

from math import gcd

from curriculum.records import Problem
from generators.seeding import stream

FAMILY = "gcd"
TOP_LEVEL = 12


def _numbers(level: int, seed: int) -> tuple[int, int]:
    rng = stream(FAMILY, level, seed, TOP_LEVEL)
    largest = 20 + 15 * level
    divisor = rng.randint(1, 3 + level)
    cofactor = largest // divisor
    a = rng.randint(max(2, cofactor // 2), cofactor)
    b = rng.randint(1, a - 1)
    return a * divisor, b * divisor


def generate(level: int, seed: int) -> Problem:
    """The one problem that this level and seed name."""
    a, b = _numbers(level, seed)
    return Problem(FAMILY, level, f"gcd({a},{b})", str(gcd(a, b)), "integer", seed=seed)


def reference(problem: Problem) -> str:
    """Division with remainder until nothing remains: `84=2*36+12`, `36=3*12+0`, `A: 12`."""
    a, b = _numbers(problem.level, problem.seed)
    lines = []
    while b:
        lines.append(f"{a}={a // b}*{b}+{a % b}")
        a, b = b, a % b
    return "\n".join([*lines, f"A: {a}"])
