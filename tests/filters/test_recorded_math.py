"""A hundred MATH problems with eight recorded solutions each: verdicts as labelled, votes as published.

The data does not come with the repository; without it beside the checkout these tests skip.
"""

import json
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from curriculum.records import Problem, Sample
from filters import judge_quickly
from filters.voting import answer_class, class_of_answer, majority, pass_at_k

FILE = Path(__file__).parents[3] / "shared" / "data" / "math_cot_100" / "math_cot_100.jsonl"
UNREADABLE_KEY = (
    "4:30p.."  # a key that lost its last letter: nothing is judged by it, and all are labelled wrong
)
MISLABELLED = ("10{,}000", 7)  # the eighth solution says 10000, which is right

pytestmark = pytest.mark.skipif(not FILE.exists(), reason=f"{FILE.name} does not lie beside the checkout")


@cache
def rows() -> list[dict[str, Any]]:
    return [json.loads(line) for line in FILE.read_text("utf-8").splitlines()]


@cache
def rights() -> list[list[bool]]:
    return [[_is_right(row, text) for text in row["code"]] for row in rows()]


def _is_right(row: dict[str, Any], text: str) -> bool:
    problem = Problem("math", 1, row["question"], row["gt"], "math")
    try:
        verdict = judge_quickly(problem, Sample(problem.key, "recorded", 0, 0.0, text, 0, "recorded"))
    except ValueError:
        assert row["gt"] == UNREADABLE_KEY
        return False
    assert verdict is not None, text[-80:]
    return verdict.outcome == "right"


def test_verdicts_agree_with_the_labels_but_where_a_label_is_false() -> None:
    disagreeing = [
        (row["gt"], place)
        for row, found in zip(rows(), rights(), strict=True)
        for place, (right, label) in enumerate(zip(found, row["score"], strict=True))
        if right != label
    ]
    assert disagreeing == [MISLABELLED]
    assert sum(map(sum, rights())) == 728 + 1  # a mean of 91.0 by the labels


def test_the_majority_and_any_of_eight() -> None:
    solved = []
    for row in rows():
        winner = majority([answer_class("math", text) for text in row["code"]])
        solved.append(
            winner is not None
            and row["gt"] != UNREADABLE_KEY
            and winner == class_of_answer("math", row["gt"])
        )
    assert sum(solved) == 93
    assert sum(pass_at_k(8, sum(found), 8) for found in rights()) == 96 + 1  # the mislabelled one besides
