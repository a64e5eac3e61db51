"""Checkpoints on disk: any causal LM that transformers loads from a folder, with its tokenizer.

A checkpoint is immutable and known by a digest of its weights. Saving goes through a
temporary folder and a rename, so a folder under its final name is whole.
"""

import hashlib
import os
import shutil
from pathlib import Path

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

logging.disable_progress_bar()  # a bar for every load would break the run's own

# Without any of them, transformers makes some kinds of model an empty tokenizer.
TOKENIZERS = ("tokenizer.json", "tokenizer.model", "vocab.json", "vocab.txt", "spiece.model", "tekken.json")


class BadCheckpoint(InputError):
    """The folder holds no checkpoint that can be loaded; the message names it and says why."""


def load(folder: Path, dtype: torch.dtype = torch.float32) -> tuple[PreTrainedModel, PreTrainedTokenizerBase]:
    """Model (in eval mode, on the GPU if there is one) and tokenizer; BadCheckpoint if either does not load."""
    check(folder)
    try:
        model, report = AutoModelForCausalLM.from_pretrained(
            folder, dtype=dtype, local_files_only=True, output_loading_info=True
        )
    except Exception as error:  # transformers, safetensors and tokenizers each raise their own
        raise BadCheckpoint(f"{folder}: does not load as a causal language model: {error}") from error
    if missing := sorted(report["missing_keys"]):  # transformers would fill them with random numbers
        raise BadCheckpoint(f"{folder}: the weights hold every tensor of the model; {missing[0]} is missing")
    return model.to(device()).eval(), load_tokenizer(folder)


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


def check(folder: Path) -> None:
    """BadCheckpoint if the folder is missing, misses a part, or holds a truncated weight file; loads nothing."""
    if not (folder / "config.json").is_file() or not any((folder / name).is_file() for name in TOKENIZERS):
        raise BadCheckpoint(f"{folder}: a checkpoint is a folder with config.json, weights and tokenizer")
    for file in _weights(folder):
        if file.suffix == ".safetensors":
            try:
                with safe_open(file, framework="pt"):
                    pass
            except SafetensorError as error:
                raise BadCheckpoint(f"{file}: weights are a whole safetensors file: {error}") from error


def save(
    model: PreTrainedModel, tokenizer: PreTrainedTokenizerBase, folder: Path, dtype: torch.dtype | None = None
) -> None:
    """Write safetensors, config and tokenizer to `folder`, whole or not at all. Converts `model` to `dtype`."""
    unfinished = folder.with_name(folder.name + ".unfinished")
    shutil.rmtree(unfinished, ignore_errors=True)
    (model.to(dtype) if dtype else model).save_pretrained(unfinished)
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
    """8 hex digits of sha256 over the weight files: what tells two checkpoints apart."""
    together = hashlib.sha256()
    for file in _weights(folder):
        with file.open("rb") as stream:
            together.update(hashlib.file_digest(stream, "sha256").digest())
    return together.hexdigest()[:8]


def _weights(folder: Path) -> list[Path]:
    weights = sorted(folder.glob("*.safetensors")) or sorted(folder.glob("*.bin"))
    if not weights:
        raise BadCheckpoint(f"{folder}: a checkpoint holds *.safetensors or *.bin, and here is neither")
    return weights


def device() -> torch.device:
    return torch.device("cuda" if torch.cuda.is_available() else "cpu")


def compute_dtype() -> torch.dtype:
    """bfloat16 where the processor computes in it (3-5 times faster), else float32."""
    if torch.cuda.is_available():
        return torch.bfloat16 if torch.cuda.is_bf16_supported() else torch.float32
    return torch.bfloat16 if torch.cpu._is_avx512_bf16_supported() else torch.float32
