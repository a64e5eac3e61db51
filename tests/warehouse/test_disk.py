"""A disk that is full, read-only or limited: told in words, nothing half-done, and gone on with when there is room.

The small disk is a real one, a tmpfs that bubblewrap mounts for one process; a ballast file fills it, and
removing that is how it gets room. The limit on a file's size stands in for a quota: the system refuses the
write in the same way, with EFBIG for EDQUOT.
"""

import json
import shutil
import subprocess
import sys
import textwrap
from functools import cache
from pathlib import Path

import pytest

from warehouse.query import open_reader
from warehouse.store import Warehouse

REPOSITORY = Path(__file__).parents[2]
ROWS = 2_000
PARTS = """
    import json, os, resource, sys
    from pathlib import Path
    from warehouse.errors import HomeNotWritable
    from warehouse.query import open_reader
    from warehouse.store import Warehouse

    def unit(number, rows):
        keys = [f"{number}-{i}-{os.urandom(16).hex()}" for i in range(rows)]
        verdict = {"judge": "integer/1", "outcome": "right", "reason": "equal", "extracted": "7", "found_in": ""}
        return {"verdicts": [verdict | {"sample_key": key} for key in keys], "spend": [
            {"round": number, "stage": "sample", "tokens": 1, "seconds": 0.5}]}

    def seen(home):
        with open_reader(home) as con:
            return con.execute("select (select count(*) from verdicts), (select count(*) from spend)").fetchone()

    def fill(ballast, spare=0):
        # all of the disk, but for so many pages
        with ballast.open("wb", buffering=0) as file:
            try:
                while file.write(bytes(4096)) == 4096:
                    pass
            except OSError:
                pass
        os.truncate(ballast, max(0, ballast.stat().st_size - 4096 * spare))

    def files(home):
        return sorted(str(p.relative_to(home)) for p in home.rglob("*") if p.is_file())
"""


@cache
def why_not() -> str:
    """Why no small disk can be had here; nothing where it can."""
    if shutil.which("bwrap") is None:
        return "bubblewrap mounts the small disk, and it is not installed"
    tried = subprocess.run(
        ["bwrap", "--dev-bind", "/", "/", "--size", "4096", "--tmpfs", "/tmp", "true"], capture_output=True
    )
    return f"bubblewrap mounts no disk here: {tried.stderr.decode()}" if tried.returncode else ""


def mounted(*mounts: str, program: list[str]) -> subprocess.CompletedProcess[str]:
    if why_not():
        pytest.skip(why_not())
    command = ["bwrap", "--dev-bind", "/", "/", *mounts, "--", *program]
    return subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)


def python(script: str, *arguments: Path | str) -> list[str]:
    return [sys.executable, "-c", textwrap.dedent(PARTS) + textwrap.dedent(script), *map(str, arguments)]


def on_a_small_disk(disk: Path, size: int, script: str) -> dict[str, object]:
    """Run it with the disk's folder as its argument; what it prints last is JSON."""
    disk.mkdir()
    ran = mounted("--size", str(size), "--tmpfs", str(disk), program=python(script, disk))
    assert ran.returncode == 0, ran.stderr
    found: dict[str, object] = json.loads(ran.stdout.splitlines()[-1])
    return found


FULL = """
    disk = Path(sys.argv[1])
    home, ballast = disk / "home", disk / "ballast"
    told, consistent = [], True
    store = Warehouse(home)
    reader = open_reader(home)
    store.commit("r1/000", unit(0, {rows}))
    for spare in (0, 3, 20, 45, 90, 140, 200, 300):  # pages left: the disk fills up in another step each time
        fill(ballast, spare)
        before, name = seen(home), f"r1/{{len(told) + 1:03}}"
        try:
            store.commit(name, unit(len(told) + 1, {rows}))
            told.append("committed")
        except HomeNotWritable as error:
            told.append(str(error))
            consistent &= seen(home) == before and not store.has(name)
            consistent &= reader.execute("select count(*) from verdicts").fetchone() == (0,)
            ballast.unlink()
            store.commit(name, unit(len(told), {rows}))  # the same call, once there is room
        consistent &= seen(home) == (before[0] + {rows}, before[1] + 1)
        ballast.unlink(missing_ok=True)
    with open_reader(home) as con:
        known = con.execute("select path from shards union all select path from superseded").fetchall()
    listed = {{path for (path,) in known}}
    store.close()
    Warehouse(home).close()
    stray = [path for path in files(home) if path not in listed and "/" in path or path.endswith(".tmp")]
    print(json.dumps({{"told": told, "consistent": consistent, "stray": stray}}))
"""


