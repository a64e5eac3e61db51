"""The keys and values of a batch whose rows come and go.

The model reads one token of all rows at once, whenever they came in; only attention goes cohort by cohort. That takes
layers that all attend to all columns, through transformers' interface for attention. With others, the rows of a batch
begin together, in transformers' own cache.
"""

from abc import ABC, abstractmethod
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial

import torch
from transformers import DynamicCache, PreTrainedConfig, PreTrainedModel
from transformers.cache_utils import DynamicLayer

from policy.cohorts import BY_COHORT, Cohort


class BatchCache(ABC):
    """The keys and values of a batch, whose rows are in the order in which they came in."""

    takes_more: bool  # while rows are at work

    @abstractmethod
    def read(self, tokens: torch.Tensor, starts: torch.Tensor, which: torch.Tensor) -> torch.Tensor:
        """Read prompts (prompts, columns), from column `starts` on each; rows that go on from prompts `which` come in.

        Returns the logits (prompts, vocabulary) of what follows.
        """

    @abstractmethod
    def step(self, tokens: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        """Read one more token (rows,) of each row, at its position; the logits (rows, vocabulary) of what follows."""

    @abstractmethod
    def thin(self, working: torch.Tensor) -> torch.Tensor:
        """Let go of rows that do not work any more; which rows (kept,) stay."""


class CohortCache(BatchCache):
    """Ours, in which rows come in beside others as a cohort of their own."""

    takes_more = True

    def __init__(self, model: PreTrainedModel) -> None:
        self._model, self._cohorts = model, list[Cohort]()

    def read(self, tokens: torch.Tensor, starts: torch.Tensor, which: torch.Tensor) -> torch.Tensor:
        cohort = Cohort(starts)
        logits = self._forward(tokens, _positions(tokens, starts), [cohort])
        if len(which) > len(starts):  # some share a prompt
            cohort.select(which)
        self._cohorts.append(cohort)
        return logits

    def step(self, tokens: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        return self._forward(tokens[:, None], positions[:, None], self._cohorts)

    def thin(self, working: torch.Tensor) -> torch.Tensor:
        first = 0
        for cohort in self._cohorts:
            rows = working[first : first + len(cohort)]
            first += len(rows)
            if not rows.all():
                cohort.select(rows.nonzero().squeeze(1))
        self._cohorts = [cohort for cohort in self._cohorts if len(cohort)]
        return working.nonzero().squeeze(1)

    def _forward(
        self, tokens: torch.Tensor, positions: torch.Tensor, cohorts: Sequence[Cohort]
    ) -> torch.Tensor:
        for cohort in cohorts:
            cohort.widen(tokens.shape[1], self._model.dtype)
        output = self._model(
            input_ids=tokens, position_ids=positions, use_cache=False, logits_to_keep=1, cohorts=cohorts
        )
        logits: torch.Tensor = output.logits[:, -1]
        return logits


class PlainCache(BatchCache):
    """Transformers' own, whose layers may keep a window, or a running state of all that they have read."""

    takes_more = False

    def __init__(self, model: PreTrainedModel) -> None:
        self._model = model

    def read(self, tokens: torch.Tensor, starts: torch.Tensor, which: torch.Tensor) -> torch.Tensor:
        self._cache, self._starts, self._width = DynamicCache(config=self._model.config), starts, 0
        logits = self._forward(tokens, _positions(tokens, starts))
        if not all(layer.is_initialized for layer in self._cache.layers if isinstance(layer, DynamicLayer)):
            raise ValueError("this engine draws from models that keep keys and values, and here are none")
        if len(which) > len(starts):  # some share a prompt
            self._select(which)
        return logits

    def step(self, tokens: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        return self._forward(tokens[:, None], positions[:, None])

    def thin(self, working: torch.Tensor) -> torch.Tensor:
        kept = working.nonzero().squeeze(1)
        self._select(kept)
        return kept

    def _select(self, rows: torch.Tensor) -> None:
        self._cache.reorder_cache(rows)
        self._starts = self._starts[rows]

    def _forward(self, tokens: torch.Tensor, positions: torch.Tensor) -> torch.Tensor:
        self._width += tokens.shape[1]
        columns = torch.arange(self._width, device=tokens.device)
        output = self._model(
            input_ids=tokens,
            attention_mask=columns >= self._starts[:, None],
            position_ids=positions,
            past_key_values=self._cache,
            use_cache=True,
            logits_to_keep=1,
        )
        logits: torch.Tensor = output.logits[:, -1]
        return logits


@torch.inference_mode()
def cache_for(model: PreTrainedModel) -> Callable[[], BatchCache]:
    """What makes the cache of a new batch: by cohorts where that is possible, which one forward pass shows."""
    layers = DynamicCache(config=model.config).layers
    if all(type(layer) is DynamicLayer for layer in layers) and model.config._attn_implementation == "sdpa":
        model.set_attn_implementation(BY_COHORT)
        cohort = Cohort(torch.zeros(1, dtype=torch.long, device=model.device))
        with suppress(TypeError):  # of a model that takes no such argument
            CohortCache(model)._forward(cohort.starts[:, None], cohort.starts[:, None], [cohort])
        if cohort.layers == len(layers):
            return partial(CohortCache, model)
        model.set_attn_implementation("sdpa")
    return partial(PlainCache, model)


def has_attention(config: PreTrainedConfig) -> bool:
    """Whether any layer keeps keys and values."""
    return any(isinstance(layer, DynamicLayer) for layer in DynamicCache(config=config).layers)


def _positions(tokens: torch.Tensor, starts: torch.Tensor) -> torch.Tensor:
    """Of prompts (prompts, columns) that begin at column `starts` each; padding has the first."""
    return (torch.arange(tokens.shape[1], device=starts.device) - starts[:, None]).clamp_min(0)
