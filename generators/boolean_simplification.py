"""Nested boolean expressions that fold to a literal, such as `Simplify ((a&T)|!a)`.

Built from the inside: each operand is one that the laws of identity, domination,
idempotence or complement can fold away. Level n nests n + 1 operators.
"""

from random import Random

from curriculum.records import Problem
from generators.seeding import stream

FAMILY = "boolean_simplification"
TOP_LEVEL = 12
LITERALS = ("T", "F", *"abcd", *(f"!{name}" for name in "abcd"))


def _negation(literal: str) -> str:
    if literal in "TF":
        return "F" if literal == "T" else "T"
    return literal[1:] if literal.startswith("!") else f"!{literal}"


def _fold(left: str, operator: str, right: str) -> str:
    """`left operator right` as one literal; the operands must admit one."""
    neutral, absorbing = ("T", "F") if operator == "&" else ("F", "T")
    if absorbing in (left, right) or right == _negation(left):
        return absorbing
    return right if left == neutral else left


def _operands(level: int, seed: int) -> list[tuple[str, str, str, str]]:
    """The steps (left, operator, right, value), innermost first."""
    rng = stream(FAMILY, level, seed, TOP_LEVEL)
    steps, value = [], rng.choice(LITERALS)
    for _ in range(level + 1):
        operator = rng.choice("&|")
        right = _operand(rng, operator, value)
        folded = _fold(value, operator, right)
        steps.append((value, operator, right, folded))
        value = folded
    return steps


def _operand(rng: Random, operator: str, value: str) -> str:
    """Never a constant that would settle the outcome whatever stands inside: that could be guessed."""
    neutral = "T" if operator == "&" else "F"
    foldable: tuple[str, ...] = LITERALS if value in "TF" else (neutral, value, _negation(value))
    return rng.choice(foldable)


def generate(level: int, seed: int) -> Problem:
    """The one problem that this level and seed name."""
    steps = _operands(level, seed)
    expression = steps[0][0]
    for _, operator, right, _ in steps:
        expression = f"({expression}{operator}{right})"
    return Problem(FAMILY, level, f"Simplify {expression}", steps[-1][3], "text", seed=seed)


def reference(problem: Problem) -> str:
    """The innermost pair folded, line by line: `a&T=a`, `a|!a=T`, `A: T`."""
    steps = _operands(problem.level, problem.seed)
    lines = [f"{left}{operator}{right}={value}" for left, operator, right, value in steps]
    return "\n".join([*lines, f"A: {steps[-1][3]}"])
