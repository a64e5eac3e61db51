"""The judge of mathematics: laws that hold for all answers, and the rows of math-verify's known faults."""

from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from curriculum.records import Problem, Sample
from filters import math
from filters.expressions.equality import compare
from filters.expressions.notation import read_answer


def outcome(gold: str, text: str, question: str = "") -> str:
    problem = Problem("math", 1, question, gold, "math")
    verdict = math.judge_quickly(problem, Sample(problem.key, "test", 0, 0.0, text, 0, "stop"))
    assert verdict is not None, (gold, text)
    return verdict.outcome


fractions = st.fractions(max_denominator=10**6)
numerals = fractions.map(lambda value: f"\\frac{{{value.numerator}}}{{{value.denominator}}}")
terms = st.builds("{}{}^{}".format, st.integers(1, 99), st.sampled_from("xyz"), st.integers(1, 6))
polynomials = st.lists(terms, min_size=1, max_size=5).map("+".join)
surds = st.builds("\\sqrt{{{}}}".format, st.integers(2, 10**6))
scalars = numerals | polynomials | surds | st.builds("{}+{}\\pi".format, surds, st.integers(2, 99))
tuples = st.lists(scalars, min_size=2, max_size=4).map(lambda items: f"({', '.join(items)})")
lists = st.lists(scalars, min_size=2, max_size=4).map(", ".join)
intervals = st.builds(
    "{}{},{}{}".format, st.sampled_from("(["), st.integers(-99, 0), st.integers(1, 99), st.sampled_from(")]")
)
answers = scalars | tuples | lists | intervals


@given(answers)
@settings(max_examples=150, deadline=None)
def test_an_answer_equals_itself_however_it_is_set(answer: str) -> None:
    for form in ("\\boxed{{{}}}", "The answer is ${}$.", "A: {}", "\\boxed{{ {} }}.", "**Answer:** $ {} $"):
        assert outcome(answer, form.format(answer)) == "right", form
    spaced = answer.replace("+", " + ").replace(",", " ,\\; ").replace("\\frac", "\\dfrac")
    assert outcome(answer, f"\\boxed{{{spaced}}}") == "right"


@given(scalars, scalars)
@settings(max_examples=150, deadline=None)
def test_equality_of_values_is_symmetric(a: str, b: str) -> None:
    left, right = read_answer(a), read_answer(b)
    assert (compare(left, right) == "equal") == (compare(right, left) == "equal")


@given(fractions, fractions)
def test_rational_numbers_are_equal_only_to_themselves(a: Fraction, b: Fraction) -> None:
    expected = "right" if a == b else "wrong"
    assert outcome(f"{a.numerator}/{a.denominator}", f"\\boxed{{{b.numerator}/{b.denominator}}}") == expected


@given(polynomials, st.integers(1, 99))
@settings(max_examples=100, deadline=None)
def test_a_constant_more_is_another_answer(answer: str, more: int) -> None:
    assert outcome(answer, f"\\boxed{{{answer}+{more}}}") == "wrong"
    assert outcome(answer, f"\\boxed{{{answer}+{more}-{more}}}") == "right"


@given(st.lists(terms, min_size=2, max_size=5), st.randoms())
@settings(max_examples=100, deadline=None)
def test_terms_and_items_may_stand_in_any_order(items: list[str], random: object) -> None:
    shuffled = sorted(items, key=lambda _: random.random())  # type: ignore[attr-defined]
    assert outcome("+".join(items), f"\\boxed{{{'+'.join(shuffled)}}}") == "right"
    assert outcome(", ".join(items), f"\\boxed{{{', '.join(shuffled)}}}") == "right"


@given(answers)
@settings(max_examples=100, deadline=None)
def test_equal_answers_share_their_canonical_form(answer: str) -> None:
    assert math.canonical(answer) == math.canonical(f" $ {answer} $. ")
    assert math.canonical(answer) is not None


@pytest.mark.parametrize(
    "group",
    [
        ["1/2", "0.5", "\\frac{50}{100}", "x = \\frac12"],
        ["2\\sqrt{3}", "\\sqrt{12}", "\\frac{6}{\\sqrt{3}}"],
        ["x^2-1", "(x-1)(x+1)"],
        ["1, 2", "\\{2, 1\\}", "x = 1 \\text{ or } x = 2"],
        ["x > 3", "(3, \\infty)", "3 < x"],
        ["\\sin 45^\\circ", "\\frac{\\sqrt{2}}{2}"],
        ["y - 2x - 1 = 0", "2y = 4x + 2"],
    ],
)
def test_forms_of_one_answer_are_one_class(group: list[str]) -> None:
    assert len({math.canonical(answer) for answer in group}) == 1
    assert None not in map(math.canonical, group)


@pytest.mark.parametrize(
    ("question", "gold", "answer"),
    [
        ("Compute $\\sqrt{9+16}$.", "5", "\\sqrt{9+16}"),
        ("Simplify $\\sqrt{12}$.", "2\\sqrt{3}", "\\sqrt{12}"),
        ("Expand $(x+1)^2$.", "x^2+2x+1", "(x+1)^{2}"),
        ("Find $\\binom{5}{2}$", "10", "\\binom{5}{2}"),
        ("Solve $y = 2x$ and $x = 1$ for y.", "y=2", "y = 2x"),
    ],
)
def test_a_restated_question_is_not_right(question: str, gold: str, answer: str) -> None:
    assert outcome(gold, f"\\boxed{{{answer}}}", question) == "wrong"


def test_a_fraction_or_number_that_stands_in_the_question_may_be_the_answer() -> None:
    assert outcome("12", "\\boxed{12}", "Which is larger, 10 or 12?") == "right"
    assert outcome("\\frac{2}{3}", "\\boxed{2/3}", "Which is larger, 1/2 or 2/3?") == "right"


@pytest.mark.parametrize("gold", ["", "  ", "4:30p..", "5 +", "a b c = = 2", "x" * 501])
def test_a_key_that_is_no_mathematics_raises_and_names_the_problem(gold: str) -> None:
    key = Problem("math", 1, "", gold, "math").key
    with pytest.raises(ValueError, match=key):
        outcome(gold, "\\boxed{5}")
    with pytest.raises(ValueError, match=key):
        outcome(gold, "no answer at all")


def test_the_verdict_says_what_was_found_and_where() -> None:
    problem = Problem("math", 1, "", "5", "math")
    for text, place in (("\\boxed{5}", "boxed"), ("A: 5", "answer_line"), ("$5$", "whole_text")):
        verdict = math.judge_quickly(problem, Sample(problem.key, "test", 0, 0.0, text, 0, "stop"))
        assert verdict is not None
        assert (verdict.outcome, verdict.found_in) == ("right", place)
        assert "5" in verdict.extracted
