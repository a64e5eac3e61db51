"""The protocol's routes, and the ways in which they fail on purpose."""

import argparse
import asyncio
import os
import signal
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse

from curriculum.records import Sample
from policy.prompts import prompt_tokens
from tests.policy.openai_server.vllm_routes import add_vllm_routes
from tests.policy.openai_server.worker import Worker

STANDARD = {
    *("model", "prompt", "messages", "max_tokens", "temperature", "top_p", "seed", "n", "logprobs"),
}


class Refused(Exception):
    """What is asked is answered with this status and message."""

    def __init__(self, status: int, message: str) -> None:
        self.status, self.message = status, message


class Answering:
    """Draws what is asked for, and counts; from the second request on it fails as it was told to."""

    def __init__(self, worker: Worker, given: argparse.Namespace) -> None:
        self.worker, self._given = worker, given
        self._status, self._refusals = map(int, given.refuse.split(":"))
        self.counts = {"asked": 0, "refused": 0, "answered": 0}

    async def draw(self, body: dict[str, Any], prompt: list[int]) -> Sample:
        given, counts = self._given, self.counts
        counts["asked"] += 1
        if body["model"] not in given.models:
            raise Refused(404, f"the model {body['model']} does not exist")
        if given.strict and (unknown := body.keys() - STANDARD):
            raise Refused(400, f"unrecognized: {', '.join(sorted(unknown))}")
        if counts["answered"] and counts["refused"] < self._refusals:
            counts["refused"] += 1
            raise Refused(self._status, f"refused with {given.key}")
        if counts["answered"] and counts["asked"] - counts["refused"] - 1 <= given.silent:
            await asyncio.sleep(3600)
        await asyncio.sleep(given.delay)
        sample: Sample = await asyncio.wrap_future(self.worker.put(body | {"prompt": prompt}))
        counts["answered"] += 1
        if given.die_after and counts["answered"] > given.die_after:
            os.kill(os.getpid(), signal.SIGKILL)
        return sample


def app(given: argparse.Namespace) -> FastAPI:
    worker = Worker(given.folder)

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        worker.start()
        yield

    api = FastAPI(lifespan=lifespan)
    _add_refusals(api, given)
    _add_protocol(api, Answering(worker, given), given)
    if not given.plain:
        add_vllm_routes(api, worker, given)
    return api


def _add_refusals(api: FastAPI, given: argparse.Namespace) -> None:
    def said(status: int, message: str) -> JSONResponse:
        headers = {"retry-after": given.retry_after} if given.retry_after else {}
        return JSONResponse({"error": {"message": message}}, status, headers=headers)

    @api.exception_handler(Refused)
    async def refuse(_: Request, refused: Refused) -> JSONResponse:
        return said(refused.status, refused.message)

    @api.middleware("http")
    async def authorize(request: Request, call: Any) -> Any:
        sent = request.headers.get("authorization", "")
        if given.key and request.url.path != "/health" and sent != f"Bearer {given.key}":
            return said(401, f"{sent} is not {given.key}")
        return await call(request)


def _add_protocol(api: FastAPI, answering: Answering, given: argparse.Namespace) -> None:
    @api.get("/health")
    async def health() -> dict[str, int]:
        return answering.counts

    @api.get("/v1/models")
    async def models() -> dict[str, Any]:
        return {"data": [{"id": name, "object": "model"} for name in given.models]}

    @api.post("/v1/completions")
    async def completions(request: Request) -> Any:
        body = await request.json()
        sample = await answering.draw(body, body["prompt"])
        return _reply(sample, {"text": sample.text, "logprobs": {"token_logprobs": [sample.logprob]}})

    @api.post("/v1/chat/completions")
    async def chat(request: Request) -> Any:
        body = await request.json()
        (prompt,) = prompt_tokens(answering.worker.engine._tokenizer, [body["messages"][0]["content"]])
        sample = await answering.draw(body, prompt)
        message = {"role": "assistant", "content": sample.text}
        return _reply(sample, {"message": message, "logprobs": {"content": [{"logprob": sample.logprob}]}})


def _reply(sample: Sample, choice: dict[str, Any]) -> dict[str, Any]:
    usage = {"completion_tokens": sample.tokens}
    return {"choices": [choice | {"finish_reason": sample.finish, "index": 0}], "usage": usage}
