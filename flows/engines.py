"""The engine that a config asks for."""

import logging
import warnings
from functools import partial
from pathlib import Path

from flows.settings import Config
from policy.engine import Engine


def open_engine(config: Config, policy: str, folder: Path) -> Engine:
    """An engine that draws from the checkpoint in `folder`, or several as one. As each of them raises."""
    if config.policy.engines == 1:
        return open_one(config, policy, folder)
    from torch.cuda import is_available

    from policy.ray_engine import RayEngine

    return RayEngine(
        policy, folder.resolve(), partial(open_one, config), config.policy.engines, is_available()
    )


def open_one(config: Config, policy: str, folder: Path) -> Engine:
    """One engine; each kind is imported only where it is asked for. BadCheckpoint if the folder does not load."""
    if config.policy.engine == "vllm":
        logging.getLogger("vllm").setLevel(
            logging.ERROR
        )  # of what it finds, and does not find, on this machine
        warnings.filterwarnings("ignore", module="vllm")
        from policy.vllm_engine import VllmEngine, VllmSettings

        sleeps = config.policy.while_training == "rest"
        return VllmEngine(policy, folder, VllmSettings(**config.vllm.model_dump(), sleeps=sleeps))
    from policy.transformers_engine import TransformersEngine

    return TransformersEngine(policy, folder)
