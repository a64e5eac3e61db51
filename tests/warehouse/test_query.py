"""Reading a home: beside a running writer, and as `edgework sql` prints it."""

import csv
import io
import itertools
import json
import shutil
import subprocess
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest

from warehouse import connecting
from warehouse.errors import HomeMissing, QueryRefused
from warehouse.query import Format, open_reader, print_rows, print_views
from warehouse.store import Warehouse
from warehouse.suggestions import in_words
from warehouse.text import MEASURED, write_csv, write_json, write_table


def render(sql: str, home: Path, format: Format = "table", terminal: int | None = None) -> str:
    out = io.StringIO()
    print_rows(sql, home, format, out, terminal)
    return out.getvalue()


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


@pytest.mark.parametrize("torn", [False, True])
def test_a_reader_looks_again_if_another_catalog_came_while_it_opened_one(
    home: Path, monkeypatch: pytest.MonkeyPatch, torn: bool
) -> None:
    """DuckDB opens it twice by its name: it has parts of both then, whether it noticed or not."""
    later = home / "later"
    with Warehouse(home) as store:
        store.commit("r3/spend", {"spend": [spend(3)]})
        shutil.copyfile(home / "warehouse.duckdb", later)
        shutil.copyfile(home / "warehouse.previous.duckdb", home / "warehouse.duckdb")

    class Connection:
        def __init__(self, home: Path) -> None:
            self._con = new_connection(home)

        def __getattr__(self, name: str) -> object:
            return getattr(self._con, name)

        def execute(self, sql: str) -> duckdb.DuckDBPyConnection:
            comes = sql.startswith("attach") and later.exists()
            if comes and torn:
                later.rename(home / "warehouse.duckdb")
                raise duckdb.IOException("No more data remaining in MetadataReader")
            done = self._con.execute(sql)
            if comes:
                later.rename(home / "warehouse.duckdb")
            return done

    new_connection = connecting._new_connection
    monkeypatch.setattr(connecting, "_new_connection", Connection)
    con = open_reader(home)
    assert con.execute("select max(round) from spend").fetchall() == [(3,)]
    con.close()


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


def test_a_narrow_terminal_cuts_wide_columns_and_says_which_it_has_no_room_for(home: Path) -> None:
    query = "select round, 'abcdefghijklmnopqrst' as text, stage from spend where round = 1"
    assert render(query, home, terminal=33).splitlines() == [
        "round  text                stage",
        "─────  ──────────────────  ──────",
        "    1  abcdefghijklmnopq…  sample",
        "(1 row)",
    ]
    assert render(query, home, terminal=20).splitlines()[2:] == [
        "    1  abcdefghijkl…",
        "(1 row; 2 of 3 columns, for want of room: name fewer, or use --format csv)",
    ]
    assert "abcdefghijklmnopqrst" in render(query, home)  # into a file or a pipe


def test_all_rows_are_shown_those_after_the_measured_ones_too() -> None:
    out = io.StringIO()
    write_table(["n", "text"], ((i, "wider" if i > MEASURED else "x") for i in range(MEASURED + 100)), out)
    lines = out.getvalue().splitlines()
    assert len(lines) == MEASURED + 103
    assert lines[-2:] == ["1099  wider", f"({MEASURED + 100:,} rows)"]


@pytest.mark.parametrize("write", [write_table, write_csv, write_json])
def test_rows_are_written_as_they_come(write: Callable[..., None]) -> None:
    """However many there are: a result that never ends is written to until its reader has enough."""
    lines = 5_000

    class Reader(io.StringIO):
        def write(self, text: str) -> int:
            if self.getvalue().count("\n", -50) and len(self.getvalue()) > 10 * lines:
                raise BrokenPipeError
            return super().write(text)

    with pytest.raises(BrokenPipeError):
        write(["n"], ((i,) for i in itertools.count()), Reader())


def test_the_views_are_listed_with_their_grains(home: Path) -> None:
    out = io.StringIO()
    print_views(home, out)
    said = dict(line.split(maxsplit=1) for line in out.getvalue().splitlines())
    assert said["outcomes"].startswith("one row per (sample_key): ")
    assert said["samples"].startswith("one row per (key): ")


RIGHT = 'right is a word of SQL: the column of that name is written "right", in double quotes'


