"""Parquet in, checkpoint out: whole, the same again, and the same after a kill."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Literal

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch

from generators import FAMILIES
from policy import checkpoint, training
from policy.finetune import finetune, read_rows, trained_on
from policy.prompts import render
from policy.training import Step, TrainingSettings
from policy.transformers_engine import TransformersEngine

PROBLEMS = [FAMILIES["chain_sums"].generate(1, seed) for seed in range(24)]
Optimizer = Literal["adamw", "muon"]


class Killed(Exception):
    pass


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    file = tmp_path / "rows.parquet"
    table = {
        "prompt": [problem.question for problem in PROBLEMS],
        "completion": [FAMILIES["chain_sums"].reference(problem) for problem in PROBLEMS],
        "weight": [1.0] * len(PROBLEMS),
    }
    pq.write_table(pa.table(table), file)
    return file


def settings(optimizer: Optimizer = "adamw", seed: int = 3) -> TrainingSettings:
    return TrainingSettings(12, 3e-3, 400, seed=seed, optimizer=optimizer)


def losses(curve: list[Step]) -> list[float]:
    return [step.loss for step in curve]


def killed_at(step: int) -> Callable[[Step], None]:
    def on_step(done: Step) -> None:
        if done.step == step:
            raise Killed

    return on_step


def test_rows_become_the_policys_own_prompt_and_a_closed_completion(
    rows: Path, chat_checkpoint: Path
) -> None:
    _, tokenizer = checkpoint.load(chat_checkpoint)
    read = read_rows(rows, tokenizer)
    assert len(read) == len(PROBLEMS)
    for row, problem in zip(read, PROBLEMS, strict=True):
        assert tokenizer.decode(row.prompt) == render(tokenizer, problem.question)
        assert tokenizer.decode(row.completion[:-1]) == FAMILIES["chain_sums"].reference(problem)
        assert row.completion[-1] == tokenizer.eos_token_id
        assert row.weight == 1.0


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_the_same_seed_gives_the_same_weights(
    rows: Path, chat_checkpoint: Path, tmp_path: Path, optimizer: Optimizer
) -> None:
    curve = finetune(rows, chat_checkpoint, tmp_path / "one", settings(optimizer))
    again = finetune(rows, chat_checkpoint, tmp_path / "two", settings(optimizer))
    finetune(rows, chat_checkpoint, tmp_path / "other", settings(optimizer, seed=4))
    assert losses(again) == losses(curve)
    assert losses(curve)[-1] < losses(curve)[0]
    digests = [checkpoint.digest(tmp_path / name) for name in ("one", "two", "other")]
    assert digests[0] == digests[1] != digests[2]
    assert checkpoint.digest(chat_checkpoint) not in digests


def test_the_result_is_a_checkpoint_that_samples_and_trains_on(
    rows: Path, chat_checkpoint: Path, tmp_path: Path
) -> None:
    finetune(rows, chat_checkpoint, tmp_path / "one", settings())
    record = json.loads((tmp_path / "one" / "training.json").read_text())
    assert record["settings"]["learning_rate"] == 3e-3
    assert [row["step"] for row in record["curve"]] == list(range(12))
    model, tokenizer = checkpoint.load(tmp_path / "one")
    assert tokenizer.chat_template is not None
    assert model.generation_config.eos_token_id == [tokenizer.convert_tokens_to_ids("<|im_end|>")]
    TransformersEngine("r1-0", tmp_path / "one")
    finetune(rows, tmp_path / "one", tmp_path / "two", settings())
    assert sorted(p.name for p in tmp_path.iterdir()) == ["one", "rows.parquet", "two"]  # nothing unfinished


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
def test_a_killed_run_goes_on_to_the_same_result(
    rows: Path, chat_checkpoint: Path, tmp_path: Path, optimizer: Optimizer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "SAVE_EVERY_S", -1.0)
    undisturbed = finetune(rows, chat_checkpoint, tmp_path / "whole", settings(optimizer))
    for step in (4, 9):
        with pytest.raises(Killed):
            finetune(rows, chat_checkpoint, tmp_path / "cut", settings(optimizer), killed_at(step))
    steps: list[int] = []
    curve = finetune(
        rows, chat_checkpoint, tmp_path / "cut", settings(optimizer), lambda done: steps.append(done.step)
    )
    assert steps == [9, 10, 11]  # step 9 was killed before it was kept
    assert losses(curve) == losses(undisturbed)
    assert checkpoint.digest(tmp_path / "cut") == checkpoint.digest(tmp_path / "whole")
    assert not list(tmp_path.glob("cut.*"))


def test_what_kills_leave_behind_is_no_hindrance(
    rows: Path, chat_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A kill while the checkpoint was saved, another while the state to resume from was."""
    monkeypatch.setattr(training, "SAVE_EVERY_S", -1.0)
    out = tmp_path / "cut"

    def kill(*_: object, **__: object) -> None:
        (tmp_path / "cut.unfinished").mkdir()
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(checkpoint, "save", kill)
        with pytest.raises(Killed):
            finetune(rows, chat_checkpoint, out, settings())
    (tmp_path / "cut.resume").unlink()

    def half_written(state: object, file: Path) -> None:
        file.write_bytes(b"half")
        raise Killed

    with monkeypatch.context() as dying:
        dying.setattr(torch, "save", half_written)
        with pytest.raises(Killed):
            finetune(rows, chat_checkpoint, out, settings())
    finetune(rows, chat_checkpoint, out, settings())
    checkpoint.load(out)


