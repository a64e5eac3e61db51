"""An export replaces an earlier one whole, at any instant, and nothing that is not one."""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from tests.warehouse.small_home import problem
from warehouse.export import ExportRefused, export
from warehouse.export import folder as folders
from warehouse.export.folder import replacing
from warehouse.store import Warehouse

REPOSITORY = Path(__file__).parents[2]


def home_with(folder: Path, keys: str) -> Path:
    with Warehouse(folder) as store:
        store.commit("problems", {"problems": [problem(key) for key in keys]})
    return folder


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return home_with(tmp_path / "home", "ab")


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


@pytest.mark.parametrize("name", ["notes.txt", "README.md", "sft", "problems/train-00000-of-00001.parquet"])
def test_what_is_no_earlier_export_is_not_replaced(home: Path, tmp_path: Path, name: str) -> None:
    theirs = tmp_path / "theirs" / name
    theirs.parent.mkdir(parents=True)
    theirs.write_text("mine")
    with pytest.raises(ExportRefused, match="earlier export"):
        export(home, tmp_path / "theirs")
    assert contents(tmp_path / "theirs") == {name: b"mine"}
    assert {path.name for path in tmp_path.iterdir()} == {"home", "theirs"}


@pytest.mark.parametrize("name", ["notes.txt", "problems/notes.txt"])
def test_an_export_to_which_something_was_added_is_not_replaced(
    home: Path, tmp_path: Path, name: str
) -> None:
    export(home, tmp_path / "out")
    (tmp_path / "out" / name).write_text("mine")
    with pytest.raises(ExportRefused, match=rf"holds '{name}'"):
        export(home, tmp_path / "out")


def test_nor_is_one_to_which_something_is_added_meanwhile(tmp_path: Path) -> None:
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(ExportRefused, match="notes"), replacing(out):
        (out / "notes.txt").write_text("mine")
    assert contents(out) == {"notes.txt": b"mine"}


def test_a_file_is_not_replaced(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ExportRefused, match="is a file"):
        export(home, tmp_path / "file")


def test_an_export_of_the_first_layout_is_replaced(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    (out / "sft").mkdir(parents=True)
    (out / "sft" / "train.parquet").write_text("old")
    (out / "README.md").write_text(f"---\n---\n\n{folders.MARK}\n")
    export(home, out)
    assert not (out / "sft").exists()


def test_without_a_system_that_swaps_names_there_are_two_renames(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(home_with(tmp_path / "other", "xyz"), tmp_path / "expected")
    export(home, tmp_path / "out")
    monkeypatch.setattr(folders, "_swap", lambda one, other: False)
    export(tmp_path / "other", tmp_path / "out")
    assert contents(tmp_path / "out") == contents(tmp_path / "expected")
    assert {path.name for path in tmp_path.iterdir()} == {"home", "other", "out", "expected"}


def test_a_kill_between_those_two_is_put_right_by_the_next_export(tmp_path: Path) -> None:
    out, left = tmp_path / "out", tmp_path / ".out.unfinished-dead" / "replaced"
    left.mkdir(parents=True)
    (left / "README.md").write_text(folders.MARK)
    with pytest.raises(KeyError), replacing(out):
        raise KeyError  # the export does not get far, and still
    assert contents(out) == {"README.md": folders.MARK.encode()}
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


def test_an_export_under_way_is_left_alone_and_a_dead_one_is_cleared_away(tmp_path: Path) -> None:
    (tmp_path / ".out.unfinished-dead").mkdir()
    with replacing(tmp_path / "out") as first:
        (first.dataset / "README.md").write_text(folders.MARK)
        with replacing(tmp_path / "out") as second:
            assert first.dataset.exists()
            (second.dataset / "README.md").write_text(f"second {folders.MARK}")
    assert (tmp_path / "out" / "README.md").read_text() == folders.MARK  # the last to end
    assert {path.name for path in tmp_path.iterdir()} == {"out"}


OVER_AND_OVER = """
import sys
from pathlib import Path
from warehouse.export import export
one, two, out = map(Path, sys.argv[1:])
export(one, out)
print("begun", flush=True)
while True:
    export(two, out)
    export(one, out)
"""


def test_a_kill_at_any_instant_leaves_the_old_export_or_the_new_one(tmp_path: Path) -> None:
    one, two = home_with(tmp_path / "one", "ab"), home_with(tmp_path / "two", "abcdefgh")
    expected = []
    for home in (one, two):
        export(home, tmp_path / f"{home.name}.out")
        expected.append(contents(tmp_path / f"{home.name}.out"))
    out, chance = tmp_path / "out", random.Random(4)
    for _ in range(5):
        command = [sys.executable, "-c", OVER_AND_OVER, str(one), str(two), str(out)]
        with subprocess.Popen(command, cwd=REPOSITORY, stdout=subprocess.PIPE, text=True) as child:
            assert child.stdout is not None
            assert child.stdout.readline() == "begun\n"
            time.sleep(chance.uniform(0, 0.8))
            child.kill()
        assert contents(out) in expected
    export(one, out)
    assert contents(out) == expected[0]
    assert not list(tmp_path.glob(".out.*"))


# Kills itself at the n-th of the calls that change what is in the folder's place.
AT_THE_NTH_CALL = """
import os, signal, sys
from pathlib import Path
home, out, nth = Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3])
calls = 0
def hook(event, arguments):
    global calls
    if event in ("os.rename", "os.rmdir", "os.remove", "ctypes.dlopen"):
        calls += 1
        if calls == nth:
            os.kill(os.getpid(), signal.SIGKILL)
from warehouse.export import export
import warehouse.export.folder as folder
replace = folder._replace
def from_here_on(*arguments):
    sys.addaudithook(hook)
    replace(*arguments)
folder._replace = from_here_on
export(home, out)
"""


@pytest.mark.parametrize("nth", [1, 2, 3, 4])
def test_so_does_one_while_the_folder_is_replaced(tmp_path: Path, nth: int) -> None:
    one, two, out = home_with(tmp_path / "one", "ab"), home_with(tmp_path / "two", "abc"), tmp_path / "out"
    export(two, tmp_path / "expected")
    export(one, out)
    before, after = contents(out), contents(tmp_path / "expected")
    command = [sys.executable, "-c", AT_THE_NTH_CALL, str(two), str(out), str(nth)]
    done = subprocess.run(command, cwd=REPOSITORY, env=os.environ, check=False)
    assert done.returncode == -signal.SIGKILL
    assert contents(out) == (before if nth == 1 else after)


def test_a_path_may_have_characters_that_mean_something_elsewhere(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "it's [1] {2} *" / "o%20ut?"
    assert export(home, out)["problems"] == 2
    assert export(home, out)["problems"] == 2
