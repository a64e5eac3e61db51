"""Products of level + 2 digits to a prime modulus, such as `3*8*5 mod 11`, reduced after every factor.

The moduli are primes above 9, so that no product collapses to 0 and can be guessed.
"""

from math import prod

from curriculum.records import Problem
from generators.seeding import stream

FAMILY = "modular_arithmetic"
TOP_LEVEL = 12
MODULI = (11, 13, 17, 19)


def _factors(level: int, seed: int) -> tuple[list[int], int]:
    rng = stream(FAMILY, level, seed, TOP_LEVEL)
    return [rng.randint(2, 9) for _ in range(level + 2)], rng.choice(MODULI)


def generate(level: int, seed: int) -> Problem:
    """The one problem that this level and seed name."""
    factors, modulus = _factors(level, seed)
    question = f"{'*'.join(map(str, factors))} mod {modulus}"
    return Problem(FAMILY, level, question, str(prod(factors) % modulus), "integer", seed=seed)


def reference(problem: Problem) -> str:
    """One factor a line, `%` for the remainder: `3*8%11=2`, `2*5%11=10`, `A: 10`."""
    factors, modulus = _factors(problem.level, problem.seed)
    lines, value = [], factors[0]
    for factor in factors[1:]:
        reduced = value * factor % modulus
        lines.append(f"{value}*{factor}%{modulus}={reduced}")
        value = reduced
    return "\n".join([*lines, f"A: {value}"])
