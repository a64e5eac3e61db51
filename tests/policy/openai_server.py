"""A small server of the OpenAI protocol on a real checkpoint, in a process of its own, that can fail on purpose.

    with SmallServer("--refuse", "429:3") as server:
        engine = ServerEngine("base", SHIPPED_BASE, Server(server.url))

It answers by the transformers engine in float32, whatever waits together, and has vLLM's routes for new weights.
"""

import argparse
import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from concurrent.futures import Future
from contextlib import asynccontextmanager
from itertools import groupby
from pathlib import Path
from queue import SimpleQueue
from types import TracebackType
from typing import Any, Self

REPOSITORY = Path(__file__).parents[2]
STANDARD = {
    *("model", "prompt", "messages", "max_tokens", "temperature", "top_p", "seed", "n", "logprobs"),
}


class SmallServer:
    """The process. It can be killed and started again, on the same port."""

    def __init__(self, *switches: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.root = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.root}/v1"
        self.switches = switches

    def start(self, *switches: str) -> Self:
        command = [sys.executable, "-m", "tests.policy.openai_server", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, *(switches or self.switches)],
            cwd=REPOSITORY,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        )
        return self

    def await_ready(self, timeout_s: float = 120.0) -> Self:
        give_up = time.monotonic() + timeout_s
        while time.monotonic() < give_up and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.root}/health", timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return self
        raise TimeoutError(f"the small server is ready within {timeout_s} s")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def restart(self, *switches: str) -> None:
        self.kill()
        self.start(*switches).await_ready()

    def __enter__(self) -> Self:
        return self.start().await_ready()

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.kill()


class Worker(threading.Thread):
    """Decodes all that waits, together, and loads weights in between."""

    def __init__(self, folder: Path) -> None:
        import torch

        from policy import checkpoint
        from policy.transformers_engine import TransformersEngine

        checkpoint.compute_dtype = lambda: torch.float32
        super().__init__(daemon=True)
        self.engine = TransformersEngine("served", folder)
        self.waiting: SimpleQueue[tuple[dict[str, Any] | Path, Future[Any]]] = SimpleQueue()

    def put(self, work: dict[str, Any] | Path) -> Future[Any]:
        future: Future[Any] = Future()
        self.waiting.put((work, future))
        return future

    def run(self) -> None:
        while True:
            batch = [self.waiting.get()]
            time.sleep(0.005)
            while not self.waiting.empty():
                batch.append(self.waiting.get())
            for is_load, works in groupby(batch, key=lambda pair: isinstance(pair[0], Path)):
                (self._load if is_load else self._draw)(list(works))

    def _load(self, works: list[Any]) -> None:
        for folder, future in works:
            try:
                future.set_result(self.engine.load("served", folder))
            except Exception as error:
                future.set_exception(error)

    def _draw(self, works: list[Any]) -> None:
        def settings(pair: Any) -> tuple[float, float, int, bool]:
            body = pair[0]
            return body["temperature"], body["top_p"], body["max_tokens"], bool(body.get("logprobs"))

        for how, group in groupby(sorted(works, key=settings), key=settings):
            futures = dict(enumerate(group))
            for sample in self._decode(how, [body for body, _ in futures.values()]):
                futures[sample.draw][1].set_result(sample)

    def _decode(self, how: tuple[float, float, int, bool], bodies: list[Any]) -> Iterator[Any]:
        from curriculum.records import Problem
        from policy.decoding import Prompted
        from policy.engine import Request, Sampling
        from policy.transcripts import transcriber
        from policy.transformers_engine import decode

        waiting = [
            Prompted(Request(Problem("", 0, "", "", ""), i, body["seed"]), body["prompt"])
            for i, body in enumerate(bodies)
        ]
        engine, sampling = self.engine, Sampling(*how[:3], logprobs=how[3])
        transcribe = transcriber("served", engine._tokenizer, engine._stops, sampling)
        return (transcribe(*drawn) for drawn in decode(engine._batch(sampling), waiting))


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--port", type=int, required=True)
    parser.add_argument("--folder", type=Path, default=REPOSITORY / "policy" / "tiny")
    parser.add_argument(
        "--key", default="", help="that must be sent; it is said back to whoever sends another"
    )
    parser.add_argument("--strict", action="store_true", help="refuse fields that are not of the protocol")
    parser.add_argument("--plain", action="store_true", help="none of vLLM's routes")
    parser.add_argument("--models", nargs="*", default=["tiny"])
    parser.add_argument("--refuse", default="0:0", help="STATUS:TIMES, from the second request on")
    parser.add_argument("--retry-after", default="")
    parser.add_argument("--silent", type=int, default=0, help="so many requests are never answered")
    parser.add_argument("--die-after", type=int, default=0, help="answers, once")
    parser.add_argument("--delay", type=float, default=0.0, help="seconds before each answer")
    given = parser.parse_args()

    import uvicorn

    uvicorn.run(app(given), port=given.port, log_level="error", timeout_keep_alive=5)


