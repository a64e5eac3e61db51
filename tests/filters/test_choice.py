"""The judge of multiple choice: one letter however it is dressed, and nothing else."""

import json
import time
from pathlib import Path
from string import ascii_uppercase
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.records import Finish, Problem, Sample, Verdict
from filters.choice import JUDGE, judge, read_choice
from filters.extraction import MAX_TEXT

ROWS: list[dict[str, Any]] = [
    json.loads(line)
    for line in (Path(__file__).parents[1] / "golden/choice.jsonl").read_text("utf-8").splitlines()
]
DRESSES = ["{}", "({})", "{}.", "{})", "**{}**", "$\\text{{({})}}$", "\\textbf{{({})}}", "option {}"]
LABELS = ["({}) {}", "{}: {}", "{}) {}", "**({})** {}"]

letters = st.sampled_from(ascii_uppercase)


def judged(gold: str, text: str, finish: Finish = "stop") -> Verdict:
    problem = Problem("choice", 1, "Which one?", gold, "choice")
    return judge(problem, Sample(problem.key, "policy", 0, 1.0, text, 0, finish))


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["why"])
def test_golden(row: dict[str, Any]) -> None:
    verdict = judged(row["gold"], row["text"], row.get("finish", "stop"))
    assert (verdict.outcome, verdict.reason) == (row["expected"], row["reason"])


def test_most_golden_rows_are_rejections() -> None:
    assert len(ROWS) >= 60
    assert 2 * [row["expected"] for row in ROWS].count("right") < len(ROWS)


@given(letters, letters, st.sampled_from(DRESSES), st.sampled_from(DRESSES), st.booleans())
def test_dress_and_case_do_not_count_and_the_letter_does(
    gold: str, said: str, its_dress: str, dress: str, small: bool
) -> None:
    text = dress.format(said.lower() if small else said)
    verdict = judged(gold, f"\\boxed{{{text}}}")
    assert verdict.outcome == ("right" if said == gold else "wrong")
    assert read_choice(its_dress.format(gold)) == gold


@given(letters, st.sampled_from(LABELS), st.from_regex(r"[2-9][0-9]? [a-z]{3,8}", fullmatch=True))
def test_the_text_of_the_option_may_follow_its_label(letter: str, form: str, text: str) -> None:
    assert read_choice(form.format(letter, text)) == letter


@given(letters, letters, st.sampled_from([" or ", ", ", " and ", "/", " & ", " ", "; ", " not "]))
def test_two_letters_are_no_answer(one: str, other: str, between: str) -> None:
    if one != other:
        assert judged(one, f"A: {one}{between}{other}").outcome == "no_answer"
        assert judged(one, f"A: ({one}) 25{between}({other}) 30").outcome == "no_answer"


@given(st.text(max_size=30))
def test_whatever_is_read_is_a_capital_that_the_text_holds(text: str) -> None:
    letter = read_choice(text)
    assert letter is None or (letter in ascii_uppercase and letter in text.upper())


@pytest.mark.parametrize("gold", ["", "AB", "25", "(B", "(B.", "\u0412", "\u212a", "B C", "not B", "?"])
def test_a_key_that_is_no_letter_raises(gold: str) -> None:
    with pytest.raises(ValueError, match="must be one letter"):
        judged(gold, "A: B")


def test_the_verdict_says_what_was_read_and_where() -> None:
    verdict = judged("B", "thus \\boxed{(C) 25}")
    assert (verdict.judge, verdict.extracted, verdict.found_in) == (JUDGE, "(C) 25", "boxed")


@pytest.mark.parametrize(
    "text",
    [
        "A: " + "(" * MAX_TEXT,
        "A:\n" * 100_000,
        "A:" + "\n" * (MAX_TEXT - 10) + "C:",
        "A: ?\n \n" * 50_000,
        "\\boxed{" + "\\text{" * 50_000 + "B" + "}" * 50_001,
        "A: B" + " " * 400_000 + "or C",
        "**B** **C** " * 40_000,
        "A: B\ud800",
    ],
)
def test_hostile_texts_are_quickly_no_answer(text: str) -> None:
    start = time.process_time()
    assert judged("B", text).outcome == "no_answer"
    assert time.process_time() - start < 5.0  # quadratic would be minutes
