"""The steps judge on random chains: what holds is right, and one false side is found and named."""

from decimal import ROUND_HALF_UP, Decimal
from fractions import Fraction

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from curriculum.records import Problem, Sample, Verdict
from filters import check_steps
from filters.extraction import MAX_TEXT
from filters.steps import JUDGE

PROBLEM = Problem("steps", 1, "", "1", "integer")

operands = st.lists(st.integers(0, 10**6), min_size=2, max_size=8)


def steps(text: str) -> Verdict:
    return check_steps(PROBLEM, Sample(PROBLEM.key, "policy", 0, 1.0, text, 0, "stop"))


def running_total(values: list[int]) -> list[str]:
    totals = [sum(values[:count]) for count in range(1, len(values) + 1)]
    pairs = zip(totals, values[1:], totals[1:], strict=False)
    return [f"{total}+{value}={following}" for total, value, following in pairs]


@given(operands)
def test_true_steps_hold(values: list[int]) -> None:
    verdict = steps("\n".join(running_total(values)))
    assert (verdict.judge, verdict.outcome, verdict.reason) == (JUDGE, "right", "all_hold")


@given(operands, st.data(), st.integers(1, 99))
def test_one_false_step_is_found_and_named(values: list[int], data: st.DataObject, error: int) -> None:
    lines = running_total(values)
    place = data.draw(st.integers(0, len(lines) - 1))
    left, _, right = lines[place].partition("=")
    lines[place] = f"{left}={int(right) + error}"
    verdict = steps("\n".join([*lines, f"A: {sum(values)}"]))
    assert (verdict.outcome, verdict.reason, verdict.extracted) == ("wrong", "false_step", lines[place])
    assert verdict.found_in == f"line {place + 1}"


@given(st.integers(0, 999), st.integers(1, 999), st.fractions(0, 10, max_denominator=50))
def test_agrees_with_fractions(a: int, b: int, claimed: Fraction) -> None:
    assert steps(f"{a}/{b}={Fraction(a, b)}+0").outcome == "right"
    assume(claimed != Fraction(a, b))
    assert steps(f"{a}/{b}={claimed}").outcome == "wrong"


@given(st.integers(0, 9999), st.integers(1, 999), st.integers(1, 6))
def test_a_rounded_quotient_is_wrong_and_says_that_it_is_rounded(a: int, b: int, digits: int) -> None:
    assume(Fraction(a, b) * 10**digits % 1 != 0)
    written = (Decimal(a) / b).quantize(Decimal(1).scaleb(-digits), ROUND_HALF_UP)
    verdict = steps(f"{a}/{b}={written}")
    assert (verdict.outcome, verdict.reason) == ("wrong", "rounded_step")
    off = written + Decimal(1).scaleb(1 - digits)
    assert steps(f"{a}/{b}={off}").reason == "false_step"


@given(st.integers(1, 9999), st.integers(2, 999))
def test_a_dropped_remainder_is_a_false_step(a: int, b: int) -> None:
    assume(a % b)
    assert {steps(f"{a}/{b}={whole}").reason for whole in (a // b, a // b + 1)} == {"false_step"}


@given(st.lists(st.sampled_from((0.1, 0.2, 0.7, 1.1, 2.35, 19.99)), min_size=2, max_size=6))
def test_a_doubles_noise_is_rounded_never_false(values: list[float]) -> None:
    text = "+".join(map(str, values)) + f"={sum(values)}"
    assert steps(text).reason in ("all_hold", "rounded_step")


@given(operands, st.integers(1, 99))
def test_an_answer_that_the_steps_do_not_reach_is_not_vouched_for(values: list[int], error: int) -> None:
    lines = running_total(values)
    assert steps("\n".join([*lines, f"A: {sum(values)}"])).outcome == "right"
    verdict = steps("\n".join([*lines, f"A: {sum(values) + max(values) + error}"]))
    assert (verdict.outcome, verdict.reason) == ("no_answer", "answer_not_derived")


def test_a_text_beyond_the_limit_is_not_read() -> None:
    assert steps("1+1=2\n" * MAX_TEXT).reason == "too_long"


def test_the_false_step_is_clipped() -> None:
    assert len(steps("1+" * 200 + "1=5").extracted) == 100


@pytest.mark.parametrize(
    ("text", "found_in"),
    [
        ("Two eggs.\n\n3+4=7\nso 7*2 = 15 legs\n1+1=3", "line 4"),
        ("1/8=0.13\n1+1=3", "line 2"),  # false before rounded
        ("1+1=2\n1/8=0.13\n1/8=0.12", "line 2"),
        ("1+1=2\n2^9999=0", "line 2"),
        ("\\[\n3 \\cdot 4 = 13\n\\]", "line 2"),
        ("1+1=2", ""),
    ],
)
def test_says_on_which_line_the_step_stands(text: str, found_in: str) -> None:
    assert steps(text).found_in == found_in
