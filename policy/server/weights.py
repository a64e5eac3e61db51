"""How a server comes to have the weights of the policy that is sampled, and how one knows that it still has them.

`lora`: the server loads each adapter under a name of its own. `fixed`: the server keeps what it has. The third way,
`vllm`, is in `vllm_weights`.
"""

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, Protocol

from curriculum.errors import InputError
from policy.checkpoint import BadCheckpoint
from policy.server.calls import Calls, Failed, Refused, field

ADAPTER = "adapter_config.json"
LOADS = 3


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
                await load_or_blame(folder, lambda: self._calls.post("/load_lora_adapter", body))
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


async def load_or_blame(folder: Path, load: Callable[[], Awaitable[object]]) -> None:
    """Have a server load it. BadCheckpoint once it has failed at it often enough for the checkpoint to be blamed."""
    for left in reversed(range(LOADS)):
        try:
            await load()
            return
        except Failed as failed:
            if failed.status != 500:
                raise
            if not left:
                raise BadCheckpoint(
                    f"{folder}: the server could not load it: {failed}; it must see the same folder, with a"
                    " checkpoint of the architecture that it was started with"
                ) from None


async def models(calls: Calls) -> list[dict[str, Any]]:
    """The cards of what is served, adapters included. Failed if the answer is no such list."""
    cards = field(await calls.get("/models"), "data")
    if not isinstance(cards, list) or not all(isinstance(card, dict) and "id" in card for card in cards):
        raise Failed("the answer of GET /models is no list of models", doubt=True)
    return cards


def served(cards: list[dict[str, Any]]) -> list[str]:
    return [card["id"] for card in cards]
