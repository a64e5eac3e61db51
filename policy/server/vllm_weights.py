"""A vLLM server that loads each round's checkpoint from the file system that it shares with us.

By routes that it has only with VLLM_SERVER_DEV_MODE=1.
"""

import asyncio
import secrets
from pathlib import Path
from typing import Any

from transformers import AutoConfig

from curriculum.errors import InputError
from policy.server.calls import Calls, Failed, Refused, field
from policy.server.weights import load_or_blame

HEADS = "policy.vllm_heads.RepackHeads"
CACHE_TRIES = 50
CACHE_WAIT_S = 0.2


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
        await load_or_blame(folder, lambda: self._ask("/collective_rpc", body))

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


def _shares_head(folder: Path) -> bool:
    config = AutoConfig.from_pretrained(folder, local_files_only=True).get_text_config()
    return bool(getattr(config, "tie_word_embeddings", False))
