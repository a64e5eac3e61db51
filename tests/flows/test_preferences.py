"""Pairs in a round: who is in one is told by the selections, and the same ones train."""

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from curriculum.admission import Candidate, Caps, Selection, as_trained, select
from curriculum.standings import Cell
from flows import learning
from flows.gate import NOTHING
from flows.preferences import pair_up, write_pairs
from flows.progress import Bars
from flows.run import Run
from flows.settings import Config, TrainingConfig
from policy.finetune import TRAINED_ON, keep_names, trained_on
from warehouse.store import Warehouse

CELL = Cell("gcd", 3)
DPO = Config(training=TrainingConfig(trainer="trl", objective="dpo"))


def candidate(key: str, problem: str, outcome: str, text: str) -> Candidate:
    steps = "right" if outcome == "right" else "no_answer"
    return Candidate(key, problem, CELL, text, "stop", "train", outcome, steps, shows_steps=False)  # type: ignore[arg-type]


GIVEN = [
    candidate("r1", "p1", "right", "1+1=2 A: 2"),
    candidate("r2", "p1", "right", "1+1=2 so it is that, A: 2"),
    candidate("w1", "p1", "wrong", "1+1=3 A: 3"),
    candidate("w2", "p1", "wrong", "A: 9"),  # much shorter than any right one
    candidate("r3", "p2", "right", "A: 5"),  # nobody was wrong
    candidate("w3", "p3", "wrong", "A: 7"),  # nobody was right
]


def fates(selections: list[Selection]) -> dict[str, tuple[bool, str]]:
    return {s.sample_key: (s.admitted, s.reason) for s in selections}


def test_only_who_has_a_partner_of_like_length_trains() -> None:
    paired = pair_up(select(GIVEN, Caps()), GIVEN)
    assert fates(paired) == {
        "r1": (True, "admitted"),
        "w1": (False, "dispreferred"),
        "r2": (False, "unpaired"),
        "w2": (False, "wrong"),
        "r3": (False, "unpaired"),
        "w3": (False, "wrong"),
    }


def problem(key: str, number: int) -> dict[str, object]:
    return {
        "key": key,
        "family": "gcd",
        "level": 3,
        "seed": 0,
        "question": f"Question {key}",
        "answer": "2",
        "check_kind": "integer",
        "source": "generated",
        "split": "train",
        "round": number,
    }


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Two rounds of samples, the first with a pair that was trained on."""
    with Warehouse(tmp_path / "home") as store:
        yield Run(store, DPO, Bars())  # type: ignore[misc]


def drawn(run: Run, number: int, given: list[Candidate]) -> None:
    samples = [
        {
            "key": c.sample_key,
            "problem_key": c.problem_key,
            "policy": f"r{number}",
            "draw": i,
            "temperature": 1.0,
            "text": c.text,
            "tokens": 4,
            "finish": c.finish,
            "round": number,
            "stage": "sample",
        }
        for i, c in enumerate(given)
    ]
    outcomes = [
        {
            "sample_key": c.sample_key,
            "problem_key": c.problem_key,
            "policy": f"r{number}",
            "round": number,
            "stage": "sample",
            "family": "gcd",
            "level": 3,
            "split": "train",
            "tokens": 4,
            "finish": c.finish,
            "outcome": c.outcome,
            "reason": "said",
            "judge": "integer/1",
            "answer": "",
            "steps": c.steps,
            "steps_reason": None,
            "revision": 0,
        }
        for c in given
    ]
    problems = [problem(key, number) for key in sorted({c.problem_key for c in given})]
    tables = {"samples": samples, "outcome_revisions": outcomes, "problems": problems}
    run.store.commit(f"r{number:04}/sample/0000", tables)


def test_the_pairs_that_train_are_those_that_the_selections_name(run: Run, tmp_path: Path) -> None:
    drawn(run, 1, GIVEN)
    assert learning.admit(run, 1) == 1
    second = [
        candidate("r4", "p4", "right", "2+2=4 A: 4"),
        candidate("w4", "p4", "wrong", "2+2=5 A: 5"),
        candidate("r5", "p5", "right", "A: 4"),
    ]
    drawn(run, 2, second)
    assert learning.admit(run, 2) == 2  # a new pair, and the old one again
    rows = run.store.query("select sample_key, admitted, reason, problem_key from selections where round = 2")
    assert {row["sample_key"]: (row["admitted"], row["reason"], row["problem_key"]) for row in rows} == {
        "r4": (True, "admitted", "p4"),
        "w4": (False, "dispreferred", "p4"),
        "r5": (False, "unpaired", "p5"),
        "r1": (True, "replayed", "p1"),
        "w1": (False, "dispreferred", "p1"),
    }
    table = pq.read_table(write_pairs(run, 2, tmp_path / "rows.parquet")).to_pylist()
    assert [(row["chosen_key"], row["rejected_key"]) for row in table] == [("r1", "w1"), ("r4", "w4")]
    assert table[1] == {
        "prompt": "Question p4",
        "chosen": "2+2=4 A: 4",
        "rejected": "2+2=5 A: 5",
        "chosen_key": "r4",
        "rejected_key": "w4",
    }


def test_a_pair_that_has_trained_stays_one_whatever_is_judged_since(run: Run, tmp_path: Path) -> None:
    drawn(run, 1, GIVEN)
    learning.admit(run, 1)
    keep_names(write_pairs(run, 1, tmp_path / "rows.parquet"), tmp_path / TRAINED_ON)
    (tmp_path / "training.json").touch()
    trained = trained_on(tmp_path)
    assert trained == {"r1": 1.0, "w1": -1.0}
    since = [replace(given, outcome="wrong") if given.sample_key == "r1" else given for given in GIVEN]
    told = fates(as_trained(select(since, Caps()), trained))
    assert told["r1"] == (True, "admitted")
    assert told["w1"] == (False, "dispreferred")
    assert told["r2"] == (False, "not_trained")


def test_a_round_without_pairs_has_nothing_to_train_on(run: Run) -> None:
    drawn(run, 1, GIVEN[4:])
    assert learning.admit(run, 1) == 0
    assert "no right solution has a wrong one" in NOTHING["dpo"]
