"""Reading a home: beside a running writer, and as `edgework sql` prints it."""

import csv
import io
import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from warehouse.errors import HomeMissing, QueryRefused
from warehouse.query import open_reader, render
from warehouse.store import Warehouse


def spend(round: int, stage: str = "sample") -> dict[str, object]:
    return {"round": round, "stage": stage, "tokens": 1000 * round, "seconds": round / 4}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with Warehouse(tmp_path / "home") as store:
        store.commit("r1/spend", {"spend": [spend(1), spend(2, 'judge\nand \x1b[31m"more", x')]})
    return tmp_path / "home"


def test_a_reader_keeps_what_it_opened_and_a_new_one_sees_the_newest(tmp_path: Path) -> None:
    with Warehouse(tmp_path) as store:
        early = open_reader(tmp_path)
        for i in range(1, 6):
            store.commit(f"r{i}/spend", {"spend": [spend(i)]})
            with open_reader(tmp_path) as late:
                assert late.execute("select max(round), count(*) from spend").fetchall() == [(i, i)]
            assert early.execute("select count(*) from spend").fetchall() == [(0,)]
        early.close()


def test_readers_in_other_processes_and_a_writer_do_not_disturb_each_other(tmp_path: Path) -> None:
    """Each unit commits two kinds with as many rows: a reader must never see one without the other."""
    script = """
        import sys, duckdb
        from warehouse.query import open_reader
        home, last, looks = sys.argv[1], 0, 0
        shell = duckdb.connect(home + "/warehouse.duckdb", read_only=True)  # as a DuckDB shell does
        print("ready", flush=True)
        while last < 25:
            with open_reader(home) as con:
                spends, trained = con.execute(
                    "select (select count(*) from spend), (select count(*) from training)").fetchall()[0]
            assert spends == trained >= last, (spends, trained, last)
            assert shell.execute("select count(*) from spend").fetchall() == [(0,)]
            last, looks = spends, looks + 1
        print(looks)
    """
    with Warehouse(tmp_path) as store:
        command = [sys.executable, "-c", textwrap.dedent(script), str(tmp_path)]
        readers = [subprocess.Popen(command, stdout=subprocess.PIPE, text=True) for _ in range(2)]
        for reader in readers:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "ready\n"
        for i in range(25):
            step = {"round": i, "step": 0, "loss": 0.5, "tokens": 1, "seconds": 0.1}
            store.commit(f"r{i}", {"spend": [spend(i)], "training": [step]})
        for reader in readers:
            assert int(reader.communicate(timeout=60)[0]) > 1
            assert reader.returncode == 0


def test_a_folder_without_a_warehouse_is_named(tmp_path: Path) -> None:
    for folder in (tmp_path, tmp_path / "nowhere"):
        with pytest.raises(HomeMissing, match=rf"there is none in {folder}"):
            open_reader(folder)
        assert not (folder / "warehouse.duckdb").exists()
    assert not (tmp_path / "nowhere").exists()


def test_a_query_does_not_see_variables_of_this_program(home: Path) -> None:
    with Warehouse(home) as store, pytest.raises(Exception, match="names does not exist"):
        store.query("from names")


def test_as_a_table(home: Path) -> None:
    shown = 'judge⏎and  [31m"more", x'  # neither the line break nor the terminal's escape goes through
    assert render("select *, null as note from spend order by round", home).splitlines() == [
        f"round  {'stage':24}  tokens  seconds  note",
        f"─────  {'─' * 24}  ──────  ───────  ────",
        f"    1  {'sample':24}    1000     0.25",
        f"    2  {shown:24}    2000      0.5",
        "(2 rows)",
    ]
    assert render("select 'x' where false", home).endswith("(0 rows)\n")
    assert "(1 row)" in render("select repeat('long', 100) as text", home)
    assert max(map(len, render("select repeat('long', 100) as text", home).splitlines())) == 60


def test_as_csv_and_json_nothing_is_lost(home: Path) -> None:
    columns = "round, stage, seconds, null as note, 'nan'::double as odd, 1.50::decimal(4,2) as exact"
    query = f"select {columns} from spend"
    stages = ["sample", 'judge\nand \x1b[31m"more", x']
    found = list(csv.DictReader(io.StringIO(render(query, home, "csv"), newline="")))
    assert [(row["round"], row["stage"], row["seconds"], row["note"]) for row in found] == [
        ("1", stages[0], "0.25", ""),
        ("2", stages[1], "0.5", ""),
    ]
    assert json.loads(render(query, home, "json")) == [
        {"round": i, "stage": stage, "seconds": i / 4, "note": None, "odd": None, "exact": 1.5}
        for i, stage in enumerate(stages, 1)
    ]
    assert json.loads(render("from training", home, "json")) == []


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select outcom from verdicts", "no column 'outcom' here; did you mean 'outcome'?"),
        ("select s.txt from samples as s", "no column 'txt' here; did you mean 'text'?"),
        ("select SampleKey from verdicts", "did you mean 'sample_key'?"),
        (
            "select family from samples",
            "no column 'family' here; assignments, broken_reasoning, evaluations, problems have it;",
        ),
        ("select zzz from spend", "no column 'zzz' here; spend has round, stage, tokens, seconds"),
        (
            "from pass_rate",
            "no view 'pass_rate'; did you mean 'pass_rates'? the views are assignments, broken",
        ),
        ("selec 1", 'syntax error at or near "selec"'),
        ("select cast(stage as integer) from spend", "Could not convert string"),
    ],
)
def test_a_wrong_name_suggests_the_right_one(home: Path, sql: str, message: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        render(sql, home)
    assert message in str(refused.value)


@pytest.mark.parametrize(
    "sql",
    [
        "insert into spend values (1, 's', 1, 1)",
        "create table mine as from spend",
        "drop view spend",
        "copy spend to 'spend.csv'",
        "explain analyze copy spend to 'spend.csv'",
        "attach 'other.duckdb'",
        "set memory_limit = '1GB'",
        "install httpfs",
        "select 1; drop view spend",
        "",
        "-- nothing",
    ],
)
def test_what_does_not_only_read_is_refused(home: Path, sql: str) -> None:
    before = {path: path.read_bytes() for path in home.rglob("*") if path.is_file()}
    with pytest.raises(QueryRefused, match=r"this only reads|one statement that reads"):
        render(sql, home)
    assert {path: path.read_bytes() for path in home.rglob("*") if path.is_file()} == before


def test_a_query_reads_this_home_alone(home: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    for sql in (f"from read_text('{tmp_path}/secret.txt')", "from 'http://127.0.0.1:9/x.parquet'"):
        with pytest.raises(QueryRefused, match="Cannot access file"):
            render(sql, home)