def app(given: argparse.Namespace) -> Any:
    from fastapi import FastAPI, Request
    from fastapi.responses import JSONResponse

    worker = Worker(given.folder)
    status, refusals = map(int, given.refuse.split(":"))
    counts = {"asked": 0, "refused": 0, "answered": 0}
    version = "default"

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> Any:
        worker.start()
        yield

    api = FastAPI(lifespan=lifespan)

    def said(status: int, message: str) -> JSONResponse:
        headers = {"retry-after": given.retry_after} if given.retry_after else {}
        return JSONResponse({"error": {"message": message}}, status, headers=headers)

    @api.middleware("http")
    async def authorize(request: Request, call: Any) -> Any:
        sent = request.headers.get("authorization", "")
        if given.key and request.url.path != "/health" and sent != f"Bearer {given.key}":
            return said(401, f"{sent} is not {given.key}")
        return await call(request)

    @api.get("/health")
    async def health() -> dict[str, int]:
        return counts

    @api.get("/v1/models")
    async def models() -> dict[str, Any]:
        return {"data": [{"id": name, "object": "model"} for name in given.models]}

    async def draw(body: dict[str, Any], prompt: list[int]) -> Any:
        counts["asked"] += 1
        if body["model"] not in given.models:
            return said(404, f"the model {body['model']} does not exist")
        if given.strict and (unknown := body.keys() - STANDARD):
            return said(400, f"unrecognized: {', '.join(sorted(unknown))}")
        if counts["answered"] and counts["refused"] < refusals:
            counts["refused"] += 1
            return said(status, f"refused with {given.key}")
        if counts["answered"] and counts["asked"] - counts["refused"] - 1 <= given.silent:
            await asyncio.sleep(3600)
        await asyncio.sleep(given.delay)
        sample = await asyncio.wrap_future(worker.put(body | {"prompt": prompt}))
        counts["answered"] += 1
        if given.die_after and counts["answered"] > given.die_after:
            os.kill(os.getpid(), signal.SIGKILL)
        return sample

    def reply(sample: Any, choice: dict[str, Any]) -> Any:
        if not hasattr(sample, "finish"):
            return sample
        usage = {"completion_tokens": sample.tokens}
        return {"choices": [choice | {"finish_reason": sample.finish, "index": 0}], "usage": usage}

    @api.post("/v1/completions")
    async def completions(request: Request) -> Any:
        body = await request.json()
        sample = await draw(body, body["prompt"])
        logprobs = {"token_logprobs": [getattr(sample, "logprob", None)]}
        return reply(sample, {"text": getattr(sample, "text", ""), "logprobs": logprobs})

    @api.post("/v1/chat/completions")
    async def chat(request: Request) -> Any:
        from policy.prompts import prompt_tokens

        body = await request.json()
        (prompt,) = prompt_tokens(worker.engine._tokenizer, [body["messages"][0]["content"]])
        sample = await draw(body, prompt)
        message = {"role": "assistant", "content": getattr(sample, "text", "")}
        logprobs = {"content": [{"logprob": getattr(sample, "logprob", None)}]}
        return reply(sample, {"message": message, "logprobs": logprobs})

    if given.plain:
        return api

    @api.post("/collective_rpc")
    async def collective_rpc(request: Request) -> Any:
        body = await request.json()
        assert body["method"] == "reload_weights"
        await asyncio.wrap_future(worker.put(Path(body["kwargs"]["weights_path"])))
        return {"results": [None]}

    @api.post("/v1/load_lora_adapter")
    async def load_lora_adapter(request: Request) -> Any:
        """The tests' adapters name whole checkpoints, and the server has the last one, whatever it is asked for."""
        body = await request.json()
        adapter = json.loads((Path(body["lora_path"]) / "adapter_config.json").read_text())
        await asyncio.wrap_future(worker.put(Path(adapter["whole"])))
        given.models.append(body["lora_name"])
        return {}

    @api.get("/server_info")
    async def server_info() -> Any:
        return {"vllm_config": {"device_config": {"device": "other"}}}

    @api.post("/reset_prefix_cache")
    async def reset_prefix_cache() -> Any:
        return {"success": True}

    @api.post("/update_weight_version")
    async def update_weight_version(request: Request) -> Any:
        nonlocal version
        version = (await request.json())["new_version"]
        return {"success": True}

    @api.get("/weight_info")
    async def weight_info() -> Any:
        return {"weight_version": version}

    return api


if __name__ == "__main__":
    main()
