"""Checkpoints on disk: whole or not at all, and a broken one is named."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file

from policy import checkpoint
from policy.checkpoint import BadCheckpoint
from policy.tiny_model import character_tokenizer, random_model

WEIGHTS = "model.safetensors"


@pytest.fixture
def folder(chat_checkpoint: Path, tmp_path: Path) -> Path:
    return shutil.copytree(chat_checkpoint, tmp_path / "mine")


def without(name: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).unlink()


def holding(name: str, text: str) -> Callable[[Path], object]:
    return lambda folder: (folder / name).write_text(text)


def truncate(folder: Path) -> None:
    whole = (folder / WEIGHTS).read_bytes()
    (folder / WEIGHTS).write_bytes(whole[: len(whole) // 2])


def lose_a_tensor(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    tensors.pop("model.layers.1.mlp.up_proj.weight")
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})


def reshape_a_tensor(folder: Path) -> None:
    tensors = load_file(folder / WEIGHTS)
    tensors["lm_head.weight"] = tensors["lm_head.weight"][:-1].contiguous()
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (shutil.rmtree, "a checkpoint is a folder with config.json, weights and tokenizer"),
        (without("config.json"), "a checkpoint is a folder with config.json"),
        (holding("config.json", "{}"), "does not load as a causal language model"),
        (holding("config.json", "{"), "does not load as a causal language model"),
        (without(WEIGHTS), r"holds \*.safetensors or \*.bin, and here is neither"),
        (holding(WEIGHTS, ""), "a whole safetensors file"),
        (truncate, "a whole safetensors file"),
        (lose_a_tensor, "up_proj.weight is missing"),
        (reshape_a_tensor, "does not load as a causal language model"),
        (without("tokenizer.json"), "a checkpoint is a folder with config.json, weights and tokenizer"),
        (holding("tokenizer.json", "{}"), "the tokenizer does not load"),
    ],
)
def test_a_broken_checkpoint_is_named(folder: Path, damage: Callable[[Path], object], said: str) -> None:
    damage(folder)
    with pytest.raises(BadCheckpoint, match=f"mine.*{said}"):
        checkpoint.load(folder)


def test_a_tokenizer_that_cannot_end_a_text_is_refused(tmp_path: Path) -> None:
    checkpoint.save(random_model(0), character_tokenizer(), tmp_path / "mine")
    without("tokenizer_config.json")(tmp_path / "mine")
    with pytest.raises(BadCheckpoint, match=r"mine: the tokenizer names an end-of-sequence token"):
        checkpoint.load(tmp_path / "mine")


def test_a_checkpoint_loads_ready_to_sample(folder: Path) -> None:
    model, tokenizer = checkpoint.load(folder, torch.bfloat16)
    assert not model.training
    assert {p.dtype for p in model.parameters()} == {torch.bfloat16}
    assert tokenizer.pad_token_id == tokenizer.eos_token_id  # it had none of its own
    checkpoint.check(folder)


def test_saving_and_loading_changes_nothing(folder: Path, tmp_path: Path) -> None:
    checkpoint.save(*checkpoint.load(folder), tmp_path / "again")
    assert checkpoint.digest(tmp_path / "again") == checkpoint.digest(folder)
    checkpoint.save(*checkpoint.load(folder), tmp_path / "small", torch.bfloat16)
    assert (tmp_path / "small" / WEIGHTS).stat().st_size < 0.6 * (folder / WEIGHTS).stat().st_size
    assert {p.dtype for p in checkpoint.load(tmp_path / "small")[0].parameters()} == {torch.float32}


def test_a_save_that_dies_leaves_the_old_checkpoint(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    model, tokenizer = checkpoint.load(folder)
    before = checkpoint.digest(folder)
    with torch.no_grad():
        model.lm_head.weight.zero_()

    def die(*_: object) -> None:
        raise OSError("disk full")

    with monkeypatch.context() as dying:
        dying.setattr(type(tokenizer), "save_pretrained", die)
        with pytest.raises(OSError, match="disk full"):
            checkpoint.save(model, tokenizer, folder)
    assert checkpoint.digest(folder) == before
    checkpoint.save(model, tokenizer, folder)
    assert checkpoint.digest(folder) != before
    assert [file.name for file in folder.parent.iterdir()] == ["mine"]


def test_a_digest_tells_weights_apart_and_nothing_else(folder: Path) -> None:
    before = checkpoint.digest(folder)
    (folder / "README.md").write_text("a card")
    assert checkpoint.digest(folder) == before
    assert len(before) == 8
    assert int(before, 16) >= 0
    tensors = load_file(folder / WEIGHTS)
    tensors["lm_head.weight"][0, 0] += 1
    save_file(tensors, folder / WEIGHTS, metadata={"format": "pt"})
    assert checkpoint.digest(folder) != before
