"""Damage, found when a home is opened for writing: named, set aside, taken out, and done again."""

import re
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import duckdb
import pytest

import warehouse.merging
from warehouse.connecting import read_ledger
from warehouse.errors import HomeDamaged, HomeNotWritable, ShardDamaged
from warehouse.housekeeping import remove
from warehouse.query import open_reader
from warehouse.store import Warehouse


def spend(round: int, tokens: int = 10) -> dict[str, object]:
    return {"round": round, "stage": "sample", "tokens": tokens, "seconds": 0.5}


def verdict(sample_key: str) -> dict[str, object]:
    return {
        "sample_key": sample_key,
        "judge": "integer/1",
        "outcome": "right",
        "reason": "equal",
        "extracted": "7",
        "found_in": "answer_line",
    }


def unit(number: int) -> dict[str, list[dict[str, object]]]:
    return {"spend": [spend(number)], "verdicts": [verdict(f"{number}-{i}") for i in range(5)], "samples": []}


def fill(home: Path, numbers: range) -> None:
    with Warehouse(home) as store:
        for number in numbers:
            if not store.has(f"r1/{number:02}"):
                store.commit(f"r1/{number:02}", unit(number))
        if store._merging is not None:
            store._merging.result()


def seen(home: Path) -> list[tuple[object, ...]]:
    with open_reader(home) as con:
        return [
            *con.execute("from spend order by all").fetchall(),
            *con.execute("from verdicts order by all").fetchall(),
            *con.execute(
                "select name, kind, rows from ledger where name like 'r1/%' order by all"
            ).fetchall(),
        ]


def damage(file: Path, how: str) -> None:
    whole = file.read_bytes()
    if how == "gone":
        file.unlink()
    else:
        middle = len(whole) // 2
        flipped = whole[:middle] + bytes([whole[middle] ^ 1]) + whole[middle + 1 :]
        file.write_bytes({"truncated": whole[:100], "emptied": b"", "a flipped bit": flipped}[how])


STATES = {
    "gone": "it is missing",
    "emptied": "it has 0 bytes, not ",
    "truncated": "it has 100 bytes, not ",
    "a flipped bit": "its content was altered",
}


@pytest.mark.parametrize("how", STATES)
def test_a_damaged_shard_is_set_aside_and_its_unit_done_again(tmp_path: Path, how: str) -> None:
    home = tmp_path / "home"
    fill(home, range(3))
    whole = seen(home)
    shard = home / "shards/verdicts/r1~01.parquet"
    damage(shard, how)
    with Warehouse(home) as store:
        [repair] = store.repairs
        assert (repair.name, repair.kind, repair.path) == (
            "r1/01",
            "verdicts",
            "shards/verdicts/r1~01.parquet",
        )
        assert repair.state.startswith(STATES[how])
        assert [store.has(f"r1/{i:02}") for i in range(3)] == [True, False, True]
        # of its unit nothing is left: half of it beside a new half could disagree
        assert store.query("select round from spend order by all") == [{"round": 0}, {"round": 2}]
    assert len(list((home / "damaged").glob("*~shards~verdicts~r1~01.parquet"))) == (how != "gone")
    fill(home, range(3))
    assert seen(home) == whole
    with Warehouse(home) as store:
        assert store.repairs == []
        assert store.query("select name, path from repairs") == [{"name": repair.name, "path": repair.path}]


def test_of_a_merged_shard_only_what_was_in_it_is_done_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse.merging, "FANOUT", 4)
    home = tmp_path / "home"
    fill(home, range(10))
    whole = seen(home)
    with Warehouse(home) as store:
        shards = store.query("select path, rows from shards where kind = 'verdicts' order by rows")
        assert [row["rows"] for row in shards] == [5, 5, 20, 20]
        remove(store, timedelta(0))  # else it would be restored
    damage(home / shards[-1]["path"], "a flipped bit")
    with Warehouse(home) as store:
        assert sum(store.has(f"r1/{i:02}") for i in range(10)) == 6
        assert len(store.query("from spend")) == 6  # their rows stood in other shards, beside rows that stay
        assert len(store.query("from verdicts")) == 30
    fill(home, range(10))
    assert seen(home) == whole


