"""The engine that a config asks for."""

import logging
import warnings
from pathlib import Path

from flows.settings import Config
from policy.engine import Engine


def open_engine(config: Config, policy: str, folder: Path) -> Engine:
    """An engine that draws from the checkpoint in `folder`; each is imported only where it is asked for.

    BadCheckpoint if the folder does not load.
    """
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
