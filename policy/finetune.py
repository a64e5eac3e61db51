"""Fine-tuning: Parquet in, checkpoint out.

The Parquet file has a row a training example: `prompt` (the question), `completion` (the
solution text) and `weight`; a column `sample_key` may name them. Loss falls on the completion
only. The result is a whole checkpoint folder beside its loss curve, `training.json`, and what
trained it by name, `trained_on.parquet`; the rows it was made from are never changed.
"""

import json
import os
import shutil
from collections.abc import Callable
from dataclasses import asdict
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import torch
from transformers import PreTrainedTokenizerBase

from policy import checkpoint
from policy.batches import TokenRow
from policy.memory import ran_out, training_ran_out
from policy.prompts import completion_tokens, prompt_tokens
from policy.training import Step, TrainingSettings, train

COLUMNS = ["prompt", "completion", "weight"]
TRAINED_ON = "trained_on.parquet"


def finetune(
    rows: Path,
    incumbent: Path,
    out: Path,
    settings: TrainingSettings,
    on_step: Callable[[Step], None] = lambda step: None,
) -> list[Step]:
    """Train from `incumbent` on `rows`, write the checkpoint to `out`, return the loss curve.

    A finished `out` is kept and its curve returned; an unfinished one of the same settings goes on from its last
    saved step. Raises checkpoint.BadCheckpoint, OutOfMemory, Diverged, or ValueError for rows that cannot be read.
    """
    resume = out.with_name(out.name + ".resume")
    if (out / "training.json").exists():
        resume.unlink(missing_ok=True)
        return read_curve(out)
    try:
        curve = _train(rows, incumbent, out, settings, on_step)
    finally:
        checkpoint.free_device_memory()  # an engine in another process waits for it
    keep_names(rows, out / TRAINED_ON)
    write_curve(out, curve, settings)
    resume.unlink(missing_ok=True)
    return curve


def _train(
    rows: Path, incumbent: Path, out: Path, settings: TrainingSettings, on_step: Callable[[Step], None]
) -> list[Step]:
    """Train and save the weights; model and optimizer are gone when this returns."""
    model, tokenizer = checkpoint.load(incumbent)
    torch.manual_seed(settings.seed)
    resume = out.with_name(out.name + ".resume")
    try:
        curve = train(model, read_rows(rows, tokenizer), tokenizer.pad_token_id, settings, on_step, resume)
    except (RuntimeError, MemoryError) as error:
        if ran_out(error):
            raise training_ran_out(str(error).partition("\n")[0], settings.tokens_per_batch) from error
        raise
    checkpoint.save(model, tokenizer, out)
    return curve


def read_rows(file: Path, tokenizer: PreTrainedTokenizerBase) -> list[TokenRow]:
    """The training rows as tokens, in the file's order."""
    table = pq.read_table(file, columns=COLUMNS)
    prompts, completions, weights = (table.column(name).to_pylist() for name in COLUMNS)
    tokens = zip(
        prompt_tokens(tokenizer, prompts), completion_tokens(tokenizer, completions), weights, strict=True
    )
    return [TokenRow(prompt, completion, weight) for prompt, completion, weight in tokens]


def trained_on(folder: Path) -> dict[str, float] | None:
    """The weight of each sample that trained a finished checkpoint, by key; None where there is none, or no record."""
    if not (folder / "training.json").exists() or not (folder / TRAINED_ON).exists():
        return None
    table = pq.read_table(folder / TRAINED_ON)
    return dict(zip(table["sample_key"].to_pylist(), table["weight"].to_pylist(), strict=True))


def keep_names(rows: Path, file: Path) -> None:
    """What the rows are called, if they are, and their weights; flushed, as the ledger outlives a loss of power.

    Of a pair the chosen sample has weight 1, the rejected one -1.
    """
    names = pq.read_schema(rows).names
    if "sample_key" in names:
        table = pq.read_table(rows, columns=["sample_key", "weight"])
    elif "chosen_key" in names:
        pairs = pq.read_table(rows, columns=["chosen_key", "rejected_key"])
        keys = [*pairs["chosen_key"].to_pylist(), *pairs["rejected_key"].to_pylist()]
        table = pa.table({"sample_key": keys, "weight": [1.0] * len(pairs) + [-1.0] * len(pairs)})
    else:
        return
    with file.open("wb") as written:
        pq.write_table(table, written, compression="zstd")
        written.flush()
        os.fsync(written.fileno())


def forget_unfinished(out: Path) -> None:
    """Remove what a fine-tune to `out` would go on from."""
    resume = out.with_name(out.name + ".resume")
    shutil.rmtree(resume, ignore_errors=True)  # a folder of TRL's, or
    resume.unlink(missing_ok=True)  # a file of the built-in trainer's


def write_curve(folder: Path, curve: list[Step], settings: TrainingSettings) -> None:
    """`training.json`: the settings and a row a step; written last, so it marks a finished checkpoint."""
    record = {"settings": asdict(settings), "curve": [asdict(step) for step in curve]}
    unfinished = folder / "training.json.unfinished"
    unfinished.write_text(json.dumps(record) + "\n")
    unfinished.rename(folder / "training.json")


def read_curve(folder: Path) -> list[Step]:
    """The loss curve that `write_curve` left."""
    return [Step(**row) for row in json.loads((folder / "training.json").read_text())["curve"]]
