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
        ("\\boxed{5} <think>or 6", "5"),
        ("<answer> 5 </answer>", "5"),
        ("A: 6 <answer>5</answer> and so on", "5"),
        ("<answer>the answer is 5</answer>", "5"),
        ("Ans: 5", "5"),
        ("**ANS:** 5", "5"),
        ("\\boxed{\\fbox{ 5 }}", "5"),
        ("\\boxed{5}\\%", "5\\%"),
        ("the answer is 5, not 7.", "5"),
        ("A: that is wrong", "that is wrong"),
    ],
)
def test_finds_the_last_marker(text: str, answer: str) -> None:
    assert final_answer(text).answer == answer


@pytest.mark.parametrize(
    "text",
    [
        *(
            "",
            "5",
            "the answer",
            "= 5",
            "x A: 5",
            "\\boxed{5",
            "# 5",
            "### 5",
            "**5**\nso",
            "\\boxed{5}</think>",
        ),
        *("<answer>5", "5</answer>", "<think>\\boxed{5}", "\\boxed{5}\n<think>\\boxed{6}", "plans: 5"),
    ],
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
    "thought", ["A: 5", "\\boxed{5}", "\\boxed{1}, \\boxed{2}", "the answer is 5.", "**5**"]
)
def test_a_thought_that_was_cut_off_says_nothing(thought: str) -> None:
    found = final_answer(f"<think>\n{thought}\nor", "length")
    assert (found.answer, found.reason, found.parts) == (None, "truncated", ())


@pytest.mark.parametrize(
    "doubt", ["I doubt ", "It isn't true that ", "If ", "Suppose that ", "He says ", "Why "]
)
@pytest.mark.parametrize("said", ["the answer is 5.", "the answer is $\\boxed{5}$."])
def test_a_supposed_answer_is_none_and_gives_no_earlier_one_back(doubt: str, said: str) -> None:
    assert final_answer(f"A: 5\n{doubt}{said}").reason == "denied"
    assert final_answer(f"{doubt}it is odd, the answer is 5").answer == "5"


@pytest.mark.parametrize("said", ["\\boxed{5}", "$\\boxed{5}$", "**5**"])
@pytest.mark.parametrize(
    "denial", ["not {}", "{} is wrong", "{} is not it", "{}. No, that is false, it is wrong"]
)
def test_a_denied_box_or_bold_is_none(denial: str, said: str) -> None:
    found = final_answer(denial.format(said))
    assert found.answer is None or denial.endswith("it is wrong")


@pytest.mark.parametrize(
    "before", ["", "x=", "x = ", "so ", "n \\in ", "\\text{is }", "= \\quad ", "\\therefore\\;"]
)
@pytest.mark.parametrize(
    "behind", ["", ".", ",", "\\text{ cm}", "\\quad", " = y", "^\\circ", "\\\\", " \\approx 5"]
)
def test_relations_words_and_units_leave_a_box_whole(before: str, behind: str) -> None:
    assert final_answer(f"Thus ${before}\\boxed{{5}}{behind}$ holds.").answer == "5"


@pytest.mark.parametrize(
    "operator", ["-", "+", "\\cdot ", "\\times", "/", "^", "2", "x", "\\pi", "\\sqrt", "|", "!"]
)
def test_what_touches_a_box_makes_it_a_part(operator: str) -> None:
    behind, before = final_answer(f"$\\boxed{{5}}{operator}$"), final_answer(f"$x = {operator}\\boxed{{5}}$")
    assert (behind.answer, behind.reason, before.answer, before.reason) == (None, "ambiguous") * 2


@pytest.mark.parametrize(
    "command", ["\\frac{1}{@}", "\\frac{@}{2}", "\\sqrt{x=@}", "2^{@}", "x_{@}", "2(@)", "[@]", "(1,@)"]
)
def test_a_box_that_is_an_argument_is_a_part(command: str) -> None:
    assert final_answer("$" + command.replace("@", "\\boxed{5}") + "$").reason == "ambiguous"


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
        "<think>",
        "<answer>",
        "</answer>",
        "\\boxed{5}",
        "\\boxed{{",
        "$",
        "\\[",
        "is wrong ",
        "5 is not ",
        "? ",
    ],
)
def test_time_is_linear_in_the_text(unit: str) -> None:
    text = unit * (MAX_TEXT // len(unit))
    start = time.process_time()
    final_answer(text)
    assert time.process_time() - start < 15.0  # quadratic would be minutes


def test_a_text_beyond_the_limit_is_not_read() -> None:
    assert final_answer("A: 5" + " " * MAX_TEXT).reason == "too_long"
