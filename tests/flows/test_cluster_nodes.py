"""A round spread over two machines: the same rows as on one, also when one of them dies or comes late."""

import json
import os
import subprocess
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from benchmarks.kills import runs
from benchmarks.kills.pictures import differences, picture
from tests.flows.two_machines import ADDRESS, HEAD, OTHER, PORT, Machines, two_machines, why_not
from warehouse.query import open_reader

pytest.importorskip("ray", reason="Ray is not installed: make engines")
if reason := why_not():
    pytest.skip(reason, allow_module_level=True)

PATIENCE_S = 120
CONFIG = """
seed = 1
rounds = 1
[policy]
engines = 2
[curriculum]
families = { long_addition = [1, 6], gcd = [1, 6], sort_string = [1, 6] }
problems = 320
draws = 2
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
def one_machine(config: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home in which two engines on this machine have played the round."""
    folder = tmp_path_factory.mktemp("one")
    process = runs.start(["run", "--config", str(config), "--home", str(folder / "home")], folder / "log", {})
    runs.finish(process, folder / "log", PATIENCE_S)
    return folder / "home"


@pytest.fixture
def machines() -> Iterator[Machines]:
    with two_machines() as machines:
        machines.start_node(HEAD)
        machines.await_node(HEAD)
        yield machines


def play(machines: Machines, config: Path, folder: Path) -> "subprocess.Popen[bytes]":
    """Start a run on the first machine, in a home that both see."""
    command = [*runs.PROGRAM, "run", "--config", str(config), "--home", str(folder / "home")]
    return machines.start(HEAD, command, folder / "log", RAY_ADDRESS=f"{ADDRESS[HEAD]}:{PORT}")


def hosts(home: Path) -> set[str]:
    """Who drew shards of the practice."""
    with open_reader(home) as con:
        return {
            host for (host,) in con.execute("select host from timeline where stage = 'sample'").fetchall()
        }


def check_same_rows(home: Path, one_machine: Path) -> None:
    assert differences(picture(home), picture(one_machine)) == []
    with open_reader(home) as con:
        [(count, keys)] = con.execute("select count(*), count(distinct key) from samples").fetchall()
    assert count == keys > 320 * 2


def test_a_round_on_two_machines_is_the_round_of_one(
    machines: Machines, config: Path, one_machine: Path, tmp_path: Path
) -> None:
    machines.start_node(OTHER)
    machines.await_node(OTHER)
    runs.finish(play(machines, config, tmp_path), tmp_path / "log", PATIENCE_S)
    assert hosts(tmp_path / "home") == {HEAD, OTHER}
    check_same_rows(tmp_path / "home", one_machine)
