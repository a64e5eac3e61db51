"""One writer at a time: who is refused is told by whom, and what a killed run left behind refuses nobody."""

import os
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from warehouse.errors import HomeInUse
from warehouse.query import open_reader
from warehouse.store import Warehouse

REPOSITORY = Path(__file__).parents[2]
HOLDER = f"host {socket.gethostname()}, process {os.getpid()}"


def edgework(*arguments: str) -> subprocess.CompletedProcess[str]:
    program = [sys.executable, "-c", "from flows.cli import main; main()"]
    return subprocess.run([*program, *arguments], cwd=REPOSITORY, capture_output=True, text=True, timeout=300)


@pytest.mark.parametrize(
    "left",
    ["host elsewhere, process 1\n", f"{HOLDER}\n", "", "\x00\xff" * 500],
    ids=["elsewhere", "a process of this number", "nothing", "noise"],  # two test processes name them alike
)
def test_a_lock_file_that_was_left_behind_refuses_nobody(tmp_path: Path, left: str) -> None:
    (tmp_path / "lock").write_text(left)
    with Warehouse(tmp_path):
        assert (tmp_path / "lock").read_text() == f"{HOLDER}\n"


def test_an_import_into_a_home_in_use_changes_nothing(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "problems.jsonl"
    file.write_text('{"question": "What is 1 + 1?", "answer": "2", "samples": ["A: 2"]}\n')
    arguments = ["import", str(file), "--name", "mine", "--home", str(home)]
    with Warehouse(home):
        before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
        refused = edgework(*arguments)
        assert refused.returncode == 2
        assert (
            refused.stderr == f"edgework: one run at a time writes to a home; {home} is in use by {HOLDER}\n"
        )
        assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before
        read = edgework("sql", "select count(*) as n from problems", "--home", str(home), "--format", "csv")
        assert (read.returncode, read.stdout) == (0, "n\n0\n")
    assert edgework(*arguments).returncode == 0
    with open_reader(home) as con:
        assert con.execute("select count(*) from samples").fetchone() == (1,)


def test_a_second_run_is_refused_before_it_touches_the_home(tmp_path: Path) -> None:
    with Warehouse(tmp_path):
        before = sorted(tmp_path.rglob("*"))
        refused = edgework(
            "run", "--config", str(REPOSITORY / "examples/quick.toml"), "--home", str(tmp_path)
        )
        assert refused.returncode == 2
        assert f"{tmp_path} is in use by {HOLDER}" in refused.stderr
        assert sorted(tmp_path.rglob("*")) == before


def test_the_home_is_free_as_soon_as_its_holder_is_killed(tmp_path: Path) -> None:
    script = (
        "import sys, time; from warehouse.store import Warehouse;"
        "store = Warehouse(sys.argv[1]); print(flush=True); time.sleep(99)"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path)], cwd=REPOSITORY, stdout=subprocess.PIPE, text=True
    )
    assert holder.stdout is not None
    holder.stdout.readline()
    with pytest.raises(HomeInUse, match=rf"in use by host {socket.gethostname()}, process {holder.pid}$"):
        Warehouse(tmp_path)
    holder.kill()
    holder.communicate()
    Warehouse(tmp_path).close()
