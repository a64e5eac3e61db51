"""What a checkpoint folder says without its weights: its tokenizer, its stop tokens, its context."""

import json
from dataclasses import dataclass
from pathlib import Path

from transformers import AutoConfig, AutoTokenizer, GenerationConfig, PreTrainedTokenizerBase

from policy.checkpoint import TOKENIZERS, BadCheckpoint
from policy.server.weights import ADAPTER

ENDLESS = 1 << 30


@dataclass(frozen=True, slots=True)
class Facts:
    """`context` in tokens, prompt and answer together."""

    tokenizer: PreTrainedTokenizerBase
    stops: list[int]
    context: int


def read_facts(folder: Path) -> Facts:
    """Of a checkpoint, or of the one below an adapter. BadCheckpoint if a part is missing or cannot be read."""
    if (folder / ADAPTER).exists():
        folder = Path(json.loads((folder / ADAPTER).read_text())["base_model_name_or_path"])
    if not (folder / "config.json").is_file() or not any((folder / name).is_file() for name in TOKENIZERS):
        raise BadCheckpoint(f"{folder}: a checkpoint is a folder with config.json, weights and tokenizer")
    try:
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True)
        config = AutoConfig.from_pretrained(folder, local_files_only=True)
        ends = _generation_ends(folder)
    except Exception as error:  # transformers and tokenizers each raise their own
        raise BadCheckpoint(f"{folder}: does not load as a causal language model: {error}") from error
    stops = sorted({token for token in (*ends, tokenizer.eos_token_id) if token is not None})
    return Facts(tokenizer, stops, getattr(config, "max_position_embeddings", None) or ENDLESS)


def _generation_ends(folder: Path) -> list[int | None]:
    """Chat models end a turn by another token than the end of text, and say so here."""
    if not (folder / "generation_config.json").exists():
        return []
    ends = GenerationConfig.from_pretrained(folder, local_files_only=True).eos_token_id
    return ends if isinstance(ends, list) else [ends]
