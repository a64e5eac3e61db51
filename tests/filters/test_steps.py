"""The steps judge on random chains: what holds is right, and one false side is found and named."""

from fractions import Fraction

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


@given(st.integers(0, 999), st.integers(1, 999), st.fractions(0, 10, max_denominator=50))
def test_agrees_with_fractions(a: int, b: int, claimed: Fraction) -> None:
    assert steps(f"{a}/{b}={Fraction(a, b)}+0").outcome == "right"
    assume(claimed != Fraction(a, b))
    assert steps(f"{a}/{b}={claimed}").outcome == "wrong"


def test_a_text_beyond_the_limit_is_not_read() -> None:
    assert steps("1+1=2\n" * MAX_TEXT).reason == "too_long"


def test_the_false_step_is_clipped() -> None:
    assert len(steps("1+" * 200 + "1=5").extracted) == 100
