"""The keys and values of a batch whose rows come and go.

All rows write to the same column, each from a start of its own, so a new row moves in behind the others with its
prompt's end where theirs are. What is there already is copied once in BLOCK columns, and not for each as by
transformers' own cache.
"""

import torch
from transformers import DynamicCache, PreTrainedConfig
from transformers.cache_utils import DynamicLayer

BLOCK = 64  # columns by which the room grows


class ColumnLayer(DynamicLayer):  # type: ignore[misc]
    """One layer: keys and values, (rows, heads, columns, width of a head)."""

    def lazy_initialization(self, key_states: torch.Tensor, value_states: torch.Tensor) -> None:
        super().lazy_initialization(key_states, value_states)
        self._both = _Columns(key_states[:, :, :0]), _Columns(value_states[:, :, :0])

    def update(
        self, key_states: torch.Tensor, value_states: torch.Tensor, *_: object, **__: object
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """Append columns; all that are in use."""
        if not self.is_initialized:
            self.lazy_initialization(key_states, value_states)
        for columns, states in zip(self._both, (key_states, value_states), strict=True):
            columns.append(states)
        return self._show()

    def reorder_cache(self, rows: torch.Tensor) -> None:
        """Leave these rows, in this order; one may be named several times."""
        for columns in self._both:
            columns.select(rows)
        self._show()

    def put(self, rows: torch.Tensor, other: "ColumnLayer", which: torch.Tensor) -> None:
        """Let `rows` go on from rows `which` of another cache, which has no more columns than this one."""
        for columns, theirs in zip(self._both, other._both, strict=True):
            columns.used[rows, :, -theirs.used.shape[2] :] = theirs.used[which]

    def begin_at(self, first: int) -> None:
        """Forget the columns before `first`; if that is negative, have so many more, of no meaning, on the left."""
        for columns in self._both:
            columns.begin_at(first)
        self._show()

    def _show(self) -> tuple[torch.Tensor, torch.Tensor]:
        self.keys, self.values = (columns.used for columns in self._both)
        return self.keys, self.values


class _Columns:
    """A tensor with room on its right: in use are the columns from `begin` up to `end`."""

    def __init__(self, states: torch.Tensor) -> None:
        self._all = states
        self.begin, self.end = 0, states.shape[2]

    @property
    def used(self) -> torch.Tensor:
        return self._all[:, :, self.begin : self.end]

    def append(self, states: torch.Tensor) -> None:
        more = states.shape[2]
        if self.end + more > self._all.shape[2]:
            used = self.used
            rows, heads, width, size = used.shape
            self._all = used.new_empty(rows, heads, width + more + BLOCK, size)
            self._all[:, :, :width] = used
            self.begin, self.end = 0, width
        self._all[:, :, self.end : self.end + more] = states
        self.end += more

    def begin_at(self, first: int) -> None:
        if (missing := -(self.begin + first)) > 0:
            self._all = torch.nn.functional.pad(self._all, (0, 0, missing, 0))
            self.begin += missing
            self.end += missing
        self.begin += first

    def select(self, rows: torch.Tensor) -> None:
        self._all = self._all[rows]


def new_cache(config: PreTrainedConfig) -> DynamicCache:
    """An empty cache: of ColumnLayers if all layers attend to all columns, else transformers' own."""
    cache = DynamicCache(config=config)
    if all(type(layer) is DynamicLayer for layer in cache.layers):
        cache.layers = [ColumnLayer() for _ in cache.layers]
    return cache


def takes_new_rows(cache: DynamicCache) -> bool:
    """Whether rows can move in. Not where a layer keeps a window, or a running state of all that it has read."""
    return all(isinstance(layer, ColumnLayer) for layer in cache.layers)


def has_attention(cache: DynamicCache) -> bool:
    """Whether any layer keeps keys and values."""
    return any(isinstance(layer, DynamicLayer) for layer in cache.layers)
