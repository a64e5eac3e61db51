"""Merging of small shards beside readers and commits, and what `edgework gc` removes."""

import subprocess
import sys
import threading
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

import warehouse.merging
from warehouse.housekeeping import dispensable, remove
from warehouse.query import open_reader
from warehouse.store import Warehouse

NONE = timedelta(0)


@pytest.fixture(autouse=True)
def _small_fanout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(warehouse.merging, "FANOUT", 3)


def spend(round: int) -> dict[str, object]:
    return {"round": round, "stage": "sample", "tokens": 10, "seconds": 0.5}


def fill(store: Warehouse, numbers: range) -> None:
    for number in numbers:
        store.commit(f"r1/{number:03}", {"spend": [spend(number), spend(number)]})


def settle(store: Warehouse) -> None:
    while store._merging is not None and not store._merging.done():
        store._merging.result()


def rounds(home: Path) -> list[int]:
    with open_reader(home) as con:
        return [number for (number,) in con.execute("select round from spend order by round").fetchall()]


def test_shards_stay_few_and_every_row_stays_once(tmp_path: Path) -> None:
    with Warehouse(tmp_path) as store:
        fill(store, range(40))
        settle(store)
        [tiers] = store.query("select max(tier) as highest, count(*) as shards from shards")
        assert tiers["highest"] == 3
        assert tiers["shards"] <= 2 * 4
        assert rounds(tmp_path) == sorted([*range(40)] * 2)
        places = store.query("select path, first_row, rows from ledger order by path, first_row")
        for path in {place["path"] for place in places}:  # without gaps and without overlaps
            of_it = [place for place in places if place["path"] == path]
            assert [p["first_row"] for p in of_it] == [2 * i for i in range(len(of_it))]
        [row] = store.query("select path, first_row from ledger where name = 'r1/007'")
        at = f"select round from read_parquet('{tmp_path / row['path']}') offset {row['first_row']} limit 2"
        assert store.query(at) == [{"round": 7}, {"round": 7}]
    with Warehouse(tmp_path) as store:  # nothing of it is taken for a leftover
        assert all((tmp_path / row["path"]).exists() for row in store.query("select path from superseded"))


def test_readers_keep_what_they_opened_across_merges(tmp_path: Path) -> None:
    with Warehouse(tmp_path) as store:
        fill(store, range(2))
        with (
            duckdb.connect(tmp_path / "warehouse.duckdb", read_only=True) as shell,
            open_reader(tmp_path) as reader,
        ):
            fill(store, range(2, 30))
            settle(store)
            for con in (shell, reader):
                assert con.execute("select count(*), max(round) from spend").fetchall() == [(4, 1)]
        assert len(rounds(tmp_path)) == 60


def test_a_merge_that_fails_costs_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with Warehouse(tmp_path) as store:
        with monkeypatch.context() as patch:
            patch.setattr("warehouse.store.merge", full)
            fill(store, range(5))
            settle(store)
        assert [row["tier"] for row in store.query("select distinct tier from shards")] == [0]
        fill(store, range(5, 6))
        settle(store)
        assert rounds(tmp_path) == sorted([*range(6)] * 2)
        assert store.query("select count(*) as n from shards") == [{"n": 2}]


