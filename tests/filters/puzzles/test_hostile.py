"""Hostile texts are judged quickly by every puzzle judge, and never right."""

import time

import pytest

from filters.extraction import MAX_TEXT
from tests.filters.puzzles.examples import JUDGES, PUZZLES, judged

HOSTILE = {
    "open braces": "\\boxed{" * 70_000,
    "fences": "```\n" * 100_000,
    "open tags": "<answer>" * 60_000,
    "markers": "A:\n" * 160_000,
    "sentences": "the answer is " * 35_000,
    "blanks": "A:" + " " * 400_000 + "x",
    "lines": "A:" + "\n" * 400_000 + "x",
    "one digit": "A: " + "1" * 400_000,
    "digits in a region": "A: " + "1" * 19_000,
    "entries": "Answer: " + "A: red, " * 2_400,
    "names": "Answer: " + "Zoey is a " * 1_900,
    "parentheses": "A: " + "(" * 9_000 + "3" + ")" * 9_000,
    "sum": "A: " + "3+" * 9_000 + "3",
    "tall powers": "A: 9**9**9**9",
    "latex": "A: " + "\\begin{a}{" * 1_800,
    "styles": "A: " + "\\text{" * 3_000 + "}" * 1_000,
    "quotes": "A: " + "'\"`*$" * 3_900,
    "null bytes": "A: \x00" + "3\x00" * 100,
    "lone surrogate": "A: \ud800",
    "over the limit": "A: 1" + "\n" * MAX_TEXT,
    "code": "A: __import__('os').system('true')",
    "nested JSON": "```\n" + "[" * 9_000 + "\n```",
}


@pytest.mark.parametrize("check", JUDGES)
@pytest.mark.parametrize("text", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_texts_are_quickly_not_right(check: str, text: str) -> None:
    start = time.process_time()
    verdict = judged(check, PUZZLES[check], text)
    assert time.process_time() - start < 5.0  # quadratic would be minutes
    assert verdict.outcome in ("wrong", "no_answer")
    assert len(verdict.extracted.encode()) <= 400