@pytest.mark.parametrize("how", ["truncated", "rewritten", "emptied", "another database", "gone"])
def test_a_torn_catalog_costs_the_last_unit_at_most(tmp_path: Path, how: str) -> None:
    home = tmp_path / "home"
    fill(home, range(3))
    whole = seen(home)
    catalog = home / "warehouse.duckdb"
    if how == "another database":
        catalog.unlink()
        duckdb.connect(catalog).close()
    elif how == "gone":
        catalog.unlink()
    else:
        left = {"truncated": catalog.read_bytes()[:5000], "rewritten": b"hello" * 3000, "emptied": b""}
        catalog.write_bytes(left[how])
    if how != "gone":
        with pytest.raises(HomeDamaged, match=r"warehouse\.duckdb is not a catalog .* or is damaged"):
            open_reader(home)
    with Warehouse(home) as store:
        assert store.repairs[0].path == "warehouse.duckdb"
        assert [store.has(f"r1/{i:02}") for i in range(3)] == [True, True, False]
    fill(home, range(3))
    assert seen(home) == whole
    assert len(list((home / "damaged").glob("*~warehouse.duckdb"))) == (how != "gone")


def test_where_no_catalog_can_be_read_the_shards_are_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    fill(home, range(3))
    for name in ("warehouse.duckdb", "warehouse.previous.duckdb"):
        (home / name).write_bytes(b"hello" * 3000)
    before = sorted(home.rglob("*"))
    with pytest.raises(HomeDamaged, match="is not a catalog"):
        Warehouse(home)
    for name in ("warehouse.duckdb", "warehouse.previous.duckdb"):
        (home / name).unlink()
    with pytest.raises(HomeDamaged, match=r"has shards, so it had a catalog; warehouse\.duckdb is missing"):
        Warehouse(home)
    assert [path for path in before if path.suffix == ".parquet"] == sorted(home.rglob("*.parquet"))


def test_every_torn_tail_of_a_catalog_is_noticed_or_harmless(tmp_path: Path) -> None:
    """Whatever of the file's end is lost or overwritten: the same rows, or an error that names the file."""
    home = tmp_path / "home"
    fill(home, range(3))
    whole = seen(home)
    catalog = home / "warehouse.duckdb"
    content, ledger = catalog.read_bytes(), read_ledger(home)
    step = 4096 * 7
    for end in [*range(0, len(content), step), len(content) - 1]:
        for torn in (content[:end], content[:end] + bytes(len(content) - end)):
            catalog.unlink()  # else DuckDB, in this process, would hand out what it has open
            catalog.write_bytes(torn)
            told = ""
            try:
                assert read_ledger(home) == ledger
                assert seen(home) == whole
            except (HomeDamaged, duckdb.Error) as error:
                told = str(error)
            assert not told or "warehouse.duckdb" in told or "Corrupt database file" in told


def test_a_home_whose_shards_are_away_is_left_alone(tmp_path: Path) -> None:
    home = tmp_path / "home"
    fill(home, range(4))
    whole = seen(home)
    (home / "shards").rename(tmp_path / "away")
    before = {path: path.read_bytes() for path in home.iterdir() if path.suffix == ".duckdb"}
    with pytest.raises(HomeDamaged, match=r"of the 8 of .*, 8 are missing"):
        Warehouse(home)
    assert {path: path.read_bytes() for path in before} == before
    (tmp_path / "away").rename(home / "shards")
    with Warehouse(home) as store:
        assert store.repairs == []
    assert seen(home) == whole


def test_a_recovery_that_finds_the_disk_full_loses_nothing(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse.merging, "FANOUT", 4)
    home = tmp_path / "home"
    fill(home, range(10))
    whole = seen(home)
    damage(home / "shards/verdicts/r1~09.parquet", "a flipped bit")

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("warehouse.recovery.publish", full)
        with pytest.raises(HomeNotWritable):
            Warehouse(home)
    with Warehouse(home) as store:
        assert {repair.name for repair in store.repairs} == {"r1/09"}
    fill(home, range(10))
    assert seen(home) == whole


def test_what_may_not_be_read_is_not_taken_for_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home = tmp_path / "home"
    fill(home, range(3))
    open_file = Path.open

    def refused(path: Path, *args: object, **more: object) -> object:
        if path.name == "r1~01.parquet":
            raise PermissionError(13, "Permission denied", str(path))
        return open_file(path, *args, **more)  # type: ignore[call-overload]

    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", refused)
        with pytest.raises(HomeNotWritable, match="may not"):
            Warehouse(home)
    with Warehouse(home) as store:
        assert store.repairs == []


