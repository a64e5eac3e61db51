"""Readers of a home while units of work are committed and shards merged: no error, and no half of a unit."""

from pathlib import Path

import pytest

import warehouse.merging
from benchmarks.readers import readers
from tests.warehouse.small_home import outcome, problem, sample, verdict
from warehouse.store import Warehouse


def unit(number: int) -> dict[str, list[dict[str, object]]]:
    found = problem(f"p{number}")
    drawn = [sample(f"p{number}s{i}", found["key"], draw=i) for i in range(4)]
    return {
        "problems": [found],
        "samples": drawn,
        "verdicts": [verdict(one["key"], "right") for one in drawn],
        "outcome_revisions": [outcome(one, "train", "right") for one in drawn],
    }


def test_readers_see_whole_units_and_stop_no_commit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warehouse.merging, "FANOUT", 4)
    with Warehouse(tmp_path) as store:
        store.commit("r1/000", unit(0))
        with readers(tmp_path, 3, pause_s=0.0) as seen:
            for number in range(1, 60):
                store.commit(f"r1/{number:03}", unit(number))
        assert store.query("select count(*) as n from samples") == [{"n": 240}]
        assert store.query("select count(*) > 0 as merged from superseded") == [{"merged": True}]
    assert len(seen) == 3
    for one in seen:
        assert one.wrong == []
        assert one.queries > 0
    assert sum(one.opened for one in seen) > 3  # some looked again meanwhile
