"""The timeline of the report and `engine_use`: what they say is what the rows say."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from warehouse.query import open_reader
from warehouse.report.ink import styled
from warehouse.report.section import Section
from warehouse.report.timeline import Stretch, _placed, timeline
from warehouse.store import Warehouse

START = datetime(2026, 11, 28, 12)


def stretch(
    at: float, seconds: float, stage: str, engine_seconds: float | None = None, number: int = 1
) -> dict[str, object]:
    return {
        "round": number, "stage": stage, "started_at": START + timedelta(seconds=at), "seconds": seconds,
        "engine_seconds": engine_seconds, "memory_bytes": 1000 + int(at), "host": "here",
    }  # fmt: skip


ROWS = [
    stretch(0, 1, "generate"),
    stretch(1, 10, "sample", 9.0),
    stretch(11, 10, "sample", 9.5),
    stretch(21, 30, "finetune"),
    stretch(51, 5, "evaluate", 4.5),
]


def test_the_share_in_which_the_engine_waited_is_told(tmp_path: Path) -> None:
    with Warehouse(tmp_path) as store:
        store.commit("r1", {"timeline": ROWS})
    with open_reader(tmp_path) as con, styled():
        used = con.execute("from engine_use order by stage").fetchall()
        section = timeline(con, None)
    assert used == [
        (1, "evaluate", 5.0, 4.5, pytest.approx(0.1), 1051),
        (1, "sample", 20.0, 18.5, pytest.approx(0.075), 1011),
    ]
    assert isinstance(section, Section)
    assert section.title == "The engine waited 8.0% of the 25.0 s in which samples were drawn"
    assert section.figure is not None
    assert "round 1" in section.figure


def test_a_home_without_rounds_says_so(tmp_path: Path) -> None:
    Warehouse(tmp_path).close()
    with open_reader(tmp_path) as con:
        assert timeline(con, None) == "No round has told when its parts ran."


def test_a_run_that_was_stopped_overnight_has_no_gap_and_a_short_wait_has() -> None:
    def at(seconds: float) -> Stretch:
        return Stretch(1, "sample", START + timedelta(seconds=seconds), 10.0, 10.0)

    assert [start for start, _ in _placed([at(0), at(12), at(40_000)])] == [0, 12, 22]
