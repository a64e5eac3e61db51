"""Laws that every answer judge keeps."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

import filters
from curriculum.records import Finish, Problem, Sample, Verdict
from filters import JUDGES, VERSIONS, judge_named
from filters.verdicts import SHOWN

MARKED = [
    "A: {}",
    "work\nA: {}\n",
    "#### {}",
    "so \\boxed{{{}}}",
    "The answer is {}.",
    "the final answer is: {}",
]

PLAIN = ("integer", "number", "text")  # the judges that compare what stands behind a marker and nothing else

integers = st.integers(-(10**30), 10**30)
marked = st.sampled_from(MARKED)
numeric = st.sampled_from(("integer", "number"))


def judge(check: str, gold: str, said: str, finish: Finish = "stop") -> Verdict:
    problem = Problem("law", 1, "Which one?", gold, check)
    return JUDGES[check](problem, Sample(problem.key, "policy", 0, 1.0, said, 0, finish))


@given(numeric, integers, marked)
def test_the_right_integer_is_right_behind_every_marker(check: str, value: int, form: str) -> None:
    assert judge(check, str(value), form.format(value)).outcome == "right"
    assert judge(check, str(value), form.format(f"{value:,}")).outcome == "right"


@given(numeric, integers, st.integers(-99, 99).filter(bool), marked)
def test_a_perturbed_integer_is_wrong(check: str, value: int, error: int, form: str) -> None:
    assert judge(check, str(value), form.format(value + error)).outcome == "wrong"


@given(st.fractions(max_denominator=10**6), marked)
def test_fractions_are_compared_exactly(value: object, form: str) -> None:
    assert judge("number", str(value), form.format(value)).outcome == "right"
    assert judge("number", str(value), form.format(f"{value}1")).outcome == "wrong"


@given(st.text("abcdTF!&|", min_size=1, max_size=20), marked)
def test_a_text_is_right_as_it_is_and_wrong_with_more(value: str, form: str) -> None:
    assert judge("text", value, form.format(value)).outcome == "right"
    assert judge("text", value, form.format(value + "x")).outcome == "wrong"


@pytest.mark.parametrize("check", PLAIN)
@pytest.mark.parametrize("question", ["Add {}+0", "Compute {}", "Sort {}", "gcd({0},{0})", "{}", "Q: {}\nA:"])
def test_a_restated_question_is_not_right(check: str, question: str) -> None:
    assert judge(check, "12", question.format("12")).outcome == "no_answer"


@pytest.mark.parametrize("check", [*PLAIN, "math"])
def test_empty_text_is_no_answer(check: str) -> None:
    assert judge(check, "12", "").outcome == "no_answer"


@pytest.mark.parametrize(("check", "gold"), [("integer", "12.5"), ("number", "twelve"), ("text", " \n")])
def test_an_unreadable_key_raises_and_names_the_problem(check: str, gold: str) -> None:
    key = Problem("law", 1, "Which one?", gold, check).key
    with pytest.raises(ValueError, match=key):
        judge(check, gold, "A: 12")


def test_verdicts_carry_the_judges_name_and_what_it_read() -> None:
    versions = {check: VERSIONS[check] for check in PLAIN}
    assert versions == {"integer": "integer/2", "number": "number/3", "text": "text/2"}
    for check, version in versions.items():
        verdict = judge(check, "12", "A: 13")
        assert (verdict.judge, verdict.extracted, verdict.found_in) == (version, "13", "answer_line")


def test_what_is_read_is_clipped_and_can_be_stored() -> None:
    assert judge("text", "x", "A: " + "y" * 999).extracted == "y" * SHOWN
    assert judge("text", "x", "A: y\ud800").extracted == "y?"


@pytest.mark.parametrize("check", ["", "maths", "Integer"])
def test_an_unknown_check_lists_the_known(check: str) -> None:
    with pytest.raises(ValueError, match="integer, number, math, text"):
        judge_named(check)
    assert judge_named("text") is filters.JUDGES["text"]
