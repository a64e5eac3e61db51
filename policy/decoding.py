"""A batch whose rows leave as they finish, while new ones come in.

A prompt is read once for all rows that begin with it together. Each row draws from a random stream of its
own, so what it gets does not depend on its neighbours (up to the arithmetic's rounding).
"""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np
import torch

from policy.engine import Request, Sampling
from policy.kv_cache import BatchCache
from policy.token_choice import choose

THINNED = 0.8  # finished rows are let go, and others come in, once no more than this share is at work


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
    positions: torch.Tensor  # of the next token that the model reads
    logprobs: torch.Tensor
    working: torch.Tensor  # whether it is not finished


class Batch:
    """`size` rows at most, each within `context` tokens from its prompt to its end; `pad` fills short prompts up."""

    def __init__(
        self,
        cache: BatchCache,
        sampling: Sampling,
        stops: Sequence[int],
        pad: int,
        context: int,
        size: int,
        device: torch.device,
    ) -> None:
        self._cache, self._sampling = cache, sampling
        self._stops = torch.tensor(stops, device=device)
        self._pad, self._context, self._size, self._device = pad, context, size, device
        self._requests: list[Request] = []  # by row
        self._state: _Rows | None = None
        self.at_work = 0  # rows

    @property
    def thinned(self) -> bool:
        return self.at_work <= THINNED * len(self._requests)

    @property
    def room(self) -> int:
        """How many rows may come in."""
        return self._size - len(self._requests) if self._cache.takes_more or not self._requests else 0

    @torch.inference_mode()
    def admit(self, taken: Sequence[Prompted]) -> Iterator[Drawn]:
        """Read their prompts and draw the first token of each; those that it finishes."""
        prompts = [tuple(prompted.prompt) for prompted in taken]
        place = {prompt: number for number, prompt in enumerate(dict.fromkeys(prompts))}
        longest = max(map(len, place))
        tokens = self._tensor([[self._pad] * (longest - len(prompt)) + list(prompt) for prompt in place])
        starts = self._tensor([longest - len(prompt) for prompt in place])
        which = self._tensor([place[prompt] for prompt in prompts])
        logits = self._cache.read(tokens, starts, which)
        new = self._begun(taken)
        rows = torch.arange(len(taken), device=self._device) + len(self._requests)
        self._state = (
            new if self._state is None else _Rows(*map(torch.cat, zip(self._state, new, strict=True)))
        )
        self._requests += [request for request, _ in taken]
        self.at_work += len(taken)
        yield from self._draw(rows, logits[which])

    @torch.inference_mode()
    def step(self) -> Iterator[Drawn]:
        """Draw one more token of each row; those that it finishes."""
        state = self._rows
        rows = torch.arange(len(state.drawn), device=self._device)
        before = state.written[rows, state.drawn - 1]
        logits = self._cache.step(before, state.positions)
        # A finished row is carried along, past any end, until it is let go.
        state.positions.add_(1).clamp_(max=self._context - 1)
        yield from self._draw(rows, logits)

    @torch.inference_mode()
    def close_up(self) -> None:
        """Let go of finished rows."""
        if not self._requests:
            return
        kept = self._cache.thin(self._rows.working)
        self._requests = [self._requests[row] for row in kept.tolist()]
        self._state = _Rows(*(tensor[kept] for tensor in self._rows))

    def _begun(self, taken: Sequence[Prompted]) -> _Rows:
        """Rows that have drawn nothing."""
        budgets = [min(self._sampling.max_new_tokens, self._context - len(prompt)) for _, prompt in taken]
        shape = len(taken), min(self._sampling.max_new_tokens, self._context)
        uniforms = np.zeros(shape, dtype=np.float32)
        for row, ((request, _), budget) in enumerate(zip(taken, budgets, strict=True)):
            uniforms[row, :budget] = _uniforms(request.seed, budget)
        return _Rows(
            uniforms=torch.from_numpy(uniforms).to(self._device),
            written=torch.zeros(shape, dtype=torch.long, device=self._device),
            drawn=torch.zeros(shape[0], dtype=torch.long, device=self._device),
            last=self._tensor(budgets) - 1,
            positions=self._tensor([len(prompt) for _, prompt in taken]),
            logprobs=torch.zeros(shape[0], device=self._device),
            working=torch.ones(shape[0], dtype=torch.bool, device=self._device),
        )

    @property
    def _rows(self) -> _Rows:
        assert self._state is not None
        return self._state

    def _draw(self, rows: torch.Tensor, logits: torch.Tensor) -> Iterator[Drawn]:
        """Draw a token of each of these rows; those that it finishes."""
        state = self._rows
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
        return torch.tensor(numbers, device=self._device)


def _uniforms(seed: int, count: int) -> np.ndarray:
    """`count` float32 uniforms in [0, 1) of the request's own stream."""
    return np.random.Generator(np.random.Philox(seed)).random(count, dtype=np.float32)
