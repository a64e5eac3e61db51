"""Sampling with transformers: any causal LM on disk, on a CPU or one GPU.

Requests are bucketed by prompt length, decoded together on a KV cache, and leave the
batch as they finish. Each request draws from a random stream of its own, so what it
gets does not depend on its neighbours (up to the arithmetic's rounding).
"""

from collections import deque
from collections.abc import Generator
from pathlib import Path

import numpy as np
import torch
from transformers import DynamicCache

from curriculum.records import Sample
from policy import checkpoint
from policy.engine import Request, Sampling
from policy.prompts import request_tokens
from policy.token_choice import choose
from policy.transcripts import transcriber

ROWS_PER_BATCH = 192
SHRINK_BELOW = 0.8  # compact the batch once this share of its rows is left


class TransformersEngine:
    """Draws from the checkpoint in `folder`. BadCheckpoint if it does not load."""

    def __init__(self, policy: str, folder: Path, rows_per_batch: int = ROWS_PER_BATCH) -> None:
        self._rows = rows_per_batch
        self.load(policy, folder)

    def load(self, policy: str, folder: Path) -> None:
        self.policy = policy
        self._model, self._tokenizer = checkpoint.load(folder, checkpoint.compute_dtype())
        self._stops = checkpoint.stop_tokens(folder, self._tokenizer)
        self._context = getattr(self._model.config, "max_position_embeddings", None) or 1 << 30

    def rest(self) -> None:
        self.close()

    def close(self) -> None:
        self._model.to("meta")  # which takes no memory
        checkpoint.free_device_memory()

    def generate(self, requests: deque[Request], sampling: Sampling) -> Generator[Sample]:
        while requests:
            unit = requests[0].unit
            taken = [request for request in requests if request.unit == unit]
            others = [request for request in requests if request.unit != unit]
            requests.clear()
            requests.extend(others)
            yield from self._decode_all(taken, sampling)

    def _decode_all(self, waiting: list[Request], sampling: Sampling) -> Generator[Sample]:
        prompts = request_tokens(self._tokenizer, waiting, sampling)
        longest_first = sorted(zip(waiting, prompts, strict=True), key=lambda pair: -len(pair[1]))
        for start in range(0, len(longest_first), self._rows):
            yield from self._decode(longest_first[start : start + self._rows], sampling)

    @torch.inference_mode()
    def _decode(self, bucket: list[tuple[Request, list[int]]], sampling: Sampling) -> Generator[Sample]:
        """Decode one bucket to its end, yielding rows as they finish."""
        transcribe = transcriber(self.policy, self._tokenizer, self._stops, sampling)
        longest = len(bucket[0][1])
        if longest >= self._context:
            raise ValueError(f"prompts must leave room in {self._context} tokens; one has {longest}")
        budgets = [min(sampling.max_new_tokens, self._context - len(prompt)) for _, prompt in bucket]
        budget = max(budgets)
        tokens, mask = self._left_padded([prompt for _, prompt in bucket], longest)
        uniforms = torch.from_numpy(np.stack([_uniforms(r.seed, budget) for r, _ in bucket])).to(
            tokens.device
        )
        written = torch.zeros((len(bucket), budget), dtype=torch.long, device=tokens.device)
        logprobs = torch.zeros(len(bucket), device=tokens.device) if sampling.logprobs else None
        rows = torch.arange(len(bucket), device=tokens.device)  # which request each row of the batch is
        alive = torch.ones(len(bucket), dtype=torch.bool, device=tokens.device)
        stops = torch.tensor(self._stops, device=tokens.device)
        last = torch.tensor(budgets, device=tokens.device) - 1  # the step that fills a row's budget
        positions = mask.cumsum(1).sub(1).clamp_min(0)
        cache = DynamicCache(config=self._model.config)
        for step in range(budget):
            logits = self._model(
                input_ids=tokens,
                attention_mask=mask,
                position_ids=positions,
                past_key_values=cache,
                use_cache=True,
                logits_to_keep=1,
            ).logits[:, -1]
            chosen = choose(logits, uniforms[rows, step], sampling.temperature, sampling.top_p)
            written[rows, step] = chosen
            if logprobs is not None:
                logprobs[rows] += logits.float().log_softmax(-1).gather(1, chosen[:, None]).squeeze(1)
            finished = (torch.isin(chosen, stops) | (last[rows] == step)) & alive
            for row in rows[finished].tolist():
                logprob = None if logprobs is None else float(logprobs[row])
                yield transcribe(bucket[row][0], written[row, : step + 1].tolist(), logprob)
            alive &= ~finished
            left = int(alive.sum())
            if left == 0:
                return
            tokens, positions = chosen[:, None], (positions[:, -1:] + 1).clamp_max(self._context - 1)
            mask = torch.cat([mask, mask.new_ones(len(mask), 1)], dim=1)
            if left <= SHRINK_BELOW * len(alive):
                keep = alive.nonzero().squeeze(1)
                cache.batch_select_indices(keep)
                tokens, positions, mask = tokens[keep], positions[keep], mask[keep]
                rows, alive = rows[keep], alive[keep]

    def _left_padded(self, prompts: list[list[int]], longest: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Token ids and attention mask, both (rows, longest)."""
        pad = self._tokenizer.pad_token_id
        tokens = [[pad] * (longest - len(p)) + p for p in prompts]
        mask = [[0] * (longest - len(p)) + [1] * len(p) for p in prompts]
        where = self._model.device
        return torch.tensor(tokens, device=where), torch.tensor(mask, device=where)


def _uniforms(seed: int, count: int) -> np.ndarray:
    """`count` float32 uniforms in [0, 1) of the request's own stream."""
    return np.random.Generator(np.random.Philox(seed)).random(count, dtype=np.float32)
