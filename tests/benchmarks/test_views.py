"""The benchmark of the views: every view is asked, every question has an answer, and a cost is of one question."""

from pathlib import Path

import pytest

from benchmarks.large_home import build
from benchmarks.views import ask, questions
from warehouse.query import grains, open_reader

MAY_BE_EMPTY = ("flips: one",)


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    build(folder, samples=20_000, rounds=4)
    return folder


def test_every_computed_view_is_asked_and_answers(home: Path) -> None:
    asked = dict(questions(home))
    assert grains(home).keys() - {name.partition(":")[0] for name in asked} <= {
        "assignments", "logprobs", "outcome_revisions", "policies", "problem_overlaps", "repairs", "selections",
        "sources", "spend", "timeline", "training",
    }  # fmt: skip
    with open_reader(home) as con:
        empty = [
            name
            for name, sql in asked.items()
            if not con.execute(f"select count(*) from ({sql})").fetchall()[0][0]
        ]
    assert set(empty) <= {*MAY_BE_EMPTY, "review_candidates: one"}


def test_a_cost_is_measured_in_a_process_of_its_own(home: Path) -> None:
    cost = ask(home, "from outcomes")
    assert 0 < cost.seconds < 60
    assert cost.cpu_seconds > 0
    assert 0.02 < cost.gigabytes < 1
