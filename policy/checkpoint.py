"""Checkpoints on disk: any causal LM that transformers loads from a folder, with its tokenizer; or an adapter to one.

A checkpoint is immutable and known by a digest of its weights. Saving goes through a
temporary folder and a rename, so a folder under its final name is whole.
"""

import gc
import hashlib
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoTokenizer,
    GenerationConfig,
    PreTrainedModel,
    PreTrainedTokenizerBase,
)
from transformers.utils import logging

from curriculum.errors import InputError
from policy import adapters

logging.disable_progress_bar()  # a bar for every load would break the run's own

# Without any of them, transformers makes some kinds of model an empty tokenizer.
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model", "tekken.json")


class BadCheckpoint(InputError):
    """The folder holds no checkpoint that can be loaded; the message names it and says why."""


def load(folder: Path, dtype: torch.dtype = torch.float32) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Model (in eval mode, on the GPU if there is one) and tokenizer; BadCheckpoint if either does not load.

    An adapter comes merged into its base, added up in float32.
    """
    return load_model(folder, dtype).to(device()).eval(), load_tokenizer(folder)


def load_model(folder: Path, dtype: torch.dtype = torch.float32) -> PreTrainedModel:
    """The model alone, in the computer's memory; BadCheckpoint if it does not load."""
    check(folder)
    base = base_folder(folder)
    if base is None:
        return _load_whole(folder, dtype)
    return _adapted(adapters.merged, _load_whole(base, torch.float32), folder).to(dtype)


def load_trainable(folder: Path, dtype: torch.dtype, rank: int) -> Any:
    """The checkpoint with an adapter that trains, its own or a new one of that rank; a peft.PeftModel, in memory.

    BadCheckpoint if it does not load, or has an adapter of another rank.
    """
    check(folder)
    base = base_folder(folder)
    if base is None:
        return adapters.fresh(_load_whole(folder, dtype), folder, rank)
    model = _adapted(adapters.attached, _load_whole(base, dtype), folder, True)
    if (own := model.peft_config[adapters.NAME].r) != rank:
        raise BadCheckpoint(f"{folder}: an adapter trains on at its own rank, {own}, not {rank}")
    return model


def _load_whole(folder: Path, dtype: torch.dtype) -> PreTrainedModel:
    try:
        model, report = AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, local_files_only=True, output_loading_info=True
        )
    except Exception as error:  # transformers and safetensors each raise their own
        raise BadCheckpoint(f"{folder}: does not load as a causal language model: {error}") from error
    if missing := sorted(report["missing_keys"]):  # transformers would fill them with random numbers
        raise BadCheckpoint(f"{folder}: the weights hold every tensor of the model; {missing[0]} is missing")
    return model


def load_tokenizer(folder: Path) -> PreTrainedTokenizerBase:
    """The tokenizer, with a padding token; BadCheckpoint if it does not load or ends no sequence."""
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
    except Exception as error:
        raise BadCheckpoint(f"{folder}: the tokenizer does not load: {error}") from error
    if tokenizer.eos_token_id is None:
        raise BadCheckpoint(f"{folder}: the tokenizer names an end-of-sequence token, and here is none")
    if tokenizer.pad_token_id is None:
        tokenizer.pad_token = tokenizer.eos_token
    return tokenizer


def stop_tokens(folder: Path, tokenizer: PreTrainedTokenizerBase) -> list[int]:
    """The tokens that end a sample: the checkpoint's own (chat models end a turn by another than the end of text)."""
    if (folder / "generation_config.json").exists():
        configured = GenerationConfig.from_pretrained(folder, local_files_only=True).eos_token_id
    else:
        configured = getattr(AutoConfig.from_pretrained(folder, local_files_only=True), "eos_token_id", None)
    listed = configured if isinstance(configured, list) else [configured]
    return sorted({token for token in (*listed, tokenizer.eos_token_id) if token is not None})


