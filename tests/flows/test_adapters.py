"""Two rounds of LoRA: the first one's adapter is promoted, draws the second one's samples, and trains on."""

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from flows.settings import SHIPPED_BASE
from policy import checkpoint
from warehouse.query import open_reader

pytest.importorskip("trl", reason="the extra `train` is not installed")
pytest.importorskip("peft", reason="the extra `train` is not installed")

EDGEWORK = str(Path(sys.executable).with_name("edgework"))
CONFIG = """
seed = 1
rounds = 2
[policy]
base = "{base}"
max_new_tokens = 96
[curriculum]
families = {{ reverse_string = [1, 3], sort_string = [1, 3] }}
problems = 64
draws = 4
[training]
trainer = "trl"
method = "lora"
lora_rank = 8
steps = 12
learning_rate = 3e-3
tokens_per_batch = 2048
[evaluation]
problems_per_cell = 16
"""
KINDS = ["problems", "samples", "verdicts", "selections", "policies", "promotions", "training", "spend"]


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped base, so shaken that it solves half of what it did: a few steps bring most of it back."""
    model, tokenizer = checkpoint.load(SHIPPED_BASE)
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.4 * parameter.std() * torch.randn_like(parameter)
    folder = tmp_path_factory.mktemp("checkpoints") / "shaken"
    checkpoint.save(model, tokenizer, folder)
    return folder


@pytest.fixture(scope="module")
def command(base: Path, tmp_path_factory: pytest.TempPathFactory) -> list[str]:
    folder = tmp_path_factory.mktemp("rounds")
    (folder / "lora.toml").write_text(CONFIG.format(base=base))
    return ["run", "--config", str(folder / "lora.toml"), "--home", str(folder / "home")]


@pytest.fixture(scope="module")
def home(command: list[str]) -> Path:
    edgework(command)
    return Path(command[-1])


def edgework(command: list[str]) -> None:
    done = subprocess.run([EDGEWORK, *command], capture_output=True, text=True, check=False, timeout=400)
    assert done.returncode == 0, done.stdout + done.stderr


def rows(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_reader(home) as con:
        return con.execute(sql).fetchall()


def adapter(home: Path, number: int) -> torch.Tensor:
    """The matrices of a round's candidate that began as random ones, in one row."""
    weights = load_file(home / "policies" / f"round-{number:04}" / "adapter_model.safetensors")
    return torch.cat([weights[name].flatten() for name in sorted(weights) if "lora_A" in name])


def test_the_adapter_of_a_round_is_promoted_and_played_on_with(home: Path, base: Path) -> None:
    promoted = rows(home, "select candidate, incumbent, promoted from promotions order by round")
    names = [name for (name,) in rows(home, "select policy from policies order by round")]
    assert promoted[0] == (names[1], names[0], True)
    assert promoted[1][:2] == (names[2], names[1])
    stages = "select distinct round, stage, policy from samples order by all"
    assert rows(home, stages) == [
        (0, "evaluate", names[0]),
        (1, "evaluate", names[1]),
        (1, "sample", names[0]),
        (2, "evaluate", names[2]),
        (2, "sample", names[1]),
    ]
    for number in (1, 2):
        folder = home / "policies" / f"round-{number:04}"
        assert not (folder / "model.safetensors").exists()
        assert checkpoint.base_folder(folder) == base.resolve()


def test_the_second_round_trains_the_first_ones_adapter_on(home: Path) -> None:
    """Of another beginning, the matrices would be strangers to each other."""
    assert torch.cosine_similarity(adapter(home, 1), adapter(home, 2), dim=0) > 0.9


def test_the_same_command_again_does_nothing(home: Path, command: list[str]) -> None:
    def state() -> dict[str, object]:
        kept = {kind: rows(home, f"from {kind} order by all") for kind in KINDS}
        return kept | {str(file): file.stat().st_mtime_ns for file in (home / "policies").rglob("*")}

    before = state()
    edgework(command)
    assert state() == before
