"""What the small server answers with: the transformers engine in float32, in a thread of its own."""

import threading
import time
from collections.abc import Iterator
from concurrent.futures import Future
from itertools import groupby
from pathlib import Path
from queue import SimpleQueue
from typing import Any

import torch

from curriculum.records import Problem
from policy import checkpoint
from policy.decoding import Prompted
from policy.engine import Request, Sampling
from policy.transcripts import transcriber
from policy.transformers_engine import TransformersEngine, decode


class Worker(threading.Thread):
    """Decodes all that waits, together, and loads weights in between."""

    def __init__(self, folder: Path) -> None:
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
        waiting = [
            Prompted(Request(Problem("", 0, "", "", ""), i, body["seed"]), body["prompt"])
            for i, body in enumerate(bodies)
        ]
        engine, sampling = self.engine, Sampling(*how[:3], logprobs=how[3])
        transcribe = transcriber("served", engine._tokenizer, engine._stops, sampling)
        return (transcribe(*drawn) for drawn in decode(engine._batch(sampling), waiting))
