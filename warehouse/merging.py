"""Small shards become larger ones, so that neither a commit nor a query pays for a long history.

The shards of a kind form tiers: FANOUT of one tier make one of the next, as in a log-structured merge tree
(O'Neil et al. 1996). So n units of work stand in at most FANOUT log n shards, and a row is written
1 + log n times, with logarithms to the base FANOUT.
"""

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa

from warehouse.errors import HomeDamaged
from warehouse.ledger import Ledger, Shard
from warehouse.shards import path_of_merged, read_rows, state, write_shard

FANOUT = 32
FULL = 2**29  # bytes: what is half as large is merged no more


class Stopped(Exception):
    """The merge was told to stop; nothing of it is left."""


def due(ledger: Ledger) -> Sequence[str]:
    """The paths of shards of one kind and tier that are enough to be merged; none if no tier is full."""
    tiers: dict[tuple[str, int], list[Shard]] = {}
    for shard in ledger.shards.values():
        if shard.bytes < FULL / 2:
            tiers.setdefault((shard.kind, shard.tier), []).append(shard)
    for shards in tiers.values():
        if len(shards) >= FANOUT:
            return [shard.path for shard in _within(shards[:FANOUT], FULL)]
    return []


def _within(shards: Sequence[Shard], limit: int) -> Sequence[Shard]:
    """The first of them, two at least, up to so many bytes."""
    size = 0
    for number, shard in enumerate(shards):
        size += shard.bytes
        if size > limit and number >= 2:
            return shards[:number]
    return shards


def merge(home: Path, ledger: Ledger, paths: Sequence[str], stopped: Callable[[], bool]) -> Shard:
    """Write the rows of these shards, in their order, as one. Raises Stopped, or HomeDamaged."""
    old = [ledger.shards[path] for path in paths]

    def rows() -> Iterator[pa.Table]:
        for shard in old:
            if damage := state(home, shard):  # else it would get a new checksum, and be believed
                raise HomeDamaged(f"a committed shard stays as it is; {home / shard.path}: {damage}")
            for table in read_rows(home, shard):
                if stopped():
                    raise Stopped
                yield table

    kind, tier = old[0].kind, 1 + max(shard.tier for shard in old)
    return write_shard(home, path_of_merged(kind), kind, rows(), tier)
