"""Backups that are taken while a run writes: every one of them is a home that opens whole."""

import io
import os
import re
import shutil
import signal
import subprocess
import sys
import tarfile
import textwrap
import time
from collections.abc import Iterator
from contextlib import redirect_stderr, redirect_stdout
from datetime import timedelta
from importlib.machinery import SourceFileLoader
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from warehouse.housekeeping import remove
from warehouse.store import Warehouse

BACKUP = Path(__file__).parents[2] / "examples/production/backup"
backup = SourceFileLoader("backup", str(BACKUP)).load_module()

# Commits units of two kinds, which are merged by the dozen meanwhile, and now and then a checkpoint; from the start.
WRITER = """
    import sys, time
    from warehouse.store import Warehouse

    with Warehouse(sys.argv[1]) as store:
        for i in range(100_000):
            tables = {"spend": [{"round": i, "stage": "sample", "tokens": i, "seconds": 0.5}]}
            if i % 10 == 9:
                name = f"policies/round-{i:04}"
                (store.home / name).mkdir(parents=True)
                (store.home / name / "model.safetensors").write_bytes(b"weights of %d" % i)
                tables["policies"] = [
                    {"policy": f"p{i}", "round": i, "path": name, "parent": None, "digest": "d"}
                ]
            store.commit(f"r0001/{i:06d}", tables)
            time.sleep(0.01)
            if i == 40:
                print("writing", flush=True)
"""


def command(to: Path, *more: str | Path) -> list[str]:
    return [sys.executable, *map(str, (BACKUP, "--to", to, *more))]


def back_up(to: Path, *more: str | Path) -> "subprocess.CompletedProcess[str]":
    """The command within this process, which has loaded DuckDB already."""
    words = command(to, *more)[2:]
    with redirect_stdout(io.StringIO()) as out, redirect_stderr(io.StringIO()) as said:
        status = backup.main(words)
    return subprocess.CompletedProcess(words, status, out.getvalue(), said.getvalue())


def backups(of: Path) -> list[Path]:
    return sorted(of.iterdir())


def opened(backup: Path, place: Path) -> int:
    """How many units of work a home restored from the backup has; it is whole, and they are the first ones."""
    shutil.copytree(backup, place)
    with Warehouse(place) as store:
        assert store.repairs == []
        units = [row["name"] for row in store.query("select distinct name from ledger order by name")]
        assert units == [f"r0001/{i:06d}" for i in range(len(units))]
        assert [row["tokens"] for row in store.query("from spend order by round")] == list(range(len(units)))
        for row in store.query("from policies"):
            weights = (place / row["path"] / "model.safetensors").read_bytes()
            assert weights == b"weights of %d" % row["round"]
        assert not list(place.glob("**/*.tmp*")) + list(place.glob("damaged/*"))
    return len(units)


