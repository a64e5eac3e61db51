"""Countdown: a calculation is right for its value and its numbers alone."""

from fractions import Fraction
from random import Random

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from tests.filters.puzzles.examples import judged, randoms


def calculation(numbers: list[int], rng: Random) -> tuple[str, Fraction]:
    """A random calculation that uses each number once, and its value."""
    parts = [(str(number), Fraction(number)) for number in numbers]
    while len(parts) > 1:
        (left, one), (right, other) = (parts.pop(rng.randrange(len(parts))) for _ in range(2))
        sign = rng.choice("+-*/" if other else "+-*")
        value = {"+": one + other, "-": one - other, "*": one * other}.get(sign)
        parts.append((f"({left} {sign} {right})", one / other if value is None else value))
    return parts[0]


@given(st.lists(st.integers(0, 99), min_size=2, max_size=6), randoms)
def test_a_calculation_is_right_for_its_value_alone(numbers: list[int], rng: Random) -> None:
    said, value = calculation(numbers, rng)
    if value.denominator != 1 or value < 0:
        assert judged("countdown", {"numbers": numbers, "target": 1}, f"A: {said}").outcome == "wrong"
        return
    target = int(value)
    assume(target < 1_000_000_000)  # a puzzle has none beyond
    for use_all in (False, True):
        puzzle = {"numbers": numbers, "target": target, "use_all": use_all}
        assert judged("countdown", puzzle, f"A: {said}").outcome == "right"
        assert judged("countdown", puzzle, f"A: {said} = {target}").outcome == "right"
        assert judged("countdown", puzzle, f"A: {said} = {target + 1}").outcome == "wrong"
        assert judged("countdown", {**puzzle, "target": target + 1}, f"A: {said}").outcome == "wrong"
        assert judged("countdown", {**puzzle, "numbers": numbers[1:]}, f"A: {said}").outcome == "wrong"
    assert judged("countdown", {**puzzle, "numbers": [*numbers, 5]}, f"A: {said}").outcome == "wrong"


@given(st.text("0123456789+-*/()= .,%^!x×÷−_e", max_size=25))
def test_a_right_calculation_is_one_that_python_agrees_with(said: str) -> None:
    numbers = [1, 2, 3, 12]
    if judged("countdown", {"numbers": numbers, "target": 6}, f"A: {said}").outcome == "right":
        plain = said.translate(str.maketrans("x×÷−", "**/-")).split("=")[0].strip().removesuffix(".")
        assert eval(compile(plain, "<made above>", "eval")) == pytest.approx(6)


@pytest.mark.parametrize(
    "puzzle",
    [
        "374",
        {},
        {"numbers": [], "target": 1},
        {"numbers": [1.5], "target": 1},
        {"numbers": [True], "target": 1},
        {"numbers": [-1], "target": 1},
        {"numbers": ["1"], "target": 1},
        {"numbers": [1] * 21, "target": 1},
        {"numbers": [1], "target": "1"},
        {"numbers": [1]},
        {"numbers": [1], "target": 1, "use_all": "yes"},
    ],
)
def test_a_countdown_that_is_none_raises(puzzle: object) -> None:
    with pytest.raises(ValueError, match=r"countdown|must be a JSON object"):
        judged("countdown", puzzle, "A: 1")
