"""Two long numbers, such as `Compute 4821+937`: one digit more each level, column by column."""

from itertools import zip_longest

from curriculum.records import Problem
from generators.seeding import stream

FAMILY = "long_addition"
TOP_LEVEL = 12


def _numbers(level: int, seed: int) -> tuple[int, int]:
    rng = stream(FAMILY, level, seed, TOP_LEVEL)
    digits = level + 2  # of both numbers together
    longer, shorter = digits - digits // 2, digits // 2
    return tuple(rng.randint(10 ** (n - 1), 10**n - 1) for n in (longer, shorter))  # type: ignore[return-value]


def generate(level: int, seed: int) -> Problem:
    """The one problem that this level and seed name."""
    a, b = _numbers(level, seed)
    return Problem(FAMILY, level, f"Compute {a}+{b}", str(a + b), "integer", seed=seed)


def reference(problem: Problem) -> str:
    """Columns from the right, each with its carry: `1+7+0=8`, `2+3+0=5`, ..., `A: 5758`."""
    a, b = _numbers(problem.level, problem.seed)
    lines, carry = [], 0
    for x, y in zip_longest(reversed(str(a)), reversed(str(b)), fillvalue="0"):
        total = int(x) + int(y) + carry
        lines.append(f"{x}+{y}+{carry}={total}")
        carry = total // 10
    return "\n".join([*lines, f"A: {a + b}"])
