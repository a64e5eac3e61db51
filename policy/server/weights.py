"""Three ways for a server to have the weights of the policy that is sampled.

`vllm`: the server loads each checkpoint from the file system that it shares with us, by vLLM's development routes.
`lora`: the server loads each adapter under a name of its own. `fixed`: the server keeps what it has.
"""

import asyncio
import secrets
from pathlib import Path
from typing import Any, Protocol

from transformers import AutoConfig

from curriculum.errors import InputError
from policy.checkpoint import BadCheckpoint
from policy.server.calls import Calls, Failed, Refused, field

HEADS = "policy.vllm_heads.RepackHeads"
ADAPTER = "adapter_config.json"
RELOADS = 3  # tries of a load that the server fails at, before the checkpoint is blamed
CACHE_TRIES = 50
CACHE_WAIT_S = 0.2


class Weights(Protocol):
    """What the server answers with. Its methods raise what `Calls` raises, and try nothing again."""

    model: str  # to ask for
    unsigned: bool  # an answer does not show which weights gave it

    async def put(self, policy: str, folder: Path) -> None:
        """Have the server answer with these. InputError if it cannot, BadCheckpoint if it cannot load them."""
        ...

    async def there(self) -> bool:
        """Whether the server still has what was put last."""
        ...


class VllmWeights:
    """Loaded by `reload_weights`, and known by a version that only the process which loaded them reports.

    A server that was started again has the weights of its command line under the name of the same model. Its
    version is another, and so is that of a server which someone else gave other weights.
    """

    unsigned = True

    def __init__(self, calls: Calls, model: str) -> None:
        self.model = model
        self._calls = calls
        self._version = ""

    async def put(self, policy: str, folder: Path) -> None:
        self._version = ""
        version = f"{policy}/{secrets.token_hex(8)}"
        # The version first: if it is still there afterwards, the process that has it is the one that loaded.
        await self._ask("/update_weight_version", {"new_version": version})
        await self._reload(folder.resolve())
        if _shares_head(folder):
            await self._renew_head()
        await self._forget_prefixes()
        self._version = version
        if not await self.there():
            self._version = ""
            raise Failed("the server was replaced while it loaded", doubt=True)

    async def there(self) -> bool:
        version = field(await self._ask("/weight_info"), "weight_version")
        return bool(self._version) and version == self._version

    async def _reload(self, folder: Path) -> None:
        body: dict[str, object] = {"method": "reload_weights", "kwargs": {"weights_path": str(folder)}}
        for left in reversed(range(RELOADS)):
            try:
                await self._ask("/collective_rpc", body)
                return
            except Failed as failed:
                if failed.status != 500:
                    raise
                if not left:
                    raise BadCheckpoint(
                        f"{folder}: the server could not load it: {failed}; it must see the same folder, with a"
                        " checkpoint of the architecture that it was started with"
                    ) from None

    async def _renew_head(self) -> None:
        """On a CPU a reload leaves a shared output head as it was: see `policy/vllm_heads.py`."""
        config = field(await self._ask("/server_info?config_format=json"), "vllm_config")
        if field(config, "device_config", "device") != "cpu":
            return
        if field(config, "parallel_config", "worker_extension_cls") != HEADS:
            raise InputError(
                f"{self._calls.server.url}: vLLM on a CPU takes weights whose output head is the embedding only if"
                f" started with --worker-extension-cls {HEADS}"
            )
        await self._ask("/collective_rpc", {"method": "repack_heads"})

    async def _forget_prefixes(self) -> None:
        """What is cached of prompts is of the old weights. Refused while some of it is in use."""
        for _ in range(CACHE_TRIES):
            if field(await self._ask("/reset_prefix_cache?reset_running_requests=true", {}), "success"):
                return
            await asyncio.sleep(CACHE_WAIT_S)
        raise Failed("the server does not let go of its prefix cache", doubt=True)

    async def _ask(self, route: str, body: dict[str, object] | None = None) -> Any:
        url = self._calls.server.root + route
        try:
            return await (self._calls.get(url) if body is None else self._calls.post(url, body))
        except Refused as refused:
            raise InputError(
                f"{refused}; server.weights = 'vllm' asks for vLLM 0.32 or newer, started with VLLM_SERVER_DEV_MODE=1"
            ) from None


class LoraWeights:
    """Adapters on the served model, each asked for by the name of its policy: a server that lost it says so."""

    unsigned = False

    def __init__(self, calls: Calls, model: str) -> None:
        self.model = model
        self._calls = calls
        self._served = model
        self._base: str | None = None

    async def put(self, policy: str, folder: Path) -> None:
        if (folder / ADAPTER).exists():
            body = {"lora_name": policy, "lora_path": str(folder.resolve()), "load_inplace": True}
            try:
                await self._calls.post("/load_lora_adapter", body)
            except Refused as refused:
                raise InputError(
                    f"{refused}; server.weights = 'lora' asks for vLLM with --enable-lora and"
                    " VLLM_ALLOW_RUNTIME_LORA_UPDATING=1, which sees the same folder"
                ) from None
            self.model = policy
            return
        self._base = self._base or policy
        if policy != self._base:
            raise InputError(
                f"{folder}: with server.weights = 'lora' every policy but {self._base} is a folder with {ADAPTER}"
            )
        self.model = self._served

    async def there(self) -> bool:
        return self.model in served(await models(self._calls))


class FixedWeights:
    """Whatever the server has; that it is the policy is taken on trust."""

    unsigned = False

    def __init__(self, calls: Calls, model: str) -> None:
        self.model = model
        self._calls = calls
        self._policy: str | None = None

    async def put(self, policy: str, folder: Path) -> None:
        self._policy = self._policy or policy
        if policy != self._policy:
            raise InputError(
                f"with server.weights = 'fixed' a server answers for one policy, {self._policy}, and not for {policy};"
                " server.weights = 'vllm' or 'lora' gives it each round's"
            )
        if not await self.there():
            raise InputError(f"{self._calls.server.url}: {self.model} is served no more")

    async def there(self) -> bool:
        return self.model in served(await models(self._calls))


WAYS: dict[str, type[VllmWeights] | type[LoraWeights] | type[FixedWeights]] = {
    "vllm": VllmWeights,
    "lora": LoraWeights,
    "fixed": FixedWeights,
}


def _shares_head(folder: Path) -> bool:
    config = AutoConfig.from_pretrained(folder, local_files_only=True).get_text_config()
    return bool(getattr(config, "tie_word_embeddings", False))


async def models(calls: Calls) -> list[dict[str, Any]]:
    """The cards of what is served, adapters included. Failed if the answer is no such list."""
    cards = field(await calls.get("/models"), "data")
    if not isinstance(cards, list) or not all(isinstance(card, dict) and "id" in card for card in cards):
        raise Failed("the answer of GET /models is no list of models", doubt=True)
    return cards


def served(cards: list[dict[str, Any]]) -> list[str]:
    return [card["id"] for card in cards]
