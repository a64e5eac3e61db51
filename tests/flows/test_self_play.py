"""One whole real round on the shipped base: played, killed and continued, played again from the same seed."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from warehouse.query import open_reader

REPOSITORY = Path(__file__).parents[2]
QUICK = REPOSITORY / "examples" / "quick.toml"
ENVIRONMENT = os.environ | {"OMP_NUM_THREADS": "2", "OMP_WAIT_POLICY": "passive"}
KINDS = ["problems", "assignments", "samples", "verdicts", "selections", "policies", "promotions"]
WITHOUT_REFERENCES = """
import generators, sys
def refuse(problem):
    raise AssertionError("a reference solution was read after bootstrap")
for name, family in generators.FAMILIES.items():
    generators.FAMILIES[name] = family._replace(reference=refuse)
from flows.cli import main
main()
"""


def start(home: Path, *program: str) -> subprocess.Popen[str]:
    command = [*program, "run", "--config", str(QUICK), "--home", str(home)]
    return subprocess.Popen(
        command, env=ENVIRONMENT, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
    )


def play(home: Path) -> str:
    process = start(home, str(Path(sys.executable).with_name("edgework")))
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    return output


def rows(home: Path, kind: str) -> list[tuple[object, ...]]:
    with open_reader(home) as con:
        return con.execute(f"select * from {kind} order by all").fetchall()


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, str]:
    """A quick run in which any reading of a reference solution would have been fatal."""
    home = tmp_path_factory.mktemp("undisturbed") / "home"
    process = start(home, sys.executable, "-c", WITHOUT_REFERENCES)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    return home, output


def test_a_round_goes_from_problems_to_a_decision(undisturbed: tuple[Path, str]) -> None:
    home, output = undisturbed
    assert "round 1: decision" in output
    with open_reader(home) as con:
        one = lambda sql: con.execute(sql).fetchone()  # noqa: E731
        assert one("select count(*) from problems where round = 1 and split = 'train'") == (48,)
        assert one("select count(*) from samples where stage = 'sample'") == (48 * 4,)
        assert one("select count(*) from samples s anti join verdicts v on v.sample_key = s.key") == (0,)
        assert one("select count(*) from selections where round = 1") == (48 * 4,)
        assert one("select count(*) from training where round = 1") == (12,)
        assert one("select count(*) from promotions") == (1,)
        assert one("select count(distinct policy) from evaluations") == (2,)
        assert one("select count(*) from spend where seconds < 0") == (0,)
    assert (home / "report.html").read_text().startswith("<!doctype html>")
    assert (home / "config.toml").exists()


def test_held_out_problems_never_train(undisturbed: tuple[Path, str]) -> None:
    home, _ = undisturbed
    trained = (
        "select p.split, count(*) from selections c join samples s on s.key = c.sample_key "
        "join problems p on p.key = s.problem_key where c.admitted group by all"
    )
    with open_reader(home) as con:
        counts = dict(con.execute(trained).fetchall())
    assert counts.keys() == {"train"}
    assert counts["train"] > 0


def test_what_was_admitted_was_right_and_shown_in_right_steps(undisturbed: tuple[Path, str]) -> None:
    home, _ = undisturbed
    with open_reader(home) as con:
        outcomes = con.execute(
            "select distinct v.outcome from selections c join verdicts v on v.sample_key = c.sample_key "
            "where c.admitted and v.judge not like 'steps/%'"
        ).fetchall()
        broken = con.execute(
            "select count(*) from selections c join verdicts v on v.sample_key = c.sample_key "
            "where c.admitted and v.judge like 'steps/%' and v.outcome = 'wrong'"
        ).fetchone()
    assert outcomes == [("right",)]
    assert broken == (0,)


def test_the_same_command_again_adds_nothing(undisturbed: tuple[Path, str]) -> None:
    home, _ = undisturbed
    before = {kind: rows(home, kind) for kind in [*KINDS, "spend", "training"]}
    play(home)
    assert {kind: rows(home, kind) for kind in before} == before


def test_killed_and_continued_is_as_if_undisturbed(undisturbed: tuple[Path, str], tmp_path: Path) -> None:
    """Also: the same seed twice gives the same problems, assignments and admitted keys."""
    home = tmp_path / "home"
    process = start(home, str(Path(sys.executable).with_name("edgework")))
    shard = home / "shards" / "verdicts" / "r0001~sample~0000.parquet"
    deadline = time.monotonic() + 240
    while not shard.exists():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline, "no sample shard appeared"
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)  # the pipe closes only once the run's Prefect server is gone, too
    play(home)
    for kind in KINDS:
        assert rows(home, kind) == rows(undisturbed[0], kind), kind
