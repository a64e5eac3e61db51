"""What a home keeps, refuses, and recovers from, short of being killed (see test_kill.py)."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest

from warehouse.errors import (
    AlreadyCommitted,
    HomeInUse,
    HomeNotWritable,
    HomeTooNew,
    WarehouseError,
    WrongRows,
)
from warehouse.kinds import kinds, schema_version
from warehouse.query import open_reader
from warehouse.store import Warehouse


def spend(round: int, tokens: int = 10) -> dict[str, object]:
    return {"round": round, "stage": "sample", "tokens": tokens, "seconds": 0.5}


def verdict(sample_key: str, outcome: str = "right") -> dict[str, object]:
    return {
        "sample_key": sample_key,
        "judge": "integer/1",
        "outcome": outcome,
        "reason": "equal",
        "extracted": "7",
        "found_in": "answer_line",
    }


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_a_commit_shows_all_its_kinds_and_outlives_the_process(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "home") as store:
        assert not store.has("r0001/judge/0000")
        store.commit("r0001/judge/0000", {"verdicts": [verdict("a"), verdict("b")], "spend": [spend(1)]})
    with Warehouse(tmp_path / "home") as store:
        assert store.has("r0001/judge/0000")
        assert store.query("select sample_key from verdicts where outcome = ? order by all", ["right"]) == [
            {"sample_key": "a"},
            {"sample_key": "b"},
        ]
        assert store.arrow("from spend").to_pylist() == [spend(1)]


def test_the_ledger_says_what_each_shard_holds(tmp_path: Path) -> None:
    with Warehouse(tmp_path) as store:
        store.commit("r0001/judge/0000", {"verdicts": [verdict("a")], "spend": []})
        store.commit("r0001/nothing", {})
        rows = store.query("select * exclude (committed_at) from ledger order by name, kind desc")
        shards = store.query("select * exclude (written_at) from shards")
    shard = tmp_path / "shards/verdicts/r0001~judge~0000.parquet"
    digest = subprocess.run(["sha256sum", shard], capture_output=True, text=True, check=True).stdout.split()[
        0
    ]
    empty = {"path": None, "first_row": 0, "rows": 0}
    assert rows == [
        {
            "name": "r0001/judge/0000",
            "kind": "verdicts",
            "path": "shards/verdicts/r0001~judge~0000.parquet",
            "first_row": 0,
            "rows": 1,
        },
        {"name": "r0001/judge/0000", "kind": "spend", **empty},
        {"name": "r0001/nothing", "kind": None, **empty},
    ]
    assert shards == [
        {
            "path": "shards/verdicts/r0001~judge~0000.parquet",
            "kind": "verdicts",
            "rows": 1,
            "bytes": shard.stat().st_size,
            "sha256": digest,
            "tier": 0,
        }
    ]
    with Warehouse(tmp_path) as store:
        assert store.has("r0001/nothing")


def test_a_name_is_committed_once(tmp_path: Path) -> None:
    with Warehouse(tmp_path) as store:
        store.commit("r1/a", {"spend": [spend(1)]})
        with pytest.raises(AlreadyCommitted, match="committed once; r1/a is"):
            store.commit("r1/a", {"spend": [spend(2)]})
        assert store.query("select round from spend") == [{"round": 1}]


@pytest.mark.parametrize(
    "name", ["", "/a", "a/", "a//b", "../a", "a/../b", ".a", "a b", "a~b", "a\n", "ä", "x" * 300]
)
def test_names_that_cannot_be_file_names_are_refused(tmp_path: Path, name: str) -> None:
    with Warehouse(tmp_path) as store, pytest.raises(WarehouseError, match="a unit of work is named by"):
        store.commit(name, {"spend": [spend(1)]})


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"spendings": [spend(1)]}, "there is no 'spendings'"),
        ({"spend": [spend(1), {"round": 1, "stage": "s", "tokens": 1}]}, "row 1 lacks seconds"),
        ({"spend": [spend(1) | {"watts": 3}]}, "row 0 also has watts"),
        (
            {"spend": [{"round": 1, "stage": "s", "tokens": 1, "second": 1}]},
            "lacks seconds and also has second",
        ),
        (
            {"spend": [spend(1), spend(1) | {"tokens": "many"}]},
            r"spend.tokens is of type int64; row 1 has 'many'",
        ),
        ({"spend": [spend(1) | {"tokens": 1.5}]}, "row 0 has 1.5"),
        ({"spend": [spend(2**40)]}, f"spend.round is of type int32; row 0 has {2**40}"),
        ({"spend": [spend(1) | {"stage": None}]}, "spend.stage is never null; 1 rows"),
        ({"spend": [spend(1) | {"stage": "\ud800"}]}, r"spend.stage is of type string; row 0 has '\\ud800'"),
        ({"spend": pa.table({"round": [1]})}, "the table lacks stage, tokens, seconds"),
        ({"spend": pa.Table.from_pylist([spend(1) | {"tokens": "x"}])}, "spend has columns of fixed types"),
    ],
)
def test_rows_that_do_not_fit_are_refused_before_anything_is_written(
    tmp_path: Path, tables: dict[str, object], message: str
) -> None:
    with Warehouse(tmp_path) as store:
        before = contents(tmp_path)
        with pytest.raises(WrongRows, match=message):
            store.commit("r1/a", {"verdicts": [verdict("a")], **tables})
        assert contents(tmp_path) == before
        assert not store.has("r1/a")


@pytest.mark.parametrize("as_table", [False, True])
def test_a_sample_that_is_there_twice_is_refused(tmp_path: Path, as_table: bool) -> None:
    sample = {
        "key": "s1", "problem_key": "p", "policy": "m", "draw": 0, "temperature": 1.0, "text": "7", "tokens": 1,
        "finish": "stop", "round": 1, "stage": "sample",
    }  # fmt: skip
    samples = [sample, sample | {"key": "s2"}, sample | {"draw": 1}]
    rows = pa.Table.from_pylist(samples, schema=kinds()["samples"]) if as_table else samples
    with Warehouse(tmp_path) as store:
        with pytest.raises(WrongRows, match=r"samples\.key is in a unit of work once; 's1' is there twice"):
            store.commit("r1/sample", {"samples": rows})
        assert not store.has("r1/sample")


def test_an_arrow_table_comes_in_with_its_columns_in_any_order(tmp_path: Path) -> None:
    table = pa.table(
        {"seconds": [1.5], "tokens": pa.array([3], pa.int32()), "stage": ["judge"], "round": [2]}
    )
    with Warehouse(tmp_path) as store:
        store.commit("r1/a", {"spend": table})
        assert store.query("from spend") == [{"round": 2, "stage": "judge", "tokens": 3, "seconds": 1.5}]


def test_text_comes_back_as_it_went_in(tmp_path: Path) -> None:
    texts = ["3+5=8\nA: 8", "", 'it\'s "quoted" \\ \x00 \x1b[31m', "∑ 数 🙂"]
    with Warehouse(tmp_path) as store:
        store.commit("r1/a", {"verdicts": [verdict(str(i)) | {"extracted": t} for i, t in enumerate(texts)]})
        found = store.query("select extracted from verdicts order by sample_key")
    assert [row["extracted"] for row in found] == texts


def test_every_kind_has_a_typed_view_before_its_first_row(tmp_path: Path) -> None:
    with Warehouse(tmp_path) as store:
        for kind, schema in kinds().items():
            found = store.arrow(f"from {kind}")
            assert found.num_rows == 0
            assert [(f.name, f.type) for f in found.schema] == [(f.name, f.type) for f in schema]
        for view in ("pass_rates", "evaluations", "rejections"):
            assert store.query(f"from {view}") == []


def test_a_second_writer_is_told_who_has_the_home(tmp_path: Path) -> None:
    holder = f"host {socket.gethostname()}, process {os.getpid()}"
    with Warehouse(tmp_path) as store:
        before = contents(tmp_path)
        script = f"from warehouse.store import Warehouse; Warehouse({str(tmp_path)!r})"
        other = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)
        assert "HomeInUse" in other.stderr
        assert holder in other.stderr
        with pytest.raises(HomeInUse, match=holder):
            Warehouse(tmp_path)
        assert contents(tmp_path) == before
        store.commit("r1/a", {"spend": [spend(1)]})
    Warehouse(tmp_path).close()


def test_a_worker_that_outlives_its_killed_run_does_not_keep_the_home(tmp_path: Path) -> None:
    script = f"""
        import os, time
        from warehouse.store import Warehouse
        store = Warehouse({str(tmp_path)!r})
        worker = os.fork()
        if worker:
            print(worker, flush=True)
        time.sleep(60)
    """
    run = subprocess.Popen([sys.executable, "-c", textwrap.dedent(script)], stdout=subprocess.PIPE, text=True)
    assert run.stdout is not None
    worker = int(run.stdout.readline())
    try:
        with pytest.raises(HomeInUse, match=f"process {run.pid}"):
            Warehouse(tmp_path)
        run.kill()
        run.wait()
        os.kill(worker, 0)  # still there
        Warehouse(tmp_path).close()
    finally:
        os.kill(worker, signal.SIGKILL)


def test_a_home_of_a_newer_version_is_left_untouched(tmp_path: Path) -> None:
    with Warehouse(tmp_path) as store:
        store.commit("r1/a", {"spend": [spend(1)]})
    (tmp_path / "lock").unlink()
    (tmp_path / "shards/spend/unlisted.parquet").write_bytes(b"what a newer version may have meant")
    with duckdb.connect(tmp_path / "warehouse.duckdb") as con:
        con.execute("update schema_version set version = 99")
    before = contents(tmp_path)
    for opener in (Warehouse, open_reader):
        with pytest.raises(HomeTooNew, match=rf"up to schema version {schema_version()};.* has version 99"):
            opener(tmp_path)
    assert contents(tmp_path) == before


@pytest.mark.parametrize("folder", ["new place", "it's [1]"])
def test_a_moved_or_copied_home_is_readable_and_goes_on(tmp_path: Path, folder: str) -> None:
    old, new, copy = tmp_path / "old", tmp_path / folder, tmp_path / "copy"
    with Warehouse(old) as store:
        store.commit("r1/a", {"spend": [spend(1)]})
    shutil.copytree(old, copy)
    old.rename(new)
    for home in (new, copy):
        with open_reader(home) as con:
            assert con.execute("select round from spend").fetchall() == [(1,)]
        with Warehouse(home) as store:
            store.commit("r2/a", {"spend": [spend(2)]})
        # and a plain DuckDB shell sees it where it now stands
        with duckdb.connect(home / "warehouse.duckdb", read_only=True) as shell:
            assert shell.execute("select round from spend order by all").fetchall() == [(1,), (2,)]


def test_commits_from_many_threads_all_land(tmp_path: Path) -> None:
    from concurrent.futures import ThreadPoolExecutor

    with Warehouse(tmp_path) as store, ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda i: store.commit(f"r1/{i}", {"spend": [spend(i)]}), range(24)))
        assert store.query("select count(*) as n, sum(round) as total from spend") == [
            {"n": 24, "total": 276}
        ]


def test_a_closed_warehouse_writes_no_more(tmp_path: Path) -> None:
    store = Warehouse(tmp_path)
    store.close()
    store.close()
    with pytest.raises(ValueError, match="written to while open"):
        store.commit("r1/a", {"spend": [spend(1)]})


def test_a_failed_publication_leaves_the_name_free(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with Warehouse(tmp_path) as store:
        with monkeypatch.context() as patch:
            patch.setattr("warehouse.store.publish", full)
            with pytest.raises(HomeNotWritable, match="the disk is full"):
                store.commit("r1/a", {"spend": [spend(1)]})
        assert not store.has("r1/a")
        assert store.query("from spend") == []
        store.commit("r1/a", {"spend": [spend(2)]})
        assert store.query("select round from spend") == [{"round": 2}]


def test_many_rows_come_in_fast(tmp_path: Path) -> None:
    rows = [verdict(f"{i:032x}") for i in range(100_000)]
    with Warehouse(tmp_path) as store:
        start = time.perf_counter()
        store.commit("r1/a", {"verdicts": rows})
        assert time.perf_counter() - start < 10  # 0.3 s on an idle core: a guard against a row at a time
        assert store.query("select count(distinct sample_key) as n from verdicts") == [{"n": 100_000}]


def test_a_shell_that_was_not_opened_read_only_stops_neither_a_run_nor_its_successor(tmp_path: Path) -> None:
    script = """
        import sys, duckdb
        con = duckdb.connect(sys.argv[1])
        con.execute("create table mine as select 1 as one")
        print("open", flush=True)
        sys.stdin.read()
    """
    with Warehouse(tmp_path) as store:
        store.commit("r1/a", {"spend": [spend(1)]})
        shell = subprocess.Popen(
            [sys.executable, "-c", textwrap.dedent(script), str(tmp_path / "warehouse.duckdb")],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        )  # fmt: skip
        assert shell.stdout is not None
        assert shell.stdout.readline() == "open\n"
        with pytest.raises(HomeInUse, match="open for writing"):
            open_reader(tmp_path)
        assert store.query("select round from spend") == [{"round": 1}]
        store.commit("r2/a", {"spend": [spend(2)]})
        shell.kill()
        shell.wait()
        with open_reader(tmp_path) as con:
            assert con.execute("select round from spend order by round").fetchall() == [(1,), (2,)]
    Warehouse(tmp_path).close()
    assert not (tmp_path / "damaged").exists()
