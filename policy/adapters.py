"""LoRA adapters as checkpoints: a folder with the adapter's weights and tokenizer that names the base it is for.

Two small matrices beside every linear layer train in place of the layer (Hu et al. 2021). What the folder holds is
only those; the base stays where it is and must not change, which `checkpoint.digest` sees to.
"""

import json
from pathlib import Path
from typing import Any

import torch
from safetensors import safe_open
from transformers import PreTrainedModel

CONFIG = "adapter_config.json"
WEIGHTS = "adapter_model.safetensors"
NAME = "default"  # peft's name for the one adapter of a model


class BadAdapter(Exception):
    """The folder holds no adapter that fits; the message states the rule, not the folder."""


def base_folder(folder: Path) -> Path | None:
    """The folder of the base that an adapter is for; None where `folder` is no adapter. BadAdapter if it names none."""
    if not (folder / CONFIG).is_file():
        return None
    try:
        base = json.loads((folder / CONFIG).read_text())["base_model_name_or_path"]
    except (ValueError, KeyError, TypeError) as error:
        raise BadAdapter(f"{CONFIG} is JSON and names the base in base_model_name_or_path") from error
    return Path(base)


def fresh(base: PreTrainedModel, folder: Path, rank: int) -> Any:
    """`base` with a new adapter on all its linear layers, which changes nothing yet; a peft.PeftModel."""
    from peft import LoraConfig, get_peft_model

    config = LoraConfig(
        r=rank, lora_alpha=2 * rank, lora_dropout=0.0, target_modules="all-linear", task_type="CAUSAL_LM"
    )
    model = get_peft_model(base, config)
    model.peft_config[NAME].base_model_name_or_path = str(folder.resolve())
    return model


def attached(base: PreTrainedModel, folder: Path, trains: bool = False) -> Any:
    """`base` with the adapter in `folder`; a peft.PeftModel. BadAdapter if it lacks a tensor, or peft is missing."""
    try:
        from peft import PeftModel, get_peft_model_state_dict
    except ImportError as error:
        raise BadAdapter("an adapter needs the extra `train`: pip install -e '.[train]'") from error
    model = PeftModel.from_pretrained(base, folder, is_trainable=trains)
    with safe_open(folder / WEIGHTS, framework="pt") as file:
        missing = sorted(get_peft_model_state_dict(model).keys() - set(file.keys()))
    if missing:  # peft would leave them as they are at first
        raise BadAdapter(f"the weights hold every tensor of the adapter; {missing[0]} is missing")
    return model


def merged(base: PreTrainedModel, folder: Path) -> PreTrainedModel:
    """The base with the adapter added to its weights, which can all train again. Raises as `attached`."""
    with torch.no_grad():
        return attached(base, folder).merge_and_unload().requires_grad_(True)
