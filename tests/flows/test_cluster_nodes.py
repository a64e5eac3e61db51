"""A round spread over two machines: the same rows as on one, also when one of them dies in the middle."""

import re
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from benchmarks.kills import runs
from benchmarks.kills.pictures import differences, picture, strays
from tests.flows.two_machines import ADDRESS, HEAD, OTHER, PORT, Machines, two_machines, why_not
from warehouse.query import open_reader

pytest.importorskip("ray", reason="Ray is not installed: make engines")
if reason := why_not():
    pytest.skip(reason, allow_module_level=True)

PATIENCE_S = 120
SHARDS = 5  # of the practice
CONFIG = """
seed = 1
rounds = 1
[policy]
engines = 2
[curriculum]
families = { long_addition = [1, 6], gcd = [1, 6], sort_string = [1, 6] }
problems = 320
draws = 5
[training]
steps = 4
tokens_per_batch = 1024
[evaluation]
problems_per_cell = 4
"""


@pytest.fixture(scope="module")
def config(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("config") / "round.toml"
    file.write_text(CONFIG)
    return file


@pytest.fixture(scope="module")
def starting() -> Iterator[Machines]:
    with two_machines() as machines:
        for name in (HEAD, OTHER):
            machines.start_node(name)
        yield machines


@pytest.fixture(scope="module")
def one_machine(starting: Machines, config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which two engines on this machine have played the round, while the others start."""
    folder = tmp_path_factory.mktemp("one")
    process = runs.start(["run", "--config", str(config), "--home", str(folder / "home")], folder / "log", {})
    runs.finish(process, folder / "log", PATIENCE_S)
    return folder / "home"


@pytest.fixture(scope="module")
def machines(starting: Machines, one_machine: Path) -> Machines:
    """Two machines of one cluster, when the other run has left the cores to them."""
    for name in (HEAD, OTHER):
        starting.await_node(name)
    return starting


def play(machines: Machines, config: Path, folder: Path) -> "subprocess.Popen[bytes]":
    """Start a run on the first machine, in a home that both see."""
    command = [*runs.PROGRAM, "run", "--config", str(config), "--home", str(folder / "home")]
    return machines.start(HEAD, command, folder / "log", RAY_ADDRESS=f"{ADDRESS[HEAD]}:{PORT}")


def hosts(home: Path) -> list[str]:
    """Who drew the shards of the practice, in the order of their commits."""
    if not (home / "warehouse.duckdb").exists():
        return []
    with open_reader(home) as con:
        rows = con.execute("select host from timeline where stage = 'sample' order by started_at").fetchall()
    return [host for (host,) in rows]


def check_same_rows(home: Path, one_machine: Path) -> None:
    assert differences(picture(home), picture(one_machine)) == []
    with open_reader(home) as con:
        [(count, keys)] = con.execute("select count(*), count(distinct key) from samples").fetchall()
    assert count == keys > 320 * 5


def until(condition: Callable[[], bool], process: "subprocess.Popen[bytes]", log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, log.read_text()
        time.sleep(0.02)


def test_a_round_on_two_machines_is_the_round_of_one(
    machines: Machines, config: Path, one_machine: Path, tmp_path: Path
) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    runs.finish(play(machines, config, tmp_path), log, PATIENCE_S)
    assert set(hosts(home)) == {HEAD, OTHER}
    check_same_rows(home, one_machine)
    assert strays(home) == []


def test_a_machine_dies_in_the_middle(
    machines: Machines, config: Path, one_machine: Path, tmp_path: Path
) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    process = play(machines, config, tmp_path)
    until(lambda: OTHER in hosts(home), process, log)
    machines.kill(OTHER)
    assert len(hosts(home)) < SHARDS, "it was killed too late"
    runs.finish(process, log, PATIENCE_S)
    assert re.search(
        f"an engine on {OTHER} was lost, and its shards under way, [12], are drawn elsewhere", log.read_text()
    )
    check_same_rows(home, one_machine)