def base_folder(folder: Path) -> Path | None:
    """The folder of the base if `folder` holds an adapter to one, else None. BadCheckpoint if it does not say."""
    try:
        return adapters.base_folder(folder)
    except adapters.BadAdapter as error:
        raise BadCheckpoint(f"{folder}: {error}") from error


def _adapted(adapt: Callable[..., Any], model: PreTrainedModel, folder: Path, *arguments: object) -> Any:
    try:
        return adapt(model, folder, *arguments)
    except Exception as error:  # peft raises many kinds
        raise BadCheckpoint(f"{folder}: does not load as an adapter to its base: {error}") from error


def check(folder: Path) -> None:
    """BadCheckpoint if the folder is missing, misses a part, or holds a truncated weight file; loads nothing."""
    base = base_folder(folder)
    parts = (base is not None or (folder / "config.json").is_file()) and any(
        (folder / name).is_file() for name in TOKENIZERS
    )
    if not parts:
        raise BadCheckpoint(f"{folder}: a checkpoint is a folder with config.json, weights and tokenizer")
    for file in _weights(folder):
        if file.suffix == ".safetensors":
            try:
                with safe_open(file, framework="pt"):
                    pass
            except SafetensorError as error:
                raise BadCheckpoint(f"{file}: weights are a whole safetensors file: {error}") from error
    if base is not None:
        _check_base(folder, base)


def _check_base(folder: Path, base: Path) -> None:
    if not base.is_dir():
        raise BadCheckpoint(
            f"{folder}: the base of an adapter stays where it was, {base}; put it back, or name its new place in"
            f" {adapters.CONFIG}"
        )
    if base_folder(base) is not None:
        raise BadCheckpoint(
            f"{folder}: the base of an adapter is a whole checkpoint, and {base} is an adapter"
        )
    check(base)


def save(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    folder: Path,
    dtype: torch.dtype | None = None,
    **pretrained: object,
) -> None:
    """Write safetensors, config and tokenizer to `folder`, whole or not at all. Converts `model` to `dtype`.

    `pretrained` goes to the model's own `save_pretrained`; of a peft.PeftModel it is the adapter that is written.
    """
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    (model.to(dtype) if dtype else model).save_pretrained(unfinished, **pretrained)
    model.generation_config.save_pretrained(unfinished)  # peft leaves it out
    tokenizer.save_pretrained(unfinished)
    for file in unfinished.iterdir():
        with file.open("rb") as written:
            os.fsync(written.fileno())  # the ledger will say that it is there, and outlives a loss of power
    replace(unfinished, folder)


def replace(finished: Path, folder: Path) -> None:
    """Put a finished checkpoint where `folder` says, in place of what stands there."""
    shutil.rmtree(folder, ignore_errors=True)
    finished.rename(folder)


def digest(folder: Path) -> str:
    """8 hex digits of sha256 over the weight files, an adapter's base included: what tells two checkpoints apart."""
    together = hashlib.sha256()
    for file in _weights(folder):
        with file.open("rb") as stream:
            together.update(hashlib.file_digest(stream, "sha256").digest())
    if base := base_folder(folder):
        together.update(digest(base).encode())
    return together.hexdigest()[:8]


def _weights(folder: Path) -> list[Path]:
    weights = sorted(folder.glob("*.safetensors")) or sorted(folder.glob("*.bin"))
    if not weights:
        raise BadCheckpoint(f"{folder}: a checkpoint holds *.safetensors or *.bin, and here is neither")
    return weights


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def free_device_memory() -> None:
    """Give back to other processes what nothing here uses any more, and torch would keep for later."""
    if torch.cuda.is_available():
        gc.collect()
        torch.cuda.empty_cache()


def compute_dtype() -> torch.dtype:
    """bfloat16 where the processor computes in it (3-5 times faster), else float32."""
    if torch.cuda.is_available():
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    return torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else torch.float32