def test_damage_is_not_merged_into_a_shard_that_looks_whole(tmp_path: Path) -> None:
    home = tmp_path / "home"
    fill(home, range(2))
    ledger, _ = read_ledger(home)
    paths = [path for path, shard in ledger.shards.items() if shard.kind == "verdicts"]
    damage(home / paths[1], "a flipped bit")
    with pytest.raises(HomeDamaged, match=r"r1~01\.parquet: its content was altered"):
        warehouse.merging.merge(home, ledger, paths, lambda: False)
    assert not list(home.glob("shards/verdicts/merged*"))


def test_of_the_costs_of_many_units_the_rows_alone_are_lost(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse.merging, "FANOUT", 4)
    home = tmp_path / "home"
    fill(home, range(5))
    with Warehouse(home) as store:
        [merged] = store.query("select path from shards where kind = 'spend' and tier = 1")
        remove(store, timedelta(0))
    damage(home / merged["path"], "truncated")
    with Warehouse(home) as store:
        assert [(repair.name, repair.kind) for repair in store.repairs] == [
            (f"r1/0{i}", "spend") for i in range(4)
        ]
        assert all(store.has(f"r1/0{i}") for i in range(5))
        assert len(store.query("from verdicts")) == 25
        assert store.query("select round from spend") == [{"round": 4}]
    with Warehouse(home) as store:
        assert store.repairs == []


def test_with_samples_goes_what_was_said_of_them_elsewhere(tmp_path: Path) -> None:
    home = tmp_path / "home"
    outcome = {
        "sample_key": "s", "problem_key": "p", "policy": "m", "round": 1, "stage": "sample", "family": "gcd",
        "level": 1, "split": "train", "tokens": 1, "finish": "stop", "outcome": "right", "reason": "equal",
        "judge": "integer/1", "answer": "7", "steps": None, "steps_reason": None, "revision": 0,
    }  # fmt: skip
    sample = {
        "key": "s", "problem_key": "p", "policy": "m", "draw": 0, "temperature": 1.0, "text": "7", "tokens": 1,
        "finish": "stop", "round": 1, "stage": "sample",
    }  # fmt: skip
    drawn = {"samples": [sample], "verdicts": [verdict("s")], "outcome_revisions": [outcome]}
    again = {
        "verdicts": [verdict("s") | {"judge": "integer/2"}],
        "outcome_revisions": [outcome | {"revision": 1}],
    }
    with Warehouse(home) as store:
        store.commit("r1/sample", drawn)
        store.commit("rejudge/a", again)
    damage(home / "shards/samples/r1~sample.parquet", "gone")
    with Warehouse(home) as store:
        assert {repair.name for repair in store.repairs} == {"r1/sample", "rejudge/a"}
        assert store.query("from outcomes") == []
        store.commit("r1/sample", drawn)
        assert [row["revision"] for row in store.query("from outcomes")] == [0]


@pytest.mark.parametrize("how", STATES)
def test_damage_in_the_middle_of_a_run_is_told_and_mended_by_the_next(tmp_path: Path, how: str) -> None:
    home = tmp_path / "home"
    fill(home, range(3))
    whole = seen(home)
    place = f"{home}/shards/verdicts/r1~00.parquet was damaged while this went on: {STATES[how]}"
    with pytest.raises(ShardDamaged, match=re.escape(place)) as failed:
        _commit_and_read_while(home, lambda: damage(home / "shards/verdicts/r1~00.parquet", how))
    assert "\n" not in str(failed.value)
    assert "The same command repairs it and carries on" in str(failed.value)
    with Warehouse(home) as store:
        assert [repair.name for repair in store.repairs] == ["r1/00"]
    fill(home, range(3))
    assert [row for row in seen(home) if 3 not in row and "r1/03" not in row] == whole


def test_another_error_is_told_as_it_is(tmp_path: Path) -> None:
    with pytest.raises(duckdb.CatalogException), Warehouse(tmp_path) as store:
        store.query("from nowhere")


def _commit_and_read_while(home: Path, befalls: Callable[[], None]) -> None:
    with Warehouse(home) as store:
        befalls()
        store.commit("r1/03", unit(3))
        store.query("select sum(length(reason) + length(sample_key)) from verdicts")
