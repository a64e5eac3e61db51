"""Killed at one stage after another, in whole and in part, its files torn: the same command comes to the same home.

The long version, at random instants, is `python -m benchmarks.kills`.
"""

import json
import os
import signal
import subprocess
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

import pytest

from benchmarks.judging_killed import children
from benchmarks.kills import runs, strikes
from benchmarks.kills.pictures import differences, picture, strays
from benchmarks.kills.stories import Undisturbed, undisturbed
from warehouse.query import open_reader

PATIENCE_S = 240  # for what takes seconds on an idle machine
CONFIG = """
seed = 1
rounds = 1
[curriculum]
families = { gcd = [1, 3] }
problems = 16
draws = 4
[training]
steps = 4
tokens_per_batch = 1024
[evaluation]
problems_per_cell = 4
"""


@pytest.fixture(scope="module")
def command(tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    config = tmp_path_factory.mktemp("config") / "small.toml"
    config.write_text(CONFIG)
    return ["run", "--config", str(config)]


@pytest.fixture(scope="module")
def alone(command: list[str], tmp_path_factory: pytest.TempPathFactory) -> Undisturbed:
    return undisturbed(tmp_path_factory.mktemp("alone"), command, {})


def until(condition: Callable[[], bool], process: subprocess.Popen[bytes], log: Path) -> None:
    deadline = time.monotonic() + PATIENCE_S
    while not condition():
        assert process.poll() is None, log.read_text()
        assert time.monotonic() < deadline, "the instant to strike at never came"
        time.sleep(0.01)


def check_as_undisturbed(home: Path, alone: Undisturbed) -> None:
    assert differences(picture(home), alone.picture) == []
    assert strays(home) == []


def flip_a_byte_of_a_shard(home: Path) -> str:
    path = "shards/samples/r0000~evaluate~0000.parquet"
    strikes.flip_a_byte(home / path, Random(1))
    return path


def tear_the_catalog(home: Path) -> str:
    path = "warehouse.duckdb"
    strikes.zero_the_end(home / path, Random(1))
    return path


def test_killed_and_damaged_at_one_stage_after_another(
    command: list[str], alone: Undisturbed, tmp_path: Path
) -> None:
    home, log = tmp_path / "home", tmp_path / "log"
    committed = lambda unit: lambda: unit in runs.units(home)  # noqa: E731
    instants: list[tuple[Callable[[], bool], Callable[[Path], str] | None]] = [
        (lambda: bool(runs.descendants(process.pid)), None),  # its server has just begun
        (committed("r0001/generate"), flip_a_byte_of_a_shard),
        (lambda: any(home.glob("policies/round-0001*")), tear_the_catalog),
        (committed("r0001/promote"), None),
    ]
    started: list[int] = []
    damaged = None
    for instant, damage in instants:
        process = runs.start([*command, "--home", str(home)], log, {})
        until(instant, process, log)
        started += runs.descendants(process.pid)
        strikes.kill(process.pid)
        process.wait()
        assert damaged is None or f"damaged {damaged}: " in log.read_text()
        damaged = damage(home) if damage else None
    runs.finish(runs.start([*command, "--home", str(home)], log, {}), log, PATIENCE_S)
    check_as_undisturbed(home, alone)
    assert len(list((home / "damaged").iterdir())) == 2
    with open_reader(home) as con:
        assert con.execute("select distinct name from repairs order by 1").fetchall() == [
            ("",),
            ("r0000/evaluate/0000",),
        ]
    assert runs.still_there(started, within_s=30) == []


def test_ctrl_c_ends_all_that_a_run_has_started(
    command: list[str], alone: Undisturbed, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    program = f"import signal; signal.signal(signal.SIGINT, signal.default_int_handler); {runs.PROGRAM[-1]}"
    # Whoever started the tests may have them ignore Ctrl-C.
    monkeypatch.setattr(runs, "PROGRAM", [*runs.PROGRAM[:-1], program])
    home, log = tmp_path / "home", tmp_path / "log"
    process = runs.start([*command, "--home", str(home)], log, {})
    until(lambda: len(runs.descendants(process.pid)) > 1, process, log)  # Prefect's server, and judges
    started = runs.descendants(process.pid)
    os.killpg(process.pid, signal.SIGINT)
    assert process.wait(60) == 130
    assert log.read_text().rstrip().endswith("edgework: stopped; the same command carries on")
    assert runs.still_there(started, within_s=30) == []
    runs.finish(runs.start([*command, "--home", str(home)], log, {}), log, PATIENCE_S)
    check_as_undisturbed(home, alone)


def test_a_run_outlives_its_prefect_server(command: list[str], alone: Undisturbed, tmp_path: Path) -> None:
    home, log, server = tmp_path / "home", tmp_path / "log", "Prefect's server"
    process = runs.start([*command, "--home", str(home)], log, {})
    for unit in ("r0000/heldout", "r0001/generate"):
        until(lambda unit=unit: unit in runs.units(home), process, log)  # type: ignore[misc]
        until(lambda: strikes.kill_child(process.pid, Random(1), server) == server, process, log)
    runs.finish(process, log, PATIENCE_S)
    check_as_undisturbed(home, alone)


def test_an_import_outlives_a_judges_process(tmp_path: Path) -> None:
    """Integrals are for sympy, in processes of its own. One is killed; work that has killed two is not judged."""
    rows = [
        {
            "question": f"Integral {n}?",
            "check": "math",
            "answer": f"\\int_0^{n} x^2 dx",
            "samples": [f"\\boxed{{{n**3}/3}}", f"\\boxed{{{n**3 + 1}/3}}"],
        }
        for n in range(1, 25)
    ]
    file = tmp_path / "integrals.jsonl"
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    command = ["import", str(file), "--name", "integrals"]
    alone = undisturbed(tmp_path, command, {})
    home, log = tmp_path / "home", tmp_path / "log"
    process = runs.start([*command, "--home", str(home)], log, {})
    workers = lambda: [pid for child in children(process.pid) for pid in children(child)]  # noqa: E731
    until(lambda: bool(workers()), process, log)  # of the fork server
    strikes.kill(workers()[0])
    runs.finish(process, log, PATIENCE_S)
    check_as_undisturbed(home, alone)
    with open_reader(home) as con:
        outcomes = "select outcome, count(*) from verdicts where judge like 'math/%' group by 1 order by 1"
        assert con.execute(outcomes).fetchall() == [("right", 24), ("wrong", 24)]
