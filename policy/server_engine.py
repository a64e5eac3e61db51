"""Sampling from any server that speaks the OpenAI protocol, by the official client.

So many requests are under way at a time; what fails is tried again, and a server that dies may be started again:
nothing is lost, and no sample is of other weights than its policy's. The key comes from the environment alone.
"""

import asyncio
import logging
from collections import deque
from collections.abc import Coroutine, Generator
from concurrent.futures import Future
from pathlib import Path
from queue import SimpleQueue
from threading import Thread
from typing import Any, TypeVar

from transformers import AutoConfig

from curriculum.errors import InputError
from curriculum.records import Problem, Sample
from policy import checkpoint
from policy.engine import Request, Sampling, check_room
from policy.prompts import beginning, request_tokens, text_maker
from policy.server.asking import open_server
from policy.server.calls import Calls
from policy.server.protocol import Answer, chat_text, extensions, question
from policy.server.settings import Server

log = logging.getLogger(__name__)
ENDLESS = 1 << 30
PROBE = Request(Problem("", 0, "1", "", "text"), 0, 0)
T = TypeVar("T")


class ServerEngine:
    """Draws from the checkpoint in `folder`, which the server has or is given.

    InputError if no such server answers, or it cannot be given the checkpoint; BadCheckpoint if that does not load.
    """

    def __init__(self, policy: str, folder: Path, server: Server) -> None:
        self._server = server
        self._calls = Calls(server)
        self._loop = asyncio.new_event_loop()
        self._thread = Thread(target=self._loop.run_forever, name="edgework-server-engine", daemon=True)
        self._thread.start()
        try:
            self._asking = self._do(open_server(server, self._calls))
            self.load(policy, folder)
            self._settle_extensions()
        except BaseException:
            self.close()
            raise

    def load(self, policy: str, folder: Path) -> None:
        checkpoint.check(folder)
        tokenizer = checkpoint.load_tokenizer(folder)
        self._do(self._asking.load(policy, folder))
        self.policy = policy
        self._tokenizer = tokenizer
        self._text_of = text_maker(tokenizer)
        self._stops = checkpoint.stop_tokens(folder, tokenizer)
        self._context = min(_context(folder), self._asking.context or ENDLESS)

    def rest(self) -> None:
        pass  # the memory is the server's

    def close(self) -> None:
        if self._loop.is_closed():
            return
        self._do(_stop(self._calls))
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    def generate(self, requests: deque[Request], sampling: Sampling) -> Generator[Sample]:
        if self._server.api == "chat" and sampling.opening:
            raise InputError(
                f"server.api = 'chat' cannot begin an answer by {sampling.opening!r}: that asks for 'completions'"
            )
        begun = beginning(self._tokenizer, sampling.opening)
        finished: SimpleQueue[Future[Sample]] = SimpleQueue()
        under_way: set[Future[Sample]] = set()
        try:
            while requests or under_way:
                room = min(len(requests), self._server.concurrent - len(under_way))
                for future in self._ask([requests.popleft() for _ in range(room)], sampling, begun):
                    under_way.add(future)
                    future.add_done_callback(finished.put)
                future = finished.get()
                under_way.remove(future)
                yield future.result()
        finally:
            for future in under_way:
                future.cancel()

    def _ask(self, requests: list[Request], sampling: Sampling, begun: str) -> list["Future[Sample]"]:
        prompts = request_tokens(self._tokenizer, requests, sampling)
        rooms = [self._room(prompt, sampling) for prompt in prompts]
        return [
            asyncio.run_coroutine_threadsafe(self._sample(*asked, sampling, begun), self._loop)
            for asked in zip(requests, prompts, rooms, strict=True)
        ]

    def _room(self, prompt: list[int], sampling: Sampling) -> int:
        """Tokens that may be drawn after the prompt."""
        check_room(self._context, len(prompt))
        return min(sampling.max_new_tokens, self._context - len(prompt))

    async def _sample(
        self, request: Request, prompt: list[int], room: int, sampling: Sampling, begun: str
    ) -> Sample:
        body = question(self._server.api, request, prompt, sampling, room)
        answer = await self._asking.answer(body, extensions(self._stops), sampling.logprobs)
        text, tokens = self._text_and_tokens(answer, begun)
        return Sample(
            request.problem.key,
            self.policy,
            request.draw,
            sampling.temperature,
            text,
            tokens,
            answer.finish,
            answer.logprob,
        )

    def _text_and_tokens(self, answer: Answer, begun: str) -> tuple[str, int]:
        """By our own tokenizer where the server gives tokens, the one that stopped it counted: as with every engine.

        Else by the server's words, and its count, which may leave the last token out.
        """
        if answer.token_ids:
            stopped = answer.finish == "stop" and answer.token_ids[-1] in self._stops
            written = answer.token_ids[:-1] if stopped else answer.token_ids
            return begun + self._text_of(written), len(answer.token_ids)
        text = begun + answer.text if self._server.api == "completions" else chat_text(answer, begun)
        if answer.tokens is not None:
            return text, answer.tokens
        written = self._tokenizer(answer.text, add_special_tokens=False)["input_ids"]
        return text, len(written) + (answer.finish == "stop")

    def _settle_extensions(self) -> None:
        sampling = Sampling(temperature=0.0)
        (prompt,) = request_tokens(self._tokenizer, [PROBE], sampling)
        body = question(self._server.api, PROBE, prompt, sampling, room=1)
        if not self._do(self._asking.takes_extensions(body, extensions(self._stops))):
            log.warning(
                "%s: takes no top_k, min_p, repetition_penalty, stop_token_ids: there, what it does by default is done",
                self._server.url,
            )

    def _do(self, work: Coroutine[Any, Any, T]) -> T:
        return asyncio.run_coroutine_threadsafe(work, self._loop).result()


def check(server: Server) -> None:
    """InputError if the server does not answer, does not serve the model, or does not take the key."""

    async def look() -> None:
        calls = Calls(server)
        try:
            await open_server(server, calls)
        finally:
            await calls.close()

    asyncio.run(look())


def _context(folder: Path) -> int:
    """Tokens of prompt and answer together; of an adapter, the server knows."""
    if not (folder / "config.json").exists():
        return ENDLESS
    config = AutoConfig.from_pretrained(folder, local_files_only=True)
    return getattr(config, "max_position_embeddings", None) or ENDLESS


async def _stop(calls: Calls) -> None:
    others = asyncio.all_tasks() - {asyncio.current_task()}
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
    await calls.close()
