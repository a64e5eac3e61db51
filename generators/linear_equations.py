"""Linear equations with a whole-number solution, such as `Solve 3x+4=19`.

The solution is drawn first and the equation built around it, so nothing is solved or
retried. Every level lets coefficient, constant and solution grow a little.
"""

from curriculum.records import Problem
from generators.seeding import stream

FAMILY = "linear_equations"
TOP_LEVEL = 12


def _equation(level: int, seed: int) -> tuple[int, int, int]:
    """(a, b, x) of a*x + b = c, with b of either sign."""
    rng = stream(FAMILY, level, seed, TOP_LEVEL)
    a = rng.randint(2, 4 + level // 2)
    x = rng.randint(1 + 3 * (level - 1), 6 + 4 * level)
    b = rng.randint(1, 10 * level) * rng.choice((1, -1))
    return a, b, x


def generate(level: int, seed: int) -> Problem:
    """The one problem that this level and seed name."""
    a, b, x = _equation(level, seed)
    return Problem(FAMILY, level, f"Solve {a}x{b:+d}={a * x + b}", str(x), "integer", seed=seed)


def reference(problem: Problem) -> str:
    """Constant first, then coefficient: `19-4=15`, `15/3=5`, `A: 5`."""
    a, b, x = _equation(problem.level, problem.seed)
    return f"{a * x + b}{-b:+d}={a * x}\n{a * x}/{a}={x}\nA: {x}"
