"""Every golden row gets the verdict that it is recorded with, and most rows are rejections."""

import json
from pathlib import Path
from typing import Any

import pytest

from curriculum.records import Problem, Sample
from filters import JUDGES, check_steps

GOLDEN = Path(__file__).parents[1] / "golden"


def rows(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (GOLDEN / f"{name}.jsonl").read_text("utf-8").splitlines()]


@pytest.mark.parametrize("row", rows("answers"), ids=lambda row: f"{row['check']}: {row['why']}")
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


def test_most_rows_are_rejections() -> None:
    for name in ("answers", "steps"):
        expected = [row["expected"] for row in rows(name)]
        assert 2 * expected.count("right") < len(expected), name


def test_every_judge_has_rows_of_both_kinds() -> None:
    for check in JUDGES:
        kinds = {row["expected"] == "right" for row in rows("answers") if row["check"] == check}
        assert kinds == {True, False}, check
