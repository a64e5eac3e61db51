"""The engine that a config asks for."""

import logging
import warnings
from importlib.util import find_spec
from pathlib import Path

from flows.config import BadConfig
from flows.settings import Config
from policy import checkpoint
from policy.engine import Engine
from policy.server.settings import Server


def open_engine(config: Config, policy: str, folder: Path) -> Engine:
    """An engine that draws from the checkpoint in `folder`; each kind is imported only where it is asked for.

    BadCheckpoint if the folder does not load, InputError if a server does not do what the config says.
    """
    if config.policy.engine == "vllm":
        # What it finds on this machine, and what it does not, is no news to a run.
        logging.getLogger("vllm").setLevel(logging.ERROR)
        warnings.filterwarnings("ignore", module="vllm")
        from policy.vllm_engine import VllmEngine, VllmSettings

        sleeps = config.policy.while_training == "rest"
        lora_rank = config.training.lora_rank if config.training.method == "lora" else None
        settings = VllmSettings(**config.vllm.model_dump(), sleeps=sleeps, lora_rank=lora_rank)
        return VllmEngine(policy, folder, settings)
    if config.policy.engine == "server":
        from policy.server_engine import ServerEngine

        return ServerEngine(policy, folder, _server(config))
    from policy.transformers_engine import TransformersEngine

    return TransformersEngine(policy, folder, config.transformers.concurrent)


def check_weights(policy: str, folder: Path) -> None:
    """BadCheckpoint if these are not the weights that gave the policy its name: samples would be told to be of it."""
    if not policy.endswith(checkpoint.digest(folder)):
        raise checkpoint.BadCheckpoint(
            f"{folder}: the weights of a policy never change, and these are no longer {policy};"
            " put a copy of them back"
        )


def check_engine(config: Config) -> None:
    """InputError if the engine needs what is not installed, or the server does not answer, or does not take the key."""
    needed = ["vllm"] * (config.policy.engine == "vllm") + ["ray"] * (config.policy.engines > 1)
    if missing := [name for name in needed if find_spec(name) is None]:
        raise BadConfig(f"this run needs {' and '.join(missing)}, not installed here: make engines")
    if config.policy.engine == "server":
        from policy.server_engine import check

        check(_server(config))


def _server(config: Config) -> Server:
    return Server(**config.server.model_dump())