def test_closing_does_not_wait_for_a_long_merge(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    started, go_on = threading.Event(), threading.Event()
    merge = warehouse.merging.merge

    def slow(*args: object) -> object:
        started.set()
        assert go_on.wait(20)
        return merge(*args)  # type: ignore[arg-type]

    monkeypatch.setattr("warehouse.store.merge", slow)
    store = Warehouse(tmp_path)
    fill(store, range(3))
    assert started.wait(20)
    store._closing.set()
    go_on.set()
    store.close()
    with open_reader(tmp_path) as con:
        assert con.execute("select count(*) from shards").fetchall() == [(3,)]
    assert len(list((tmp_path / "shards/spend").iterdir())) == 3


def policy(name: str, round: int, parent: str | None, path: str) -> dict[str, object]:
    return {"policy": name, "round": round, "path": path, "parent": parent, "digest": "d"}


def promotion(round: int, candidate: str, incumbent: str, promoted: bool) -> dict[str, object]:
    return {
        "round": round, "candidate": candidate, "incumbent": incumbent, "promoted": promoted,
        "p_value": 0.5, "reason": "", "gained": 0, "lost": 0,
    }  # fmt: skip


@pytest.fixture
def home(tmp_path: Path) -> Path:
    """Round 1 promoted, round 2 refused, round 3 not yet decided; merged shards; a damaged file set aside."""
    for number in (1, 2, 3):
        folder = tmp_path / f"policies/round-{number:04}"
        folder.mkdir(parents=True)
        (folder / "model.safetensors").write_bytes(b"w" * 1000)
        folder.with_suffix(".rows.parquet").write_bytes(b"r" * 10)
    (tmp_path / "damaged").mkdir()
    (tmp_path / "damaged/x").write_bytes(b"d" * 7)
    with Warehouse(tmp_path) as store:
        policies = [policy("base", 0, None, "/shipped")]
        policies += [
            policy(f"r{n}", n, "base" if n == 1 else "r1", f"policies/round-000{n}") for n in (1, 2, 3)
        ]
        promotions = [promotion(1, "r1", "base", True), promotion(2, "r2", "r1", False)]
        store.commit("policies", {"policies": policies, "promotions": promotions})
        fill(store, range(3))
        settle(store)
    return tmp_path


def test_what_can_go_is_shown_with_its_size_and_reason(home: Path) -> None:
    found = {one.path: (one.bytes, one.reason) for one in dispensable(home, NONE)}
    merged = {path for path in found if path.startswith("shards/spend/r1~")}
    assert len(merged) == 3
    assert found.keys() - merged == {
        "damaged/x", "policies/round-0002", "policies/round-0001.rows.parquet", "policies/round-0002.rows.parquet",
    }  # fmt: skip
    assert found["policies/round-0002"] == (1000, "the checkpoint of a candidate that was refused")
    assert not any(one.path in merged for one in dispensable(home, timedelta(hours=24)))


def test_removing_frees_what_was_shown_and_keeps_what_lineage_needs(home: Path) -> None:
    found = dispensable(home, NONE)
    before = rounds(home)
    with Warehouse(home) as store:
        assert remove(store, NONE) == found
    assert not any((home / one.path).exists() for one in found)
    assert (home / "policies/round-0001/model.safetensors").exists()
    assert (home / "policies/round-0003.rows.parquet").exists()
    assert rounds(home) == before
    assert dispensable(home, NONE) == []
    with Warehouse(home) as store:
        assert store.repairs == []
        assert [row["policy"] for row in store.query("select policy from policies order by round")] == [
            "base", "r1", "r2", "r3",
        ]  # fmt: skip


def test_the_command_shows_before_it_removes(home: Path) -> None:
    def gc(*arguments: str) -> subprocess.CompletedProcess[str]:
        command = [Path(sys.executable).with_name("edgework"), "gc", "--home", home, *arguments]
        return subprocess.run(command, capture_output=True, text=True, check=False)

    before = sorted(home.rglob("*"))
    shown = gc("--older-than", "0")
    assert (shown.returncode, shown.stderr) == (0, "")
    assert "policies/round-0002" in shown.stdout
    assert "--remove" in shown.stdout
    assert sorted(home.rglob("*")) == before
    with Warehouse(home):
        refused = gc("--remove")
        assert refused.returncode == 2
        assert "is in use by host" in refused.stderr
    assert "freed" in gc("--remove", "--older-than", "0").stdout
    assert "nothing that it can do without" in gc("--older-than", "0").stdout
    missing = gc("--home", str(home / "nowhere"))
    assert missing.returncode == 2


def test_a_damaged_file_stays_until_its_units_are_there_again(tmp_path: Path) -> None:
    with Warehouse(tmp_path) as store:
        store.commit("r1/a", {"spend": [spend(1)], "training": [LOSS]})
    file = tmp_path / "shards/training/r1~a.parquet"
    file.write_bytes(file.read_bytes()[:-1] + b"x")
    with Warehouse(tmp_path) as store:
        assert not store.has("r1/a")
        assert not any(one.path.startswith("damaged/") for one in dispensable(tmp_path, NONE))
        store.commit("r1/a", {"spend": [spend(1)], "training": [LOSS]})
        assert any(one.path.startswith("damaged/") for one in dispensable(tmp_path, NONE))


LOSS = {"round": 1, "step": 1, "loss": 0.5, "tokens": 1, "seconds": 0.1}
