"""Training rows as TRL takes them: tokens that are the policy's own, in the batches of the built-in trainer.

Every process is given the whole batch and takes its share of it, so all know how much the batch weighs.
"""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
from datasets import Dataset
from transformers import PreTrainedTokenizerBase
from trl.trainer.dpo_trainer import DataCollatorForPreference

from policy.batches import TokenRow, collate
from policy.finetune import read_rows
from policy.prompts import completion_tokens, prompt_tokens

PAIR_COLUMNS = ["prompt", "chosen", "rejected"]


@dataclass(frozen=True, slots=True)
class Rows:
    """`lengths` is what each row takes of a batch, in tokens; `collate` makes the inputs of a step from its rows."""

    dataset: Dataset
    lengths: list[int]
    collate: Callable[[list[dict[str, Any]]], dict[str, Any]]


def solutions(file: Path, tokenizer: PreTrainedTokenizerBase, process: int, processes: int) -> Rows:
    """Rows of prompt, completion and weight. ValueError if they cannot be read."""
    rows = read_rows(file, tokenizer)
    columns = {
        "prompt_ids": [row.prompt for row in rows],
        "completion_ids": [row.completion for row in rows],
        "weight": [row.weight for row in rows],
    }

    def inputs(examples: list[dict[str, Any]]) -> dict[str, Any]:
        batch = [TokenRow(row["prompt_ids"], row["completion_ids"], row["weight"]) for row in examples]
        # A process without a share computes along, for the others wait for it; what it computes weighs nothing.
        mine = collate(
            batch[process::processes] or [TokenRow(batch[0].prompt, batch[0].completion, 0.0)],
            tokenizer.pad_token_id,
        )
        return {
            "input_ids": mine.tokens,
            "weights": mine.weights,
            "weight_of_all": sum(row.weight * len(row.completion) for row in batch),
            "trained": sum(len(row.completion) for row in batch),
        }

    return Rows(Dataset.from_dict(columns), [row.length for row in rows], inputs)


def pairs(file: Path, tokenizer: PreTrainedTokenizerBase, process: int, processes: int) -> Rows:
    """Rows of prompt, chosen and rejected. ValueError if they cannot be read."""
    table = pq.read_table(file, columns=PAIR_COLUMNS)
    prompts, chosen, rejected = (table.column(name).to_pylist() for name in PAIR_COLUMNS)
    columns = {
        "prompt_ids": prompt_tokens(tokenizer, prompts),
        "chosen_ids": completion_tokens(tokenizer, chosen),
        "rejected_ids": completion_tokens(tokenizer, rejected),
    }
    padded = DataCollatorForPreference(pad_token_id=tokenizer.pad_token_id)

    def inputs(examples: list[dict[str, Any]]) -> dict[str, Any]:
        # TRL gathers its figures from equal shares: the first pairs of a batch fill up the last ones, and count twice.
        even = -(-len(examples) // processes) * processes
        mine = [examples[i % len(examples)] for i in range(process, even, processes)]
        trained = sum(len(row["chosen_ids"]) + len(row["rejected_ids"]) for row in examples)
        return {**padded(mine), "trained": trained}

    lengths = [
        2 * (len(prompt) + max(len(one), len(other)))
        for prompt, one, other in zip(*columns.values(), strict=True)
    ]
    return Rows(Dataset.from_dict(columns), lengths, inputs)
