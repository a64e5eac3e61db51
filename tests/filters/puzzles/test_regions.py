"""What all puzzle judges share: where the solution is looked for."""

import json

import pytest

from filters.puzzles.regions import answer_region
from tests.filters.puzzles.examples import GRID, JUDGES, PUZZLES, RIGHT, judged, rows

MARKED = [
    ("A:\n{}", "answer_line"),
    ("Let us see.\n#### {}", "answer_line"),
    ("**Final Answer:**\n{}\n\nThat is all.", "answer_line"),
    ("## Answer\n\n{}", "answer_line"),
    ("So the answer is: {}", "sentence"),
    ("A: nothing yet\n\\boxed{{{}}}", "boxed"),
    ("Answer:\n```\n{}\n```\nDone.", "block"),
    ("<think>A: 1</think> <answer>\n{}\n</answer>", "answer_tag"),
]


@pytest.mark.parametrize("check", JUDGES)
@pytest.mark.parametrize(("form", "found_in"), MARKED)
def test_a_solution_is_right_behind_every_marker(check: str, form: str, found_in: str) -> None:
    verdict = judged(check, PUZZLES[check], form.format(RIGHT[check]))
    assert (verdict.outcome, verdict.reason, verdict.found_in) == ("right", "satisfied", found_in)


@pytest.mark.parametrize("check", JUDGES)
@pytest.mark.parametrize("form", ["{}", "A: {}", "A:\n{}", "```\n{}\n```", "\\boxed{{{}}}", "Q: {}\nA:"])
def test_a_restated_puzzle_is_not_right(check: str, form: str) -> None:
    for restated in (
        json.dumps(PUZZLES[check]),
        " ".join(str(value) for value in PUZZLES[check].values()),
        rows(GRID),
        "3 7 8 50 -> 374",
        "3, 7, 8, 50",
        "374",
        "A-B, B-C, C-A",
        "A: B, C\nB: A, C\nC: A, B",
        "Zoey: !Liam\nLiam: Zoey & Liam",
        "Zoey says that Liam is a knave. Liam says that Zoey is a knight and Liam is a knight.",
    ):
        assert judged(check, PUZZLES[check], form.format(restated)).outcome != "right"


@pytest.mark.parametrize("check", JUDGES)
def test_the_last_marker_wins_and_a_cut_off_answer_is_none(check: str) -> None:
    puzzle, right = PUZZLES[check], RIGHT[check]
    assert judged(check, puzzle, f"A: {right}\nAnswer: none").outcome == "no_answer"
    assert judged(check, puzzle, f"Answer: none\nAnswer: {right}").outcome == "right"
    assert judged(check, puzzle, f"A: {right}", "length").reason == "truncated"
    assert judged(check, puzzle, f"\\boxed{{{right}}}", "length").outcome == "right"


def test_a_region_ends_with_its_block() -> None:
    region = answer_region("```\nsolving\nAnswer:\n12\n21\n```\nand so on")
    assert (region.text.strip(), region.closed) == ("12\n21", True)
