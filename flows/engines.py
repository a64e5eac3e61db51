"""The engine that a config asks for."""

import logging
import warnings
from pathlib import Path

from flows.settings import Config
from policy.engine import Engine
from policy.server.settings import Server


def open_engine(config: Config, policy: str, folder: Path) -> Engine:
    """An engine that draws from the checkpoint in `folder`; each is imported only where it is asked for.

    BadCheckpoint if the folder does not load, InputError if a server does not do what the config says.
    """
    if config.policy.engine == "vllm":
        logging.getLogger("vllm").setLevel(
            logging.ERROR
        )  # of what it finds, and does not find, on this machine
        warnings.filterwarnings("ignore", module="vllm")
        from policy.vllm_engine import VllmEngine, VllmSettings

        sleeps = config.policy.while_training == "rest"
        return VllmEngine(policy, folder, VllmSettings(**config.vllm.model_dump(), sleeps=sleeps))
    if config.policy.engine == "server":
        from policy.server_engine import ServerEngine

        return ServerEngine(policy, folder, _server(config))
    from policy.transformers_engine import TransformersEngine

    return TransformersEngine(policy, folder)


def check_engine(config: Config) -> None:
    """InputError if the config names a server that does not answer, or not for the model, or not with this key."""
    if config.policy.engine == "server":
        from policy.server_engine import check

        check(_server(config))


def _server(config: Config) -> Server:
    return Server(**config.server.model_dump())
