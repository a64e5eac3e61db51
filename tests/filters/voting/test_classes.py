"""Which answers are one class, and which have none."""

import pytest

from filters.voting import answer_class, class_of_answer
from filters.voting.classes import CANONICAL


@pytest.mark.parametrize(
    ("check", "same"),
    [
        ("integer", ["A: 16", "A: 016", "#### 16.", "\\boxed{16}", "The answer is +16."]),
        ("integer", ["A: 1,234", "A: 1234"]),
        ("integer", ["A: -0", "A: 0"]),
        ("number", ["A: 0.5", "A: 1/2", "A: 2/4", "A: .50"]),
        ("number", ["A: $18.00", "A: 18 eggs", "A: 18"]),
        ("text", ["A: T & F", "A:  T  &  F "]),
        ("choice", ["A: B", "A: (b)", "\\boxed{\\text{(B)}}", "A: B: 25 apples"]),
        ("math", ["\\boxed{16}", "\\boxed{016}", "A: 16"]),
        ("math", ["\\boxed{\\frac{1}{2}}", "\\boxed{0.5}", "A: 2/4"]),
    ],
)
def test_equal_answers_are_one_class(check: str, same: list[str]) -> None:
    found = {answer_class(check, text) for text in same}
    assert len(found) == 1
    assert None not in found


@pytest.mark.parametrize(
    ("check", "texts"),
    [
        ("integer", ["A: 16", "A: 61", "A: -16"]),
        ("number", ["A: 0.5", "A: 0.51"]),
        ("text", ["A: T", "A: t"]),
        ("choice", ["A: A", "A: B"]),
        ("math", ["\\boxed{x+1}", "\\boxed{x-1}"]),
    ],
)
def test_different_answers_are_different_classes(check: str, texts: list[str]) -> None:
    found = [answer_class(check, text) for text in texts]
    assert len(set(found)) == len(texts)
    assert None not in found


@pytest.mark.parametrize("check", CANONICAL)
@pytest.mark.parametrize("text", ["", "no marker here", "A:", "A: \ud800?!" + "(" * 50])
def test_without_a_final_answer_there_is_no_class(check: str, text: str) -> None:
    if check != "text" or "\ud800" not in text:
        assert answer_class(check, text) is None


def test_a_hedge_has_no_class_and_a_cut_off_answer_none() -> None:
    assert answer_class("choice", "A: B or C") is None
    assert answer_class("integer", "A: 16", "length") is None


@pytest.mark.parametrize("check", ["sudoku", "program", "steps", ""])
def test_answers_of_which_many_are_right_have_no_classes(check: str) -> None:
    with pytest.raises(ValueError, match="integer, number"):
        answer_class(check, "A: 1")


def test_a_long_or_odd_class_is_named_by_its_hash() -> None:
    long, odd = answer_class("text", "A: " + "x" * 5000), answer_class("text", "A: \ud800")
    assert long is not None
    assert odd is not None
    assert len(long) == len(odd) == 39
    assert answer_class("text", f"A: {long}") != long  # nobody joins a class by spelling its hash
    assert odd.encode()


def test_the_problems_own_answer_has_a_class_too() -> None:
    assert class_of_answer("integer", "016") == answer_class("integer", "A: 16")
    assert class_of_answer("choice", "(B)") == "B"
