"""A batch decoded on one KV cache, whose rows leave as they finish, while new ones take their places.

A prompt is read once for all rows that begin with it together. Each row draws from a random stream of its
own, so what it gets does not depend on its neighbours (up to the arithmetic's rounding).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch
from transformers import DynamicCache, PreTrainedModel
from transformers.cache_utils import DynamicLayer

from policy.engine import Request, Sampling
from policy.kv_cache import new_cache, takes_new_rows
from policy.token_choice import choose

THINNED = 0.8  # rows move in, or are closed up, once no more than this share is at work


class Prompted(NamedTuple):
    request: Request
    prompt: Sequence[int]


class Drawn(NamedTuple):
    """The tokens of a finished row, with the one that stopped it, and their log-probability if asked for."""

    request: Request
    tokens: list[int]
    logprob: float | None


class _Rows(NamedTuple):
    """What each row of the batch is at; the first dimension of every tensor is the row."""

    uniforms: torch.Tensor  # (rows, budget), its random stream
    written: torch.Tensor  # (rows, budget), the tokens drawn
    drawn: torch.Tensor  # how many
    last: torch.Tensor  # the place of the token that fills its budget
    logprobs: torch.Tensor
    starts: torch.Tensor  # the column of its prompt's first token
    working: torch.Tensor  # whether it is not finished


class Batch:
    """`size` rows at most, each within `context` tokens from its prompt to its end; `pad` fills short prompts up."""

    def __init__(
        self,
        model: PreTrainedModel,
        sampling: Sampling,
        stops: Sequence[int],
        pad: int,
        context: int,
        size: int,
    ) -> None:
        self._model, self._sampling = model, sampling
        self._stops = torch.tensor(stops, device=model.device)
        self._pad, self._context, self._size = pad, context, size
        self._requests: list[Request] = []  # by row
        self._state: _Rows
        self._cache: DynamicCache
        self.at_work = 0  # rows

    @property
    def thinned(self) -> bool:
        return self.at_work <= THINNED * len(self._requests)

    @property
    def room(self) -> int:
        """How many rows may move in."""
        if self.at_work == 0:
            return self._size
        return len(self._requests) - self.at_work if takes_new_rows(self._cache) else 0

    @torch.inference_mode()
    def admit(self, taken: Sequence[Prompted]) -> Iterator[Drawn]:
        """Read their prompts and draw the first token of each; those that it finishes."""
        prompts = [tuple(prompted.prompt) for prompted in taken]
        place = {prompt: number for number, prompt in enumerate(dict.fromkeys(prompts))}
        which = self._tensor([place[prompt] for prompt in prompts])
        logits, cache = self._read(list(place))
        longest = max(map(len, prompts))
        if self.at_work:
            rows = self._move_in(cache, which, longest)
        else:
            self._requests = [request for request, _ in taken]
            rows = self._begin(cache, which, longest)
        state = self._state
        for row, (request, prompt) in zip(rows.tolist(), taken, strict=True):
            budget = min(self._sampling.max_new_tokens, self._context - len(prompt))
            self._requests[row] = request
            state.uniforms[row, :budget] = torch.from_numpy(_uniforms(request.seed, budget))
            state.last[row] = budget - 1
            state.starts[row] = self._width - len(prompt)
        state.drawn[rows] = 0
        state.logprobs[rows] = 0
        state.working[rows] = True
        self.at_work += len(taken)
        yield from self._draw(rows, logits[which])

    @torch.inference_mode()
    def step(self) -> Iterator[Drawn]:
        """Draw one more token of each row; those that it finishes."""
        state = self._state
        rows = torch.arange(len(state.drawn), device=state.drawn.device)
        # A finished row is carried along, past any end, until another takes its place.
        positions = (self._width - state.starts).clamp_max(self._context - 1)
        before = state.written[rows, state.drawn - 1]
        self._width += 1
        logits = self._forward(before[:, None], state.starts, positions[:, None], self._cache, self._width)
        yield from self._draw(rows, logits)

    @torch.inference_mode()
    def close_up(self) -> None:
        """Let go of the finished rows."""
        kept = self._state.working.nonzero().squeeze(1)
        self._cache.reorder_cache(kept)
        self._requests = [self._requests[row] for row in kept.tolist()]
        self._state = _Rows(*(tensor[kept] for tensor in self._state))
        if takes_new_rows(self._cache):
            self._begin_at(self._width)

    def _read(self, prompts: Sequence[Sequence[int]]) -> tuple[torch.Tensor, DynamicCache]:
        """Logits (prompts, vocabulary) of what follows each, and the keys and values of them all."""
        longest = max(map(len, prompts))
        tokens = self._tensor([[self._pad] * (longest - len(prompt)) + list(prompt) for prompt in prompts])
        starts = self._tensor([longest - len(prompt) for prompt in prompts])
        positions = (torch.arange(longest, device=starts.device) - starts[:, None]).clamp_min(0)
        cache = new_cache(self._model.config)
        logits = self._forward(tokens, starts, positions, cache, longest)
        if not all(layer.is_initialized for layer in cache.layers if isinstance(layer, DynamicLayer)):
            raise ValueError("this engine draws from models that keep keys and values, and here are none")
        return logits, cache

    def _begin(self, cache: DynamicCache, which: torch.Tensor, width: int) -> torch.Tensor:
        """The rows of a new batch, which go on from rows `which` of that cache, so many columns wide."""
        if int(which[-1]) + 1 < len(which):  # some share a prompt
            cache.reorder_cache(which)
        self._cache, self._width = cache, width
        rows = len(which)
        budget = min(self._sampling.max_new_tokens, self._context)
        number = torch.zeros(rows, dtype=torch.long, device=which.device)
        self._state = _Rows(
            uniforms=torch.zeros((rows, budget), device=which.device),
            written=number[:, None].repeat(1, budget),
            drawn=number.clone(),
            last=number.clone(),
            logprobs=torch.zeros(rows, device=which.device),
            starts=number.clone(),
            working=torch.zeros(rows, dtype=torch.bool, device=which.device),
        )
        return torch.arange(rows, device=which.device)

    def _move_in(self, cache: DynamicCache, which: torch.Tensor, width: int) -> torch.Tensor:
        """The finished rows that go on from rows `which` of that cache, whose columns become their last."""
        self._begin_at(self._width - width)
        rows = (~self._state.working).nonzero().squeeze(1)[: len(which)]
        for layer, other in zip(self._cache.layers, cache.layers, strict=True):
            layer.put(rows, other, which)
        return rows

    def _begin_at(self, column: int) -> None:
        """Keep no columns before this one and all starts; make some where there are none."""
        first = min(column, int(self._state.starts[self._state.working].min()))
        for layer in self._cache.layers:
            layer.begin_at(first)
        self._state.starts.sub_(first)
        self._width -= first

    def _forward(
        self,
        tokens: torch.Tensor,
        starts: torch.Tensor,
        positions: torch.Tensor,
        cache: DynamicCache,
        width: int,
    ) -> torch.Tensor:
        """Logits (rows, vocabulary) of what follows the tokens, the last of `width` columns."""
        columns = torch.arange(width, device=tokens.device)
        output = self._model(
            input_ids=tokens,
            attention_mask=columns >= starts[:, None],
            position_ids=positions,
            past_key_values=cache,
            use_cache=True,
            logits_to_keep=1,
        )
        logits: torch.Tensor = output.logits[:, -1]
        return logits

    def _draw(self, rows: torch.Tensor, logits: torch.Tensor) -> Iterator[Drawn]:
        """Draw a token of each of these rows; those that it finishes."""
        state = self._state
        places = state.drawn[rows]
        chosen = choose(
            logits, state.uniforms[rows, places], self._sampling.temperature, self._sampling.top_p
        )
        state.written[rows, places] = chosen
        if self._sampling.logprobs:
            state.logprobs[rows] += logits.float().log_softmax(-1).gather(1, chosen[:, None]).squeeze(1)
        finished = state.working[rows] & (torch.isin(chosen, self._stops) | (places == state.last[rows]))
        state.working[rows] &= ~finished
        state.drawn[rows] = (places + 1).clamp_max(state.written.shape[1] - 1)
        which = finished.nonzero().squeeze(1)
        self.at_work -= len(which)
        for row, count in zip(rows[which].tolist(), (places[which] + 1).tolist(), strict=True):
            logprob = float(state.logprobs[row]) if self._sampling.logprobs else None
            yield Drawn(self._requests[row], state.written[row, :count].tolist(), logprob)

    def _tensor(self, numbers: Sequence[object]) -> torch.Tensor:
        return torch.tensor(numbers, device=self._model.device)


def _uniforms(seed: int, count: int) -> np.ndarray:
    """`count` float32 uniforms in [0, 1) of the request's own stream."""
    return np.random.Generator(np.random.Philox(seed)).random(count, dtype=np.float32)