@pytest.fixture
def home(small: Path, tmp_path: Path) -> Path:
    folder = tmp_path / "homes/mine"
    shutil.copytree(small, folder)
    return folder


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Forty units of work, a shard that most of them were merged into, and a checkpoint."""
    folder = tmp_path_factory.mktemp("homes") / "mine"
    with Warehouse(folder) as store:
        for i in range(40):
            store.commit(
                f"r0001/{i:06d}", {"spend": [{"round": i, "stage": "sample", "tokens": i, "seconds": 0.5}]}
            )
        checkpoint = folder / "policies/round-0001"
        checkpoint.mkdir(parents=True)
        (checkpoint / "model.safetensors").write_bytes(b"weights of 1")
        row = {"policy": "p", "round": 1, "path": "policies/round-0001", "parent": None, "digest": "d"}
        store.commit("r0001/finetune", {"policies": [row]})
    (folder / "config.toml").write_text("rounds = 3\n")
    return folder


def shards(home: Path) -> list[Path]:
    with Warehouse(home) as store:
        return [home / row["path"] for row in store.query("select path from shards")]


def test_backups_while_a_run_writes_and_merges_are_homes_that_open(tmp_path: Path) -> None:
    home, to = tmp_path / "homes/mine", tmp_path / "backups"
    writer = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(WRITER), str(home)], stdout=subprocess.PIPE, text=True
    )
    try:
        assert writer.stdout is not None
        assert writer.stdout.readline() == "writing\n"
        for _ in range(4):
            done = subprocess.run(command(to, tmp_path / "homes"), capture_output=True, text=True, timeout=60)
            assert (done.returncode, done.stderr) == (0, "")
        assert writer.poll() is None
    finally:
        writer.kill()
        writer.communicate()
    units = [opened(made, tmp_path / f"restored{i}") for i, made in enumerate(backups(to / "homes/mine"))]
    assert len(units) == 4
    assert units == sorted(set(units))
    assert units[0] >= 40
    assert opened(home, tmp_path / "itself") >= units[-1]
    assert any("merged~" in file.name for file in backups(to / "homes/mine")[0].glob("shards/*/*"))


def test_a_second_backup_takes_the_room_of_what_is_new(home: Path, tmp_path: Path) -> None:
    for _ in range(2):
        assert back_up(tmp_path / "to", home).returncode == 0
    first, second = backups(tmp_path / "to/homes/mine")
    assert (second / "config.toml").read_text() == "rounds = 3\n"
    immutable = [file for file in first.rglob("*") if file.suffix in (".parquet", ".safetensors")]
    assert len(immutable) > 2
    assert all(file.samefile(second / file.relative_to(first)) for file in immutable)
    assert not (first / "warehouse.duckdb").samefile(second / "warehouse.duckdb")


def test_a_unit_of_work_that_was_done_again_is_not_taken_from_the_backup_before(
    home: Path, tmp_path: Path
) -> None:
    assert back_up(tmp_path / "to", home).returncode == 0
    shard = next(path for path in shards(home) if path.parent.name == "policies")
    shard.write_bytes(b"damaged")
    with Warehouse(home) as store:
        assert [repair.name for repair in store.repairs] == ["r0001/finetune"]
        row = {"policy": "q", "round": 1, "path": "policies/round-0001", "parent": None, "digest": "e"}
        store.commit("r0001/finetune", {"policies": [row]})
    assert back_up(tmp_path / "to", home).returncode == 0
    shutil.copytree(backups(tmp_path / "to/homes/mine")[1], tmp_path / "restored")
    with Warehouse(tmp_path / "restored") as store:
        assert store.repairs == []
        assert [row["policy"] for row in store.query("from policies")] == ["q"]


@pytest.mark.parametrize("damage", ["missing", "altered"])
def test_a_damaged_home_gets_no_backup_and_the_others_do(home: Path, tmp_path: Path, damage: str) -> None:
    other = home.with_name("other")
    shutil.copytree(home, other)
    assert back_up(tmp_path / "to", home.parent).returncode == 0
    shard = shards(home)[-1]
    if damage == "missing":
        shard.unlink()
    else:
        pq.write_table(pa.table({"x": [1]}), shard)
    shutil.rmtree(tmp_path / "to/homes/mine")
    done = back_up(tmp_path / "to", "--days", "0", home.parent)
    assert done.returncode == 1
    assert f"not backed up: {home}: {shard.relative_to(home)} is" in done.stderr
    assert [path.suffix for path in backups(tmp_path / "to/homes/mine")] == [".unfinished"]
    assert len(backups(tmp_path / "to/homes/other")) == 1  # the new one


def test_old_backups_go_and_the_newest_stays(home: Path, tmp_path: Path) -> None:
    to = tmp_path / "to/homes/mine"
    assert back_up(tmp_path / "to", home).returncode == 0
    backups(to)[0].rename(to / "2020-01-01T000000Z")
    (to / "2026-01-01T000000Z.unfinished").mkdir()  # of a kill
    (to / "notes").mkdir()  # somebody's own
    assert back_up(tmp_path / "to", home).returncode == 0
    assert [path.name for path in backups(to)][1:] == ["notes"]
    assert opened_after_all(backups(to)[0], tmp_path / "restored") == 41
    backups(to)[0].rename(to / "2020-01-01T000000Z")
    (home / "warehouse.duckdb").write_bytes(b"torn")
    assert back_up(tmp_path / "to", home).returncode == 1
    assert (to / "2020-01-01T000000Z").is_dir()


def opened_after_all(backup: Path, place: Path) -> int:
    shutil.copytree(backup, place)
    with Warehouse(place) as store:
        assert store.repairs == []
        return len(store.query("select distinct name from ledger"))


def test_a_kill_in_the_middle_leaves_no_backup_that_is_not_one(home: Path, tmp_path: Path) -> None:
    to = tmp_path / "to"
    for delay in (0.3, 0.5, 0.7):
        killed = subprocess.Popen(command(to, home), stdout=subprocess.DEVNULL)
        time.sleep(delay)
        killed.send_signal(signal.SIGKILL)
        killed.wait()
    assert back_up(to, home).returncode == 0
    for i, made in enumerate(backups(to / "homes/mine")):
        assert opened_after_all(made, tmp_path / f"restored{i}") == 41


def test_what_gc_removes_is_not_missed(home: Path, tmp_path: Path) -> None:
    with Warehouse(home) as store:
        refused = {"policy": "r", "round": 2, "path": "policies/round-0002", "parent": "p", "digest": "f"}
        decision = {"round": 2, "incumbent": "p", "candidate": "r", "promoted": False, "reason": "worse"}
        store.commit("r0002/finetune", {"policies": [refused]})
        store.commit("r0002/promote", {"promotions": [decision | {"p_value": 0.5, "gained": 1, "lost": 1}]})
        assert remove(store, timedelta(0))
    assert back_up(tmp_path / "to", home).returncode == 0
    assert opened_after_all(backups(tmp_path / "to/homes/mine")[0], tmp_path / "restored") == 43


def test_a_backup_that_lost_a_shard_to_gc_starts_over_from_the_newer_catalog(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    copy, tries = shutil.copyfile, []

    def copy_and_merge(source: Path, target: Path, **options: bool) -> None:
        copy(source, target, **options)
        if Path(target).name != "warehouse.duckdb":
            return
        tries.append(target)
        if len(tries) > 1:
            return
        with Warehouse(home) as store:
            for i in range(40, 72):
                spend = {"round": i, "stage": "sample", "tokens": i, "seconds": 0.5}
                store.commit(f"r0001/{i:06d}", {"spend": [spend]})
            while store.query("select count(*) as n from superseded") != [{"n": 64}]:
                time.sleep(0.05)
            remove(store, timedelta(0))

    monkeypatch.setattr(backup.shutil, "copyfile", copy_and_merge)
    made = backup.back_up_home(home, tmp_path / "to/mine")
    monkeypatch.undo()
    assert len(tries) == 2
    assert opened_after_all(made, tmp_path / "restored") == 73


@pytest.mark.parametrize("name", ["version-1", "version-2", "version-3"])
def test_a_home_of_an_earlier_version_is_backed_up_as_it_is(name: str, tmp_path: Path) -> None:
    with tarfile.open(Path(__file__).parents[1] / f"warehouse/homes/{name}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    for folder in ("p", "policies/round-0001"):  # checkpoints that its rows name
        (tmp_path / name / folder).mkdir(parents=True, exist_ok=True)
        (tmp_path / name / folder / "model.safetensors").write_bytes(b"weights")
    done = back_up(tmp_path / "to", tmp_path / name)
    assert (done.returncode, done.stderr) == (0, "")
    made = backups(tmp_path / f"to/homes/{name}")[0]
    assert (made / "warehouse.duckdb").read_bytes() == (tmp_path / name / "warehouse.duckdb").read_bytes()
    assert opened_after_all(made, tmp_path / "restored") > 0


def test_a_folder_without_homes_is_told(tmp_path: Path) -> None:
    done = back_up(tmp_path / "to", tmp_path)
    assert (done.returncode, done.stderr) == (1, f"not backed up: {tmp_path}: there is no home\n")


BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))


@pytest.fixture
def postgres() -> Iterator[Path]:
    """The folder of the socket of a server with nothing in it, run by a user that is not root, which refuses that."""
    if not BINARIES:
        pytest.skip("Postgres is not installed: /usr/lib/postgresql/*/bin/initdb")
    if os.geteuid() == 0 and not shutil.which("runuser"):
        pytest.skip("root cannot start Postgres, and runuser is not there")
    folder = Path(subprocess.check_output(["mktemp", "-d", "/tmp/edgework-pg-XXXXXX"], text=True).strip())
    as_user = ["runuser", "-u", "nobody", "--"] if os.geteuid() == 0 else []
    if as_user:
        shutil.chown(folder, "nobody")
    programs, data = BINARIES[-1].parent, folder / "data"
    server = f"-c listen_addresses='' -c fsync=off -k {folder}"
    try:
        for command in (
            [programs / "initdb", "-D", data, "--auth=trust", "--no-sync", "-U", "postgres"],
            [programs / "pg_ctl", "-D", data, "-o", server, "-l", folder / "log", "-w", "start"],
        ):
            subprocess.run([*as_user, *map(str, command)], check=True, cwd="/", stdout=subprocess.DEVNULL)
        yield folder
    finally:
        stop = [*as_user, str(programs / "pg_ctl"), "-D", str(data), "-m", "immediate", "-w", "stop"]
        subprocess.run(stop, cwd="/", stdout=subprocess.DEVNULL)
        shutil.rmtree(folder, ignore_errors=True)


def psql(socket: Path, database: str, *statements: str, user: str = "postgres") -> str:
    commands = [word for statement in statements for word in ("-c", statement)]
    program = [
        BINARIES[-1].with_name("psql"),
        "-X",
        "-q",
        "-t",
        "-A",
        "-h",
        socket,
        "-U",
        user,
        "-d",
        database,
    ]
    return subprocess.check_output([*map(str, program), *commands], text=True).strip()


def test_a_dump_of_the_database_is_restored(postgres: Path, tmp_path: Path) -> None:
    """With the roles of docs/production.md: the server's owns the database, the backup's may only read."""
    page = (BACKUP.parents[2] / "docs/production.md").read_text()
    roles = re.findall(r'-c "(create role .*?|create database .*?|grant .*?)"', page)
    assert len(roles) == 4
    psql(postgres, "postgres", *roles)
    rows = "insert into flow_run (name) select 'run ' || i from generate_series(1, 1000) i"
    table = "create table flow_run (id serial primary key, name text, start timestamptz default now())"
    psql(postgres, "prefect", table, rows, user="prefect")
    uri = f"postgresql:///prefect?host={postgres}&user=edgework"
    done = back_up(tmp_path / "to", "--database", uri)
    assert (done.returncode, done.stderr) == (0, "")
    psql(postgres, "prefect", "delete from flow_run where id > 10", user="prefect")
    (dump,) = backups(tmp_path / "to/database")
    restore = [
        *(BINARIES[-1].with_name("pg_restore"), "--clean", "--if-exists", "--no-owner"),
        *("-h", postgres, "-U", "prefect", "-d", "prefect", dump),
    ]
    subprocess.run(list(map(str, restore)), check=True)
    assert (
        psql(postgres, "prefect", "select count(*), max(name) from flow_run", user="prefect")
        == "1000|run 999"
    )
    psql(
        postgres, "prefect", "insert into flow_run (name) values ('next')", user="prefect"
    )  # the sequence, too


def test_a_database_that_cannot_be_reached_is_told_and_homes_are_backed_up(
    home: Path, tmp_path: Path
) -> None:
    if not shutil.which("pg_dump"):
        pytest.skip("pg_dump is not installed")
    done = back_up(tmp_path / "to", "--database", f"postgresql:///prefect?host={tmp_path}", home)
    assert done.returncode == 1
    assert done.stderr.startswith("not backed up: the database: pg_dump: error:")
    assert len(backups(tmp_path / "to/homes/mine")) == 1