@pytest.mark.parametrize(
    ("sql", "message"),
    [
        ("select outcom from verdicts", "there is no column 'outcom' here; did you mean 'outcome'?"),
        ("select SampleKey from verdicts", "there is no column 'SampleKey' here; did you mean 'sample_key'?"),
        ("select s.txt from samples as s", "there is no column 'txt' in 's'; did you mean 'text'?"),
        (
            "select s.tekst from problems p join samples s on p.key = s.problem_key",
            "there is no column 'tekst' in 's'; did you mean 'text'?",
        ),
        (
            "select samples.tekst from samples",
            "there is no column 'tekst' in 'samples'; did you mean 'text'?",
        ),
        (
            "with c as (select family as fam from problems) select famly from c",
            "there is no column 'famly' here; did you mean 'fam'?",
        ),
        (
            "with c as (select family as fam from problems) select c.famly from c",
            "there is no column 'famly' in 'c'; did you mean 'fam'?",
        ),
        ("select question from outcomes", "there is no column 'question' here; problems has it"),
        (
            "select family from samples",
            "there is no column 'family' here; assignments, broken_reasoning, curriculum, evaluations and 8 more"
            " have it",
        ),
        (
            "select zzz from spend",
            "there is no column 'zzz' here; spend has round, stage, tokens, seconds",
        ),
        (
            'select * from spend where stage = "guess"',
            "a text, unlike a name, stands in single quotes: 'guess'",
        ),
        ("select 1 from spend join training using (roun)", "no column 'roun' here; did you mean 'round'?"),
        ("from pass_rate", "there is no view 'pass_rate'; did you mean 'pass_rates'?"),
        ('from main."Problem"', "there is no view 'Problem'; did you mean 'problems'?"),
        ("with good as (select 1) from god", "there is no view 'god'; did you mean 'good'?"),
        ("from zzz", "there is no view 'zzz'; without a query, edgework sql lists those there are"),
        ("select lenth('x')", 'Scalar Function with name lenth does not exist! Did you mean "length"?'),
        (
            "select sum(stage) from spend",
            "No function matches the given name and argument types 'sum(VARCHAR)'.",
        ),
        ("selec 1", 'syntax error at or near "selec"'),
        ("select right from standings", RIGHT),
        ("select level, sum(Right) from standings where stage = 'x' group by level", RIGHT),
        ("select level from standings order by right", RIGHT),
        ("select cast(stage as integer) from spend", "Could not convert string"),
    ],
)
def test_a_wrong_name_suggests_the_right_one(home: Path, sql: str, message: str) -> None:
    with pytest.raises(QueryRefused) as refused:
        render(sql, home)
    assert message in str(refused.value)
    assert "\n" not in str(refused.value)


def test_each_column_of_each_view_is_found_behind_a_slip(home: Path) -> None:
    """Its last letter doubled, bare and behind an alias."""
    with open_reader(home) as con:
        columns = con.execute(
            "select table_name, column_name from duckdb_columns() where database_name = 'warehouse'"
            " and schema_name = 'main' and length(column_name) > 3"
        ).fetchall()
        for view, column in columns:
            slip = column + column[-1]
            for sql in (f"select {slip} from {view}", f"select v.{slip} from {view} as v"):
                with pytest.raises(duckdb.BinderException) as refused:
                    con.execute(sql)
                assert f"did you mean {column!r}?" in in_words(con, sql, str(refused.value))


@pytest.mark.parametrize(
    "sql",
    [
        "insert into spend values (1, 's', 1, 1)",
        "create table mine as from spend",
        "drop view spend",
        "copy spend to 'spend.csv'",
        "explain analyze copy spend to 'spend.csv'",
        "explain copy spend to 'spend.csv'",
        "explain (analyze) copy spend to 'spend.csv'",
        "explain /* select */ analyze copy spend to 'spend.csv'",
        "explain analyze/**/copy spend to 'spend.csv'",
        "explain analyze create table mine as from spend",
        "explain select 1; drop view spend",
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


@pytest.mark.parametrize(
    "sql",
    [
        "select round from spend s right join training using (round) wher true",
        "select right('ab', 1) fro spend",
        "select 'right' fro spend",
        'select "right" fro standings',
        "select s.right fro standings s -- right",
    ],
)
def test_a_word_of_sql_in_its_own_place_is_not_taken_for_a_column(home: Path, sql: str) -> None:
    with pytest.raises(QueryRefused, match="syntax error") as refused:
        render(sql, home)
    assert "double quotes" not in str(refused.value)


@pytest.mark.parametrize(
    "how",
    ["explain", "EXPLAIN ANALYZE", "-- a plan\nexplain (format text)", "explain (analyze, format text)"],
)
def test_how_a_query_is_carried_out_can_be_asked(home: Path, how: str) -> None:
    said = render(f"{how} select stage from spend where round = 1", home)
    assert "╭─" in said
    assert len(said.splitlines()) > 5
    assert json.loads(render(f"{how} from spend", home, "json"))[0].keys() == {"explain_key", "explain_value"}


def test_a_query_reads_this_home_alone(home: Path, tmp_path: Path) -> None:
    (tmp_path / "secret.txt").write_text("secret")
    for sql in (f"from read_text('{tmp_path}/secret.txt')", "from 'http://127.0.0.1:9/x.parquet'"):
        with pytest.raises(QueryRefused, match="Cannot access file"):
            render(sql, home)
