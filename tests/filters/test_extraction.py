"""Where the final answer is looked for, and how fast."""

import time

import pytest

from filters.extraction import MAX_TEXT, final_answer


@pytest.mark.parametrize(
    ("text", "answer"),
    [
        ("A: 5", "5"),
        ("  A:5  ", "5"),
        ("####5", "5"),
        ("x\n#### 5\ny", "5"),
        ("\\boxed{\\frac{1}{2}}", "\\frac{1}{2}"),
        ("\\boxed {5}", "5"),
        ("\\boxed{\\{5\\}}", "\\{5\\}"),
        ("THE FINAL ANSWER IS: 5", "5"),
        ("the correct answer is 5.25. Done", "5.25"),
        ("the answer is 5\nA: 6", "6"),
        ("A: 6\nthe answer is 5", "5"),
        ("A: the answer is 5", "5"),
        ("\\boxed{1} so \\boxed{2\nA: 3", "3"),
        ("\\boxed{1}\nthen \\boxed{2}", "2"),
        ("A: \\boxed{5} eggs", "5"),
        ("{{}}} \\boxed{5}", "5"),
        ("so \\boxed 5", "5"),
        ("**Answer:** 5", "5"),
        ("**Final Answer: 5**", "5"),
        ("The final answer: 5", "5"),
        ("Answer $5$", "$5$"),
        ("## Answer\n\n5\n", "5"),
        ("the answer is therefore 5.", "5"),
        ("the answer is approximately 5", "5"),
        ("the answer is 5, because 2+3=5.", "5"),
        ("the answer is\n\\[ 5 \\]\n", "\\[ 5 \\]"),
        ("\\boxed{5}. So the answer is correct.", "5"),
        ("thus it is **5**", "5"),
        ("so **6**\nthus **5** eggs", "5"),
        ("<think>\\boxed{6}</think> \\boxed{5}", "5"),
    ],
)
def test_finds_the_last_marker(text: str, answer: str) -> None:
    assert final_answer(text).answer == answer


@pytest.mark.parametrize(
    "text",
    ["", "5", "the answer", "= 5", "x A: 5", "\\boxed{5", "# 5", "### 5", "**5**\nso", "\\boxed{5}</think>"],
)
def test_requires_a_marker(text: str) -> None:
    found = final_answer(text)
    assert (found.answer, found.reason) == (None, "no_marker")


def test_where_it_was_found_is_told() -> None:
    places = {"\\boxed{5}": "boxed", "A: 5": "answer_line", "the answer is 5": "sentence", "so **5**": "bold"}
    assert {text: final_answer(text).found_in for text in places} == places


def test_a_short_line_is_an_answer_only_where_the_judge_asks() -> None:
    assert final_answer("x = 5", lone=True).found_in == "whole_text"
    assert final_answer("x = 5").reason == "no_marker"
    assert final_answer("x = 5\ny = 6", lone=True).reason == "no_marker"


def test_two_different_boxes_on_one_line_say_two_things() -> None:
    found = final_answer("\\boxed{1}, \\boxed{2}")
    assert (found.reason, found.parts) == ("ambiguous", ("1", "2"))
    assert final_answer("\\boxed{1}, \\boxed{2}\nA: 2").answer == "2"
    assert final_answer("first \\boxed{3}\n\\boxed{2} = \\boxed{2}").answer == "2"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("A: 12", "truncated"),
        ("the answer is 12", "truncated"),
        ("the answer is 12.", "truncated"),
        ("3+5", "truncated"),
        ("\\boxed{12", "truncated"),
        ("A: 12\n", "found"),
        ("the answer is 12. ", "found"),
        ("\\boxed{12}", "found"),
    ],
)
def test_a_cut_text_has_an_answer_only_if_it_was_complete(text: str, reason: str) -> None:
    assert final_answer(text, "length").reason == reason


@pytest.mark.parametrize(
    "unit",
    [
        "{",
        "}",
        "\\boxed{",
        "\\boxed{}",
        "A: ",
        "A:\n",
        "the answer is ",
        "#",
        "\n",
        " ",
        "\\",
        "the ",
        ". ",
        "**",
        "answer:",
        "**a**",
        "</think>",
    ],
)
def test_time_is_linear_in_the_text(unit: str) -> None:
    text = unit * (MAX_TEXT // len(unit))
    start = time.process_time()
    final_answer(text)
    assert time.process_time() - start < 15.0  # quadratic would be minutes


def test_a_text_beyond_the_limit_is_not_read() -> None:
    assert final_answer("A: 5" + " " * MAX_TEXT).reason == "too_long"
