"""Sampling with transformers: any causal LM with attention, on a CPU or one GPU.

Each unit of work is decoded in a batch of its own, so the same requests always give the same samples.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterator
from functools import partial
from pathlib import Path

from transformers import PreTrainedModel

from curriculum.records import Sample
from policy import checkpoint
from policy.decoding import Batch, Drawn, Prompted
from policy.engine import Request, Sampling, check_room
from policy.kv_cache import cache_for, has_attention
from policy.memory import ran_out, sampling_ran_out
from policy.prompts import request_tokens
from policy.transcripts import transcriber

CONCURRENT = 336


class TransformersEngine:
    """Draws from the checkpoint in `folder`, so many samples at a time. BadCheckpoint if it does not load."""

    def __init__(self, policy: str, folder: Path, concurrent: int = CONCURRENT) -> None:
        self._concurrent = concurrent
        self._model: PreTrainedModel | None = None
        self.load(policy, folder)

    def load(self, policy: str, folder: Path) -> None:
        checkpoint.check(folder)
        self.close()  # or two models would be in memory at once
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
        if self._model is not None:
            self._model.to("meta")  # which takes no memory
            checkpoint.free_device_memory()

    def generate(self, requests: deque[Request], sampling: Sampling) -> Generator[Sample]:
        transcribe = transcriber(self.policy, self._tokenizer, self._stops, sampling)
        while requests:
            unit = requests[0].unit
            batch = self._batch(sampling)
            try:
                for request, tokens, logprob in decode(
                    batch, [], partial(self._of, unit, requests, sampling)
                ):
                    yield transcribe(request, tokens, logprob)
            except (RuntimeError, MemoryError) as error:
                if ran_out(error):
                    raise sampling_ran_out(str(error), self._concurrent) from error
                raise

    def _batch(self, sampling: Sampling) -> Batch:
        assert self._model is not None
        pad, device = self._tokenizer.pad_token_id, self._model.device
        return Batch(self._new_cache(), sampling, self._stops, pad, self._context, self._concurrent, device)

    def _of(self, unit: int, requests: deque[Request], sampling: Sampling) -> list[Prompted]:
        """Take the requests of one unit of work out of the others."""
        taken = [request for request in requests if request.unit == unit]
        if not taken:
            return []
        others = [request for request in requests if request.unit != unit]
        requests.clear()
        requests.extend(others)
        prompts = request_tokens(self._tokenizer, taken, sampling)
        check_room(self._context, max(map(len, prompts)))
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