def test_a_finished_checkpoint_is_returned_untouched(
    rows: Path, chat_checkpoint: Path, tmp_path: Path
) -> None:
    curve = finetune(rows, chat_checkpoint, tmp_path / "one", settings())
    before = {file.name: file.stat().st_mtime_ns for file in (tmp_path / "one").iterdir()}
    gone = tmp_path / "gone"
    assert finetune(gone, gone, tmp_path / "one", settings(seed=9), killed_at(0)) == curve
    assert {file.name: file.stat().st_mtime_ns for file in (tmp_path / "one").iterdir()} == before


def test_an_unfinished_folder_is_no_checkpoint(rows: Path, chat_checkpoint: Path, tmp_path: Path) -> None:
    """Killed between the rename of the folder and the writing of its curve."""
    finetune(rows, chat_checkpoint, tmp_path / "one", settings())
    digest = checkpoint.digest(tmp_path / "one")
    (tmp_path / "one" / "training.json").unlink()
    curve = finetune(rows, chat_checkpoint, tmp_path / "one", settings())
    assert len(curve) == 12
    assert checkpoint.digest(tmp_path / "one") == digest


def test_rows_that_cannot_be_read_are_refused(chat_checkpoint: Path, tmp_path: Path) -> None:
    pq.write_table(pa.table({"prompt": ["Add 1+2"], "completion": ["A: 3"]}), tmp_path / "no_weight.parquet")
    (tmp_path / "no_parquet").write_text("prompt,completion\n")
    for file in ("no_weight.parquet", "no_parquet"):
        with pytest.raises(ValueError):  # noqa: PT011  pyarrow's own words
            finetune(tmp_path / file, chat_checkpoint, tmp_path / "out", settings())
    with pytest.raises(checkpoint.BadCheckpoint, match="gone"):
        finetune(tmp_path / "no_parquet", tmp_path / "gone", tmp_path / "out", settings())
    assert not (tmp_path / "out").exists()


def test_a_finished_checkpoint_keeps_what_trained_it(
    rows: Path, chat_checkpoint: Path, tmp_path: Path
) -> None:
    finetune(rows, chat_checkpoint, tmp_path / "nameless", settings())
    assert trained_on(tmp_path / "nameless") is None
    keys = [f"s{number}" for number in range(len(PROBLEMS))]
    pq.write_table(pq.read_table(rows).append_column("sample_key", [keys]), rows)
    finetune(rows, chat_checkpoint, tmp_path / "named", settings())
    assert trained_on(tmp_path / "named") == dict.fromkeys(keys, 1.0)
    (tmp_path / "named" / "training.json").unlink()  # as before its last step
    assert trained_on(tmp_path / "named") is None
