"""A damaged merged shard: restored from what was merged into it, as far as that is still on the disk and whole."""

from datetime import timedelta
from pathlib import Path

import pytest
from rich.console import Console

import warehouse.merging
from flows.opening import open_home
from tests.warehouse.test_recovery import damage, fill, seen
from warehouse.connecting import read_ledger
from warehouse.housekeeping import remove
from warehouse.store import Warehouse

UNITS = range(9)


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Nine units of work: three shards of three, and of those one of nine."""
    monkeypatch.setattr(warehouse.merging, "FANOUT", 3)
    fill(tmp_path / "home", UNITS)
    return tmp_path / "home"


def merged(home: Path, kind: str = "verdicts") -> str:
    [path] = [
        path for path, shard in read_ledger(home)[0].shards.items() if shard.kind == kind and shard.tier
    ]
    return path


def into(home: Path, target: str) -> list[str]:
    """The shards that were merged into it, in the order of their rows."""
    old = [old for old in read_ledger(home)[0].superseded.values() if old.merged_into == target]
    return [one.path for one in sorted(old, key=lambda one: one.first_row or 0)]


def left(store: Warehouse) -> list[int]:
    return [number for number in UNITS if store.has(f"r1/{number:02}")]


def content(home: Path) -> list[tuple[object, ...]]:
    """All rows, and what the ledger says is in the place that it gives for a unit of work."""
    with Warehouse(home) as store:
        places = store.query("select name, path, first_row, rows from ledger where kind = 'verdicts'")
        for place in places:
            at = f"from read_parquet('{home / place['path']}') offset {place['first_row']} limit {place['rows']}"
            keys = [row["sample_key"] for row in store.query(at)]
            assert keys == [f"{int(place['name'][-2:])}-{i}" for i in range(5)]
    return seen(home)


@pytest.mark.parametrize("how", ["gone", "truncated", "a flipped bit"])
def test_all_of_a_merged_shard_is_restored(home: Path, how: str) -> None:
    whole, path = content(home), merged(home)
    damage(home / path, how)
    console = Console(record=True, width=300)
    with open_home(home, console) as store:
        assert left(store) == [*UNITS]
        [repair] = store.repairs
        assert (repair.name, repair.path, repair.restored) == ("", path, 9)
        [row] = store.query("select name, kind, path, restored from repairs")
        assert row == {"name": "", "kind": "verdicts", "path": path, "restored": 9}
    assert f"damaged {path}: " in console.export_text()
    with Warehouse(home) as store:
        assert store.repairs == []
    assert content(home) == whole
    fill(home, UNITS)  # no unit is done again
    assert content(home) == whole


def test_that_is_told_in_a_line(home: Path) -> None:
    path = merged(home)
    damage(home / path, "gone")
    console = Console(record=True, width=300)
    open_home(home, console).close()
    assert console.export_text() == (
        f"damaged {path}: it is missing; set aside, and"
        " 9 units of work restored from the shards that were merged into it\n"
    )


def test_only_units_whose_originals_are_gone_are_done_again(home: Path) -> None:
    whole, path = content(home), merged(home)
    first, second, third = into(home, path)
    damage(home / path, "a flipped bit")
    damage(home / second, "gone")  # what was merged into that one is there
    damage(home / third, "a flipped bit")
    damage(home / into(home, third)[1], "truncated")
    with Warehouse(home) as store:
        assert left(store) == [0, 1, 2, 3, 4, 5, 6, 8]
        assert [(repair.name, repair.restored) for repair in store.repairs] == [("", 8), ("r1/07", 0)]
        assert store.query("select count(*) as rows from verdicts") == [{"rows": 40}]
        read = {row["path"] for row in store.query("select path from shards where kind = 'verdicts'")}
        assert read == {
            first,
            *into(home, second),
            *(f"shards/verdicts/r1~0{i}.parquet" for i in (3, 4, 5, 6, 8)),
        }
    fill(home, UNITS)
    assert content(home) == whole


def test_what_garbage_collection_removed_restores_nothing(home: Path) -> None:
    whole, path = content(home), merged(home)
    with Warehouse(home) as store:
        remove(store, timedelta(0))
    damage(home / path, "a flipped bit")
    with Warehouse(home) as store:
        assert left(store) == []
        assert all(repair.name for repair in store.repairs)
    fill(home, UNITS)
    assert content(home) == whole


def test_costs_of_many_units_are_restored_too(home: Path) -> None:
    whole = content(home)
    damage(home / merged(home, "spend"), "emptied")
    with Warehouse(home) as store:
        assert [(repair.name, repair.restored) for repair in store.repairs] == [("", 9)]
    assert content(home) == whole


def test_a_shard_from_which_a_unit_was_taken_out_is_restored(home: Path) -> None:
    """First it is written anew without that unit; what was merged into the first one serves the second."""
    whole, path = content(home), merged(home)
    spoilt = merged(home, "spend")
    damage(home / path, "gone")
    for original in into(home, path):
        damage(home / original, "gone")
    damage(home / "shards/verdicts/r1~04.parquet", "gone")
    with Warehouse(home) as store:
        assert left(store) == [0, 1, 2, 3, 5, 6, 7, 8]
    smaller = merged(home, "spend")
    assert smaller != spoilt
    damage(home / smaller, "truncated")
    with Warehouse(home) as store:
        assert [(repair.name, repair.restored) for repair in store.repairs] == [("", 8)]
        assert len(store.query("from spend")) == 8
    fill(home, UNITS)
    assert content(home) == whole


def test_a_unit_that_goes_for_another_reason_is_not_restored(home: Path) -> None:
    whole, path = content(home), merged(home)
    damage(home / path, "gone")
    damage(home / merged(home, "spend"), "gone")
    for original in into(home, path):
        damage(home / original, "gone")
    damage(home / "shards/verdicts/r1~04.parquet", "gone")
    with Warehouse(home) as store:
        assert left(store) == [0, 1, 2, 3, 5, 6, 7, 8]
        assert len(store.query("from spend")) == 8
    fill(home, UNITS)
    assert content(home) == whole


def test_a_restoring_that_is_cut_short_is_made_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = content(home)
    damage(home / merged(home), "a flipped bit")

    def cut_short(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr("warehouse.recovery.publish", cut_short)
        with pytest.raises(KeyboardInterrupt):
            Warehouse(home)
    with Warehouse(home) as store:
        assert left(store) == [*UNITS]
    assert content(home) == whole
