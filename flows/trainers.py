"""Which trainer a config asks for: whether it can be had, what it is told, and the fine-tune itself."""

from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from flows.config import BadConfig
from flows.settings import TrainingConfig

if TYPE_CHECKING:  # torch takes seconds to import, and a config is checked before
    from policy.training import Step, TrainingSettings

EXTRA = ("trl", "peft", "accelerate", "datasets")


def check(config: TrainingConfig) -> None:
    """BadConfig if what the trainer needs is not here: the extra, or a GPU for each process."""
    if config.trainer == "builtin":
        return
    if missing := [name for name in EXTRA if find_spec(name) is None]:
        raise BadConfig(
            f"training.trainer: 'trl' needs the extra `train`, of which {', '.join(missing)} is not installed:"
            " pip install -e '.[train]'"
        )
    if config.processes > 1:
        import torch

        gpus = torch.cuda.device_count()
        if gpus and config.processes > gpus:
            raise BadConfig(
                f"training.processes: each takes a GPU, and of those there are {gpus}, not {config.processes}"
            )


def settings(config: TrainingConfig, seed: int) -> "TrainingSettings":
    """The config as its trainer takes it."""
    from policy.training import TrainingSettings
    from policy.trl_settings import TrlSettings

    told = config.model_dump(exclude={"trainer"})
    if config.trainer == "trl":
        return TrlSettings(**told, seed=seed)
    return TrainingSettings(
        **{key: told[key] for key in TrainingSettings.__slots__ if key in told}, seed=seed
    )


def finetune(
    rows: Path, incumbent: Path, out: Path, settings: "TrainingSettings", on_step: Callable[["Step"], None]
) -> list["Step"]:
    """Train by the trainer that the settings are for. Raises as `policy.finetune` and `policy.trl_finetune`."""
    from policy import finetune as builtin
    from policy import trl_finetune as trl
    from policy.trl_settings import TrlSettings

    if isinstance(settings, TrlSettings):
        return trl.finetune(rows, incumbent, out, settings, on_step)
    return builtin.finetune(rows, incumbent, out, settings, on_step)
