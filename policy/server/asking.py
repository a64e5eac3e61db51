"""Asking until there is an answer that counts: tried again after failures, and again if the weights were lost."""

from pathlib import Path

from curriculum.errors import InputError, WorkFailed
from policy.server.calls import Calls, Failed, Refused
from policy.server.patience import Patience
from policy.server.protocol import PATHS, Answer, Body, read
from policy.server.settings import Server, WeightsName
from policy.server.vllm_weights import VllmWeights
from policy.server.watch import Watch
from policy.server.weights import FixedWeights, LoraWeights, models, served

WEIGHTS: dict[WeightsName, type[VllmWeights] | type[LoraWeights] | type[FixedWeights]] = {
    "vllm": VllmWeights,
    "lora": LoraWeights,
    "fixed": FixedWeights,
}
TRIES = 8  # of one request that fails while others are answered


class Asking:
    """One server, opened. InputError if none answers or the model is not served. For one event loop."""

    def __init__(self, server: Server, calls: Calls, model: str, context: int | None) -> None:
        self.context = context  # in tokens, if the server says
        self._api = server.api
        self._calls = calls
        self._patience = Patience(server.url, server.patience_s)
        self._watch = Watch(WEIGHTS[server.weights](calls, model), server.url, server.patience_s)
        self._extended = True

    async def load(self, policy: str, folder: Path) -> None:
        await self._watch.load(policy, folder)

    async def takes_extensions(self, body: Body, extensions: Body) -> bool:
        """Whether the server takes what goes beyond the protocol; if not, it is no more sent. Draws a token or two."""
        try:
            return bool(
                (await self.answer(body, extensions, False)).token_ids
            )  # else it passed over what it does not know
        except Refused as refused:
            if refused.status not in (400, 422):
                raise
            self._extended = False
            await self.answer(body, extensions, False)
            return False

    async def answer(self, body: Body, extensions: Body, logprobs: bool) -> Answer:
        """One answer, from the weights that are wanted. WorkFailed when patience is at its end."""
        tries, own_failures = 0, 0
        while True:
            epoch = await self._watch.in_place()
            others = self._patience.successes
            asked = {"model": self._watch.weights.model} | body | (extensions if self._extended else {})
            try:
                found = read(self._api, await self._calls.post(PATHS[self._api], asked), logprobs)
            except Refused as refused:
                if refused.status == 404:  # an adapter is lost with the server that had it
                    self._watch.doubt()
                    if not await self._watch.unchanged_since(epoch):
                        continue
                raise
            except Failed as failed:
                if failed.doubt:
                    self._watch.doubt()
                    own_failures += self._patience.successes > others
                if own_failures == TRIES:
                    raise WorkFailed(
                        f"a request failed {TRIES} times while others were answered: {failed}"
                    ) from None
                await self._patience.wait(failed, tries)
                tries += 1
                continue
            self._patience.worked()
            if await self._watch.unchanged_since(epoch):
                return found


async def open_server(server: Server, calls: Calls) -> Asking:
    """The server with `server.model`, or with the one model that it serves."""
    try:
        cards = await models(calls)
    except Failed as failed:
        raise InputError(
            f"{server.url}: no server of the OpenAI protocol answers here: {failed}; start one, or set server.url"
        ) from None
    names = served(cards)
    bases = [card for card in cards if not card.get("parent")]  # an adapter's is the model below it
    found = [card for card in cards if card["id"] == server.model] if server.model else bases
    if len(found) != 1:
        rule = f"server.model is {server.model}" if server.model else "server.model must name one of them"
        raise InputError(f"{server.url}: serves {', '.join(names) or 'no model'}; {rule}")
    return Asking(server, calls, found[0]["id"], found[0].get("max_model_len"))
