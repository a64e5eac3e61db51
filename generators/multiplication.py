"""A number of level + 1 digits times one digit, such as `Compute 482*7`, digit by digit with carries."""

from curriculum.records import Problem
from generators.seeding import stream

FAMILY = "multiplication"
TOP_LEVEL = 12


def _numbers(level: int, seed: int) -> tuple[int, int]:
    rng = stream(FAMILY, level, seed, TOP_LEVEL)
    return rng.randint(10**level, 10 ** (level + 1) - 1), rng.randint(2, 9)


def generate(level: int, seed: int) -> Problem:
    """The one problem that this level and seed name."""
    a, b = _numbers(level, seed)
    return Problem(FAMILY, level, f"Compute {a}*{b}", str(a * b), "integer", seed=seed)


def reference(problem: Problem) -> str:
    """Digits from the right, each with its carry: `2*7+0=14`, `8*7+1=57`, `4*7+5=33`, `A: 3374`."""
    a, b = _numbers(problem.level, problem.seed)
    lines, carry = [], 0
    for digit in map(int, reversed(str(a))):
        total = digit * b + carry
        lines.append(f"{digit}*{b}+{carry}={total}")
        carry = total // 10
    return "\n".join([*lines, f"A: {a * b}"])
