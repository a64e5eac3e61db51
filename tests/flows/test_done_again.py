"""One small real run whose candidate is refused: what was damaged comes back as it was, whatever happened since."""

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from rich.console import Console

from flows import config as configs
from flows.learning import admit
from flows.progress import Bars
from flows.run import Run
from tests.flows.test_kills import CONFIG
from warehouse.query import open_reader
from warehouse.store import Warehouse

DAMAGED_MEANWHILE = """
import sys
from pathlib import Path
import flows.self_play
from flows.learning import admit
def damaged(run, number):
    file = run.home / "shards/problems/r0000~heldout.parquet"
    file.write_bytes(file.read_bytes()[:100])
    return admit(run, number)
flows.self_play.admit = damaged
from flows.cli import main
main()
"""
EDGEWORK = Path(sys.executable).with_name("edgework")
LINEAGE = "from lineage order by all"
SELECTIONS = "select sample_key, admitted, reason, weight from selections where round = 1 order by all"


@pytest.fixture(scope="module")
def played(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("played")
    (folder / "small.toml").write_text(CONFIG)
    edgework("run", "--config", folder / "small.toml", home=folder / "home")
    assert rows(folder / "home", "select promoted from promotions") == [(False,)]
    return folder / "home"


@pytest.fixture
def home(played: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(played, tmp_path / "home"))


def running(store: Warehouse) -> Run:
    return Run(store, configs.read(store.home / "config.toml"), Bars(console=Console(quiet=True)))


def edgework(*arguments: object, home: Path, status: int = 0) -> str:
    command = [str(EDGEWORK), *map(str, arguments), "--home", str(home)]
    done = subprocess.run(command, capture_output=True, text=True, check=False, timeout=240)
    assert done.returncode == status, done.stdout + done.stderr
    return " ".join((done.stdout + done.stderr).split())  # lines are as wide as the terminal


def rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_reader(home) as con:
        return con.execute(sql).fetchall()


def turn(store: Warehouse, condition: str, outcome: str) -> str:
    """As judging again would: another outcome, steps and all, for the round's first sample for which this holds."""
    [row] = store.query(
        f"from outcomes where round = 1 and stage = 'sample' and {condition} order by sample_key limit 1"
    )
    columns = store.query("select * from outcome_revisions limit 1")[0]
    row = {name: row[name] for name in columns} | {"outcome": outcome, "revision": row["revision"] + 1}
    store.commit(f"rejudge/{outcome}", {"outcome_revisions": [row | {"finish": "stop", "steps": "right"}]})
    return str(row["sample_key"])


def test_a_selection_done_again_names_what_trained_the_checkpoint(home: Path) -> None:
    before, lineage = rows(home, SELECTIONS), rows(home, LINEAGE)
    trained = pq.read_table(home / "policies/round-0001/trained_on.parquet")
    admitted = {row[0] for row in before if row[1]}
    assert set(trained["sample_key"].to_pylist()) == admitted
    with Warehouse(home) as store:
        gained = turn(store, "outcome = 'wrong'", "right")
        lost = turn(store, "sample_key in (select sample_key from selections where admitted)", "wrong")
    (home / "shards/selections/r0001~select.parquet").unlink()
    with Warehouse(home) as store:
        assert admit(running(store), 1) == len(admitted)
    after = {row[0]: row[1:] for row in rows(home, SELECTIONS)}
    assert {key for key, fate in after.items() if fate[0]} == admitted
    assert after[lost] == (True, "admitted", 1.0)
    assert after[gained] == (False, "not_trained", 0.0)
    assert [row[4] for row in rows(home, LINEAGE)] == [row[4] for row in lineage]


def test_damage_in_the_middle_of_a_run_is_told_in_a_line_and_mended(played: Path, tmp_path: Path) -> None:
    home, config = tmp_path / "home", played.parent / "small.toml"
    command = ["run", "--config", str(config), "--home", str(home)]
    failed = subprocess.run(
        [sys.executable, "-c", DAMAGED_MEANWHILE, *command],
        capture_output=True,
        text=True,
        check=False,
        timeout=240,
    )
    assert failed.returncode == 1, failed.stdout + failed.stderr
    assert failed.stderr == (
        f"edgework: a committed shard stays as it is, and {home}/shards/problems/r0000~heldout.parquet was damaged"
        " while this went on: it has 100 bytes, not"
        f" {(played / 'shards/problems/r0000~heldout.parquet').stat().st_size}."
        " The same command repairs it and carries on\n"
    )
    assert "damaged shards/problems/r0000~heldout.parquet" in edgework("run", home=home)
    assert rows(home, "select digest from policies order by round") == rows(
        played, "select digest from policies order by round"
    )
    assert rows(home, SELECTIONS) == rows(played, SELECTIONS)


def test_a_removed_candidate_is_not_evaluated_again(home: Path) -> None:
    """Its checkpoint is gone for good, and what it was refused for stands in `promotions`."""
    edgework("gc", "--remove", "--older-than", "0", home=home)
    assert not (home / "policies/round-0001").exists()
    decided = rows(home, "from promotions")
    shard = home / "shards/samples/r0001~evaluate~0000.parquet"
    shard.write_bytes(shard.read_bytes()[:100])
    said = edgework("run", home=home)
    assert "round 1: evaluate" in said
    assert "not done again: the checkpoint was removed by edgework gc" in said
    assert rows(home, "select distinct round from evaluations where split = 'heldout'") == [(0,)]
    assert rows(home, "from promotions") == decided
    assert "not done again" in edgework("run", home=home)
    assert "damaged/" in edgework("gc", home=home)
    edgework("run", "--rounds", 2, home=home)
    assert rows(home, "select round from promotions order by round") == [(1,), (2,)]
