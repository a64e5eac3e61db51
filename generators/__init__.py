"""Families of problems with a difficulty knob: each a pure function of (level, seed).

To add one: write `<family>.py` with FAMILY, TOP_LEVEL, `generate` and `reference`, and list it here.
"""

from collections.abc import Callable
from typing import NamedTuple

from curriculum.records import Problem
from generators import (
    boolean_simplification,
    chain_sums,
    gcd,
    linear_equations,
    long_addition,
    modular_arithmetic,
    multiplication,
    reverse_string,
    sort_string,
)


class Family(NamedTuple):
    """`generate(level, seed)` is the problem; `reference(problem)` its worked solution.

    References build the shipped base and test the judges. Nothing else reads them.
    """

    generate: Callable[[int, int], Problem]
    reference: Callable[[Problem], str]
    top_level: int
    shows_steps: bool = True  # whether a solution has steps that can be recomputed


FAMILIES: dict[str, Family] = {
    "chain_sums": Family(chain_sums.generate, chain_sums.reference, chain_sums.TOP_LEVEL),
    "long_addition": Family(long_addition.generate, long_addition.reference, long_addition.TOP_LEVEL),
    "multiplication": Family(multiplication.generate, multiplication.reference, multiplication.TOP_LEVEL),
    "linear_equations": Family(
        linear_equations.generate, linear_equations.reference, linear_equations.TOP_LEVEL
    ),
    "gcd": Family(gcd.generate, gcd.reference, gcd.TOP_LEVEL),
    "modular_arithmetic": Family(
        modular_arithmetic.generate, modular_arithmetic.reference, modular_arithmetic.TOP_LEVEL
    ),
    "boolean_simplification": Family(
        boolean_simplification.generate, boolean_simplification.reference, boolean_simplification.TOP_LEVEL
    ),
    "sort_string": Family(sort_string.generate, sort_string.reference, sort_string.TOP_LEVEL, False),
    "reverse_string": Family(
        reverse_string.generate, reverse_string.reference, reverse_string.TOP_LEVEL, False
    ),
}


def family_named(name: str) -> Family:
    """The family of that name; ValueError that lists the names there are."""
    if name not in FAMILIES:
        raise ValueError(f"families are {', '.join(FAMILIES)}; not {name!r}")
    return FAMILIES[name]
