"""Rows of a batch that began together: their keys and values, and attention that goes cohort by cohort.

A cohort has columns of its own, padded on the left to the longest of its prompts, and as many as its rows have read. In
columns that all rows of a batch share, more than half would hold nothing: rows begin at different times.
"""

from collections.abc import Sequence
from typing import Any

import torch
from transformers import AttentionInterface, AttentionMaskInterface
from transformers.integrations.sdpa_attention import sdpa_attention_forward
from transformers.masking_utils import sdpa_mask

BLOCK = 32  # columns by which the room grows
BY_COHORT = "by_cohort"  # the name under which models know this attention


class Columns:
    """States, (rows, heads, columns, size), with room on their right.

    They are kept as (rows, columns, heads, size), as layers write them: a new column is one piece of memory a row.
    """

    def __init__(self, states: torch.Tensor) -> None:
        self._all, self._width = states.transpose(1, 2).contiguous(), states.shape[2]

    @property
    def used(self) -> torch.Tensor:
        return self._all[:, : self._width].transpose(1, 2)

    @property
    def nbytes(self) -> int:
        return self._all.nbytes

    def append(self, states: torch.Tensor) -> torch.Tensor:
        """All columns, these the last. What is there already is copied once in BLOCK columns, and not for each."""
        width = self._width + states.shape[2]
        if width > self._all.shape[1]:
            rows, heads, _, size = states.shape
            grown = states.new_empty(rows, width + BLOCK, heads, size)
            grown[:, : self._width] = self._all[:, : self._width]
            self._all = grown
        self._all[:, self._width : width] = states.transpose(1, 2)
        self._width = width
        return self.used

    def select(self, rows: torch.Tensor) -> None:
        self._all = self._all[rows]


class Cohort:
    """Rows whose prompts begin at column `starts` each, (rows,)."""

    def __init__(self, starts: torch.Tensor) -> None:
        self.starts, self.width = starts, 0
        self.mask = torch.zeros(0)  # (rows, 1, tokens, columns), what attention adds to the tokens' scores
        self._layers: dict[int, tuple[Columns, Columns]] = {}

    def __len__(self) -> int:
        return len(self.starts)

    @property
    def layers(self) -> int:
        """How many have written."""
        return len(self._layers)

    @property
    def nbytes(self) -> int:
        """Of memory that its keys and values take, unused room included."""
        return sum(columns.nbytes for both in self._layers.values() for columns in both)

    def widen(self, columns: int, dtype: torch.dtype) -> None:
        """So many tokens of each row are about to be read; one mask serves all layers, as the kernels add it."""
        self.width += columns
        which = torch.arange(self.width, device=self.starts.device)
        seen = (which >= self.starts[:, None])[:, None]
        if columns > 1:  # padding sees itself, so that there is something to see
            queries = which[self.width - columns :, None]
            seen = (seen & (which <= queries)) | (which == queries)
        self.mask = torch.zeros((), dtype=dtype, device=which.device).where(seen, -torch.inf)[:, None]

    def extend(
        self, layer: int, keys: torch.Tensor, values: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """All keys and values of a layer, these the last."""
        if layer not in self._layers:
            self._layers[layer] = Columns(keys), Columns(values)
            return keys, values
        of_keys, of_values = self._layers[layer]
        return of_keys.append(keys), of_values.append(values)

    def select(self, rows: torch.Tensor) -> None:
        """Leave these rows, in this order; one may be named several times."""
        self.starts = self.starts[rows]
        for both in self._layers.values():
            for columns in both:
                columns.select(rows)


def attend(
    module: Any,
    query: torch.Tensor,
    key: torch.Tensor,
    value: torch.Tensor,
    attention_mask: torch.Tensor | None,
    cohorts: Sequence[Cohort] | None = None,
    **how: Any,
) -> tuple[torch.Tensor, None]:
    """Of each row, with all keys and values of its cohort; without cohorts as transformers' own "sdpa"."""
    if cohorts is None:
        return sdpa_attention_forward(module, query, key, value, attention_mask, **how)  # type: ignore[no-any-return]
    outputs, first = [], 0
    for cohort in cohorts:
        rows = slice(first, first := first + len(cohort))
        keys, values = cohort.extend(module.layer_idx, key[rows], value[rows])
        mask = cohort.mask.to(query.dtype)
        outputs.append(sdpa_attention_forward(module, query[rows], keys, values, mask, **how)[0])
    return torch.cat(outputs), None


AttentionInterface.register(BY_COHORT, attend)
AttentionMaskInterface.register(BY_COHORT, sdpa_mask)
