"""Which server, and how it is asked. The key is no part of it: it is read from the environment when it is needed."""

import os
from dataclasses import dataclass
from typing import Literal

from curriculum.errors import InputError

Api = Literal["completions", "chat"]
WeightsName = Literal["vllm", "lora", "fixed"]
NO_KEY = "none"  # what the protocol is sent where no key is set; local servers ask for none


@dataclass(frozen=True, slots=True)
class Server:
    """A server that speaks the OpenAI protocol: times in seconds, `concurrent` in requests."""

    url: str
    model: str = ""
    api: Api = "completions"
    weights: WeightsName = "vllm"
    concurrent: int = 64
    timeout_s: float = 600.0
    patience_s: float = 600.0
    key_variable: str = "OPENAI_API_KEY"

    @property
    def root(self) -> str:
        """Where vLLM has the routes that are not of the protocol."""
        return self.url.rstrip("/").removesuffix("/v1")


def key(server: Server) -> str:
    """What the environment variable holds. InputError, which does not show it, if no HTTP header can carry it."""
    found = os.environ.get(server.key_variable, "").strip()
    if not (found.isascii() and found.isprintable()):
        raise InputError(f"{server.key_variable}: a key is printable ASCII, and this one is not")
    return found or NO_KEY
