"""Sampling with transformers: any causal LM with attention, on a CPU or one GPU.

Each unit of work is decoded in a batch of its own, so the same requests always give the same samples.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path

from curriculum.records import Sample
from policy import checkpoint
from policy.decoding import Batch, Drawn, Prompted
from policy.engine import Request, Sampling
from policy.kv_cache import cache_for, has_attention
from policy.prompts import request_tokens
from policy.transcripts import transcriber

ROWS_PER_BATCH = 336


class TransformersEngine:
    """Draws from the checkpoint in `folder`. BadCheckpoint if it does not load."""

    def __init__(self, policy: str, folder: Path, rows_per_batch: int = ROWS_PER_BATCH) -> None:
        self._rows = rows_per_batch
        self.load(policy, folder)

    def load(self, policy: str, folder: Path) -> None:
        self.policy = policy
        self._model, self._tokenizer = checkpoint.load(folder, checkpoint.compute_dtype())
        if not has_attention(self._model.config):
            raise checkpoint.BadCheckpoint(
                f"{folder}: this engine draws from models with attention; here is none"
            )
        self._new_cache = cache_for(self._model)
        self._stops = checkpoint.stop_tokens(folder, self._tokenizer)
        self._context = getattr(self._model.config, "max_position_embeddings", None) or 1 << 30

    def rest(self) -> None:
        self.close()

    def close(self) -> None:
        self._model.to("meta")  # which takes no memory
        checkpoint.free_device_memory()

    def generate(self, requests: deque[Request], sampling: Sampling) -> Generator[Sample]:
        transcribe = transcriber(self.policy, self._tokenizer, self._stops, sampling)
        while requests:
            unit = requests[0].unit
            batch = self._batch(sampling)
            for request, tokens, logprob in decode(batch, [], partial(self._of, unit, requests, sampling)):
                yield transcribe(request, tokens, logprob)

    def _batch(self, sampling: Sampling) -> Batch:
        pad = self._tokenizer.pad_token_id
        return Batch(
            self._new_cache(), sampling, self._stops, pad, self._context, self._rows, self._model.device
        )

    def _of(self, unit: int, requests: deque[Request], sampling: Sampling) -> list[Prompted]:
        """Take the requests of one unit of work out of the others."""
        taken = [request for request in requests if request.unit == unit]
        if not taken:
            return []
        others = [request for request in requests if request.unit != unit]
        requests.clear()
        requests.extend(others)
        prompts = request_tokens(self._tokenizer, taken, sampling)
        if (longest := max(map(len, prompts))) >= self._context:
            raise ValueError(f"prompts must leave room in {self._context} tokens; one has {longest}")
        return [Prompted(request, prompt) for request, prompt in zip(taken, prompts, strict=True)]


def decode(
    batch: Batch, waiting: list[Prompted], more: Callable[[], list[Prompted]] = list
) -> Iterator[Drawn]:
    """All that waits, longest prompts first, each row as it finishes. `more` is asked for others as rows get free."""
    while True:
        if batch.thinned:
            batch.close_up()
            waiting += more()
            waiting.sort(key=lambda prompted: len(prompted.prompt))
            taken = [waiting.pop() for _ in range(min(batch.room, len(waiting)))]
            if taken:
                yield from batch.admit(taken)
                continue
            if batch.at_work == 0:
                return
        yield from batch.step()