def test_a_full_disk_is_told_and_the_same_commit_lands_once_there_is_room(tmp_path: Path) -> None:
    found = on_a_small_disk(tmp_path / "disk", 8 * 2**20, FULL.format(rows=ROWS))
    told = found["told"]
    assert isinstance(told, list)
    refused = [words for words in told if words != "committed"]
    assert len(refused) >= 3, told  # among them a shard, a catalog, or neither, without room
    assert all(f"{tmp_path / 'disk/home'} takes no more: the disk is full" in words for words in refused)
    assert found["consistent"]
    assert found["stray"] == []


OPENED = """
    disk = Path(sys.argv[1])
    home, ballast = disk / "home", disk / "ballast"
    with Warehouse(home) as store:
        store.commit("r1/000", unit(0, 100))
    before = seen(home)
    fill(ballast)
    told = ""
    try:
        Warehouse(home)
    except HomeNotWritable as error:
        told = str(error)
    read = seen(home) == before
    ballast.unlink()
    with Warehouse(home) as store:
        store.commit("r1/001", unit(1, 100))
    print(json.dumps({"told": told, "read": read, "after": seen(home)}))
"""


def test_a_home_on_a_full_disk_is_read_but_not_opened_for_writing(tmp_path: Path) -> None:
    found = on_a_small_disk(tmp_path / "disk", 8 * 2**20, OPENED)
    assert "the disk is full" in str(found["told"])
    assert found["read"]
    assert found["after"] == [200, 2]


LIMITED = """
    home, limit = Path(sys.argv[1]), int(sys.argv[2])
    store = Warehouse(home)
    store.commit("r1/000", unit(0, 10))
    before = seen(home)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit, resource.RLIM_INFINITY))
    told = ""
    try:
        store.commit("r1/001", unit(1, 20_000))
    except HomeNotWritable as error:
        told = str(error)
    read = seen(home) == before
    resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
    store.commit("r1/001", unit(1, 20_000))
    print(json.dumps({"told": told, "read": read, "after": seen(home)}))
"""


@pytest.mark.parametrize("limit", [100_000, 300_000])  # a shard is too large, a catalog is
def test_a_limit_on_the_size_of_files_is_told(tmp_path: Path, limit: int) -> None:
    program = python(LIMITED, tmp_path / "home", str(limit))
    ran = subprocess.run(program, cwd=REPOSITORY, capture_output=True, text=True, timeout=120)
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert "the limit on the size of a file is reached" in found["told"]
    assert found["read"]
    assert found["after"] == [20_010, 2]


def test_a_read_only_home_is_read_and_refuses_to_be_written(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Warehouse(home) as store:
        store.commit("r1/000", {"spend": [{"round": 1, "stage": "sample", "tokens": 1, "seconds": 0.5}]})
    script = """
        home = Path(sys.argv[1])
        told = ""
        try:
            Warehouse(home)
        except HomeNotWritable as error:
            told = str(error)
        print(json.dumps({"told": told, "seen": seen(home)}))
    """
    before = {path: path.stat().st_mtime_ns for path in home.rglob("*")}
    ran = mounted("--ro-bind", str(home), str(home), program=python(script, home))
    assert ran.returncode == 0, ran.stderr
    found = json.loads(ran.stdout)
    assert f"{home} takes no more: it is on a file system mounted read-only" in found["told"]
    assert found["seen"] == [0, 1]
    assert {path: path.stat().st_mtime_ns for path in home.rglob("*")} == before
    Warehouse(home).close()


def test_a_home_that_cannot_be_made_is_told_in_the_same_words(tmp_path: Path) -> None:
    above = tmp_path / "above"
    above.mkdir()
    ran = mounted(
        "--ro-bind", str(above), str(above), program=python("Warehouse(sys.argv[1])", above / "home")
    )
    assert ran.returncode == 1
    assert "HomeNotWritable" in ran.stderr
    assert "mounted read-only" in ran.stderr


def test_the_command_exits_with_1_and_one_line(tmp_path: Path) -> None:
    home = tmp_path / "home"
    Warehouse(home).close()
    file = tmp_path / "problems.jsonl"
    file.write_text('{"question": "What is 1 + 1?", "answer": "2", "check": "integer"}\n')
    edgework = [sys.executable, "-c", "from flows.cli import main; main()"]
    ran = mounted(
        "--ro-bind",
        str(home),
        str(home),
        program=[*edgework, "import", str(file), "--name", "mine", "--home", str(home)],
    )
    assert ran.returncode == 1, ran.stderr
    assert ran.stderr.startswith("edgework: a run writes to its home, and ")
    assert len(ran.stderr.splitlines()) == 1
    with open_reader(home) as con:
        assert con.execute("select count(*) from problems").fetchone() == (0,)
