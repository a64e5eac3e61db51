"""Every golden row gets the verdict that it is recorded with, and most rows are rejections."""

import json
from pathlib import Path
from typing import Any

import pytest

from curriculum.records import Problem, Sample
from filters import JUDGES, check_steps

GOLDEN = Path(__file__).parents[1] / "golden"
ANSWERS = ("answers", "math", "near_misses", "choice", "puzzles", "units", "extraction")


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text("utf-8").splitlines()]


def answers() -> list[dict[str, Any]]:
    return [row for name in ANSWERS for row in rows(name)]


@pytest.mark.parametrize("row", answers(), ids=lambda row: f"{row['check']}: {row['why']}")
def test_answer(row: dict[str, Any]) -> None:
    problem = Problem("golden", 1, "", row["gold"], row["check"])
    sample = Sample(problem.key, "golden", 0, 0.0, row["text"], 0, row.get("finish", "stop"))
    verdict = JUDGES[row["check"]](problem, sample)
    assert (verdict.outcome, verdict.reason) == (row["expected"], row["reason"])


@pytest.mark.parametrize("row", rows("steps"), ids=lambda row: row["why"])
def test_steps(row: dict[str, Any]) -> None:
    problem = Problem("golden", 1, "", "1", "integer")
    verdict = check_steps(problem, Sample(problem.key, "golden", 0, 0.0, row["text"], 0, "stop"))
    found = (verdict.outcome, verdict.reason, verdict.extracted)
    assert found == (row["expected"], row["reason"], row["extracted"])


@pytest.mark.parametrize("name", [*ANSWERS, "steps", "program"])
def test_most_rows_are_rejections(name: str) -> None:
    expected = [row["expected"] for row in rows(name)]
    assert 2 * expected.count("right") < len(expected)


def test_there_are_many_rows() -> None:
    assert len(answers()) + len(rows("steps")) + len(rows("program")) >= 400


@pytest.mark.parametrize("check", JUDGES)
def test_every_judge_has_rows_of_both_kinds(check: str) -> None:
    found = rows("program") if check == "program" else answers()
    assert {row["expected"] == "right" for row in found if row["check"] == check} == {True, False}


@pytest.mark.parametrize("check", sorted({row["check"] for row in rows("puzzles")}))
def test_most_rows_of_each_puzzle_are_rejections(check: str) -> None:
    expected = [row["expected"] for row in rows("puzzles") if row["check"] == check]
    assert len(expected) >= 20
    assert 0 < 2 * expected.count("right") < len(expected)
