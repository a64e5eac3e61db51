"""A home in the DuckDB 1.5 command line, as people open it: no variable set, nothing of this program at hand."""

import shutil
import subprocess
import sys
from pathlib import Path
from types import TracebackType

import pytest

import warehouse.merging
from tests.warehouse.small_home import outcome, problem, sample, verdict
from warehouse.query import open_reader
from warehouse.store import Warehouse

SHELL = Path(sys.executable).with_name("duckdb")
VIEWS = "select view_name from duckdb_views() where not internal and schema_name = 'main' order by view_name"


@pytest.fixture(scope="module", autouse=True)
def _version_1_5() -> None:
    if not SHELL.exists():
        pytest.skip("the DuckDB command line comes with the extra `dev` (duckdb-cli), and is not installed")
    said = subprocess.run([SHELL, "--version"], capture_output=True, text=True).stdout
    assert said.startswith("v1.5."), f"this is to show what 1.5 reads, not {said}"


class Shell:
    """A session that stays open; `ask` gives the lines of CSV that a query prints."""

    def __init__(self, catalog: Path) -> None:
        self._process = subprocess.Popen(
            [SHELL, "-readonly", "-csv", "-noheader", catalog],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            bufsize=1,
        )

    def ask(self, query: str) -> list[str]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(f"{query};\nselect 'that was all';\n")
        self._process.stdin.flush()
        lines = []
        while (line := self._process.stdout.readline().rstrip("\n")) != "that was all":
            assert line or self._process.poll() is None, f"the shell is gone: {lines}"
            lines.append(line)
        return lines

    def __enter__(self) -> "Shell":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.communicate(".quit\n", timeout=30)


def once(catalog: Path, query: str) -> list[str]:
    """The lines of CSV, from a session of its own."""
    ran = subprocess.run(
        [SHELL, "-readonly", "-csv", "-noheader", catalog, query], capture_output=True, text=True, timeout=60
    )
    assert ran.returncode == 0, ran.stderr
    assert ran.stderr == ""
    return ran.stdout.splitlines()


def unit(number: int) -> dict[str, list[dict[str, object]]]:
    found = problem(f"p{number}", round=number + 1)
    drawn = [sample(f"p{number}s{i}", found["key"], draw=i, round=number + 1) for i in range(4)]
    said = ["right", "wrong", "right", "no_answer"]
    return {
        "problems": [found],
        "samples": drawn,
        "verdicts": [verdict(one["key"], what) for one, what in zip(drawn, said, strict=True)],
        "outcome_revisions": [outcome(one, "train", what) for one, what in zip(drawn, said, strict=True)],
    }


def fill(home: Path, numbers: range) -> None:
    with Warehouse(home) as store:
        for number in numbers:
            store.commit(f"r{number + 1:04}/sample/0000", unit(number))


def test_every_view_can_be_queried_and_says_what_the_program_sees(tmp_path: Path) -> None:
    fill(tmp_path, range(3))
    catalog = tmp_path / "warehouse.duckdb"
    with open_reader(tmp_path) as con:
        views = [name for (name,) in con.execute(VIEWS).fetchall()]
        counts = {name: con.execute(f"select count(*) from {name}").fetchall()[0][0] for name in views}
    assert len(views) > 15
    assert once(catalog, VIEWS) == views
    with Shell(catalog) as shell:
        for view in views:
            assert shell.ask(f"select count(*) from (select * from {view})") == [str(counts[view])], view
        assert shell.ask("select outcome, count(*) from outcomes group by 1 order by 1") == [
            "no_answer,3",
            "right,6",
            "wrong,3",
        ]


def test_an_open_shell_keeps_its_picture_across_commits_and_merges(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(warehouse.merging, "FANOUT", 4)
    fill(tmp_path, range(3))
    catalog = tmp_path / "warehouse.duckdb"
    picture = "select count(*), count(distinct problem_key), min(key), max(key) from samples"
    with Shell(catalog) as shell:
        before = shell.ask(picture)
        assert before == ["12,3,p0s0,p2s3"]
        with Warehouse(tmp_path) as store:
            for number in range(3, 12):
                store.commit(f"r{number + 1:04}/sample/0000", unit(number))
                assert shell.ask(picture) == before
            assert store._merging is not None
            store._merging.result(timeout=60)
            assert store.query("select count(*) > 0 as merged from superseded") == [{"merged": True}]
        assert shell.ask(picture) == before
        Warehouse(
            tmp_path
        ).close()  # a start clears away what no catalog lists, and this shell's shards are listed
        assert shell.ask(picture) == before
    assert once(catalog, picture) == ["48,12,p0s0,p9s3"]  # reopened, it sees the newest


def test_the_writer_goes_on_while_a_shell_is_in_the_middle_of_a_query(tmp_path: Path) -> None:
    fill(tmp_path, range(2))
    slow = "select count(*) from range(4_000_000_000) as r, samples where r.range % 7 = 3"
    shell = subprocess.Popen(
        [SHELL, "-readonly", tmp_path / "warehouse.duckdb", slow], stdout=subprocess.DEVNULL
    )
    try:
        fill(tmp_path, range(2, 4))
        assert shell.poll() is None
        assert once(tmp_path / "warehouse.duckdb", "select count(*) from samples") == ["16"]
    finally:
        shell.kill()
        shell.wait()


@pytest.mark.parametrize("folder", ["new place", "it's [1]"])
def test_a_copied_and_a_moved_home_can_be_read(tmp_path: Path, folder: str) -> None:
    old, new, copy = tmp_path / "old", tmp_path / folder, tmp_path / "copy"
    fill(old, range(2))
    query = "select count(*) from samples"
    shutil.copytree(old, copy)
    assert once(copy / "warehouse.duckdb", query) == ["8"]  # of the home that it was copied from
    old.rename(new)
    for home in (new, copy):
        place = str(home).replace("'", "''")
        with Shell(home / "warehouse.duckdb") as shell:
            shell.ask(f"set variable home = '{place}'")  # as docs/query.md says, until the next run there
            assert shell.ask(query) == ["8"]
        fill(home, range(2, 3))
        assert once(home / "warehouse.duckdb", query) == ["12"]
