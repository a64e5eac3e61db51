"""The problems that the benchmarks of engines ask: those of the demo, spread over its cells, as a round asks them."""

from pathlib import Path

from curriculum.records import Problem, hashed_seed
from flows import config
from generators.drawing import draw

DEMO = Path(__file__).parents[1] / "examples" / "demo.toml"


def demo_problems(count: int) -> list[Problem]:
    """`count` problems, or a few more, as many of each family and level of the demo, in the order of their keys."""
    families = config.read(DEMO).curriculum.families
    cells = [(name, level) for name, (low, high) in families.items() for level in range(low, high + 1)]
    each = -(-count // len(cells))
    drawn = (problem for cell in cells for problem in draw(*cell, each, hashed_seed("benchmarks"), "train"))
    return sorted(drawn, key=lambda problem: problem.key)
