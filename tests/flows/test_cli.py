"""What the commands say when they are given something wrong: place and rule, exit 2, nothing written."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from flows.gate import base
from flows.progress import Bars
from flows.run import Run
from flows.settings import SHIPPED_BASE, Config, PolicyConfig
from policy.checkpoint import BadCheckpoint
from warehouse.store import Warehouse

EDGEWORK = str(Path(sys.executable).with_name("edgework"))


def edgework(*arguments: object, cwd: Path) -> subprocess.CompletedProcess[str]:
    command = [EDGEWORK, *map(str, arguments)]
    environment = os.environ | {"OMP_NUM_THREADS": "1"}
    return subprocess.run(
        command, cwd=cwd, env=environment, capture_output=True, text=True, timeout=120, check=False
    )


def config(folder: Path, text: str) -> Path:
    file = folder / "given.toml"
    file.write_text(text)
    return file


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("[curriculum]\nfamilies = { gcb = [1, 2] }", "families are chain_sums"),
        ("[curriculum]\nfamilies = { gcd = [1, 99] }", "gcd has levels 1 to 12, not 99"),
        ("stepz = 1", "stepz: there is no such key"),
        ("rounds = true", "rounds: input should be a valid integer"),
        ("[policy]\nbase = 'nowhere'", "nowhere: a checkpoint is a folder with config.json"),
    ],
)
def test_a_run_that_cannot_be_played_writes_nothing(text: str, told: str, tmp_path: Path) -> None:
    done = edgework("run", "--home", tmp_path / "home", "--config", config(tmp_path, text), cwd=tmp_path)
    assert done.returncode == 2, done.stderr
    assert told in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home").exists()


def test_a_truncated_checkpoint_is_named(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(SHIPPED_BASE, broken)
    weights = broken / "model.safetensors"
    weights.write_bytes(weights.read_bytes()[:-1000])
    given = config(tmp_path, f"[policy]\nbase = '{broken}'")
    done = edgework("run", "--home", tmp_path / "home", "--config", given, cwd=tmp_path)
    assert done.returncode == 2
    assert "model.safetensors: weights are a whole safetensors file" in done.stderr
    assert not (tmp_path / "home").exists()


def test_a_corrupt_checkpoint_is_named_and_leaves_no_home(tmp_path: Path) -> None:
    broken = tmp_path / "broken"
    shutil.copytree(SHIPPED_BASE, broken)
    (broken / "config.json").write_text("{")
    given = config(tmp_path, f"[policy]\nbase = '{broken}'")
    done = edgework("run", "--home", tmp_path / "home", "--config", given, cwd=tmp_path)
    assert done.returncode == 2
    assert f"{broken}: does not load as a causal language model" in done.stderr
    assert "Traceback" not in done.stderr
    assert not (tmp_path / "home").exists()


def test_a_home_in_use_is_refused_and_left_as_it_is(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Warehouse(home):
        before = sorted(file.name for file in home.iterdir())
        done = edgework("run", "--home", home, "--rounds", 9, cwd=tmp_path)
        assert sorted(file.name for file in home.iterdir()) == before
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_home_goes_on_only_from_the_base_it_began_with(tmp_path: Path) -> None:
    home, other = tmp_path / "home", tmp_path / "other"
    other.mkdir()
    (other / "model.safetensors").write_bytes(b"other weights")
    run = Run(Warehouse(home), Config(), Bars())
    assert base(run).name.startswith("base-")
    run.config = Config(policy=PolicyConfig(base=str(other)))
    with pytest.raises(BadCheckpoint, match="a home goes on from the base it began with"):
        base(run)


def test_bootstrap_replaces_nothing_but_a_checkpoint(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter.txt").write_text("years of work")
    done = edgework("bootstrap", "--folder", tmp_path / "thesis", cwd=tmp_path)
    assert done.returncode == 2
    assert (tmp_path / "thesis" / "chapter.txt").exists()


@pytest.mark.parametrize("command", [["run"], ["report"]])
def test_a_home_that_is_a_file_is_told(command: list[str], tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    done = edgework(*command, "--home", tmp_path / "file", cwd=tmp_path)
    assert done.returncode == 2
    assert "Traceback" not in done.stderr


def test_a_home_keeps_its_config(tmp_path: Path) -> None:
    home = tmp_path / "home"
    home.mkdir()
    (home / "config.toml").write_text("seed = 1\n")
    done = edgework("run", "--home", home, "--config", config(tmp_path, "seed = 2"), cwd=tmp_path)
    assert done.returncode == 2
    assert "seed is 2, not 1" in done.stderr
    assert [file.name for file in home.iterdir()] == ["config.toml"]


@pytest.mark.parametrize("command", [["sql", "select 1"], ["report"], ["export", "out"]])
def test_a_missing_home_is_told(command: list[str], tmp_path: Path) -> None:
    done = edgework(*command, "--home", tmp_path / "none", cwd=tmp_path)
    assert done.returncode == 2
    assert "none" in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_help_lists_every_command(tmp_path: Path) -> None:
    done = edgework("--help", cwd=tmp_path)
    assert done.returncode == 0
    for command in ("run", "import", "judge", "rejudge", "sql", "export", "report", "config", "bootstrap"):
        assert f" {command} " in done.stdout
