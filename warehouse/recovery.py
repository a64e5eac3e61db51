"""Bringing a home to what its ledger says when it is opened for writing.

What a kill left unfinished is cleared away. A shard whose bytes are not those that were committed is set aside
in `home/damaged`, and every unit of work with rows in it is taken out whole, of all its kinds, to be done
again: half of a unit beside a new half could disagree. Where the catalog itself is torn, the one before it
counts, which costs at most the last unit of work.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.catalog import CATALOG, PREVIOUS, open_in_memory, publish, read_ledger
from warehouse.errors import HomeDamaged, HomeMissing
from warehouse.kinds import backfills, schema_version
from warehouse.ledger import Entry, Ledger, Shard, now
from warehouse.shards import (
    clear_unlisted,
    find_damaged,
    flush_folder,
    path_of,
    path_of_merged,
    read_rows,
    write_shard,
)

DAMAGED = "damaged"
_BATCH = 100_000  # rows


@dataclass(frozen=True, slots=True)
class Repair:
    """A unit of work that was taken out, to be done again, and the damaged file that is the reason."""

    name: str
    kind: str
    path: str
    state: str
    taken_out_at: datetime


def recover(con: duckdb.DuckDBPyConnection, home: Path) -> tuple[Ledger, list[Repair]]:
    """What is committed, once it is whole again and published through `con`, and what was taken out for that.

    Raises HomeDamaged where no catalog can be read, and HomeTooNew. The home's lock is held.
    """
    ledger, version, torn = _newest_ledger(home)
    damaged = find_damaged(home, ledger)
    ledger, repairs = take_out(home, ledger, damaged)
    _set_aside(home, [*damaged, *torn])
    clear_unlisted(home, ledger)
    ledger = _fill_in(home, ledger, version)
    publish(con, home, ledger)
    return ledger, [*(Repair("", "", path, state, now()) for path, state in torn.items()), *repairs]


def _newest_ledger(home: Path) -> tuple[Ledger, int, dict[str, str]]:
    """The ledger, its version, and the catalog that had to be passed over, with its state."""
    try:
        return *read_ledger(home), {}
    except HomeMissing as error:
        if (home / PREVIOUS).exists():
            return *read_ledger(home, PREVIOUS), {CATALOG: "it is missing"}
        # The first catalog is published before the first shard is written, so shards without
        # one are somebody's rows whose ledger is lost, not leftovers.
        if any(home.glob("shards/*/*.parquet")):
            raise HomeDamaged(
                f"{home} has shards, so it had a catalog; {CATALOG} is missing there"
            ) from error
        return Ledger(), schema_version(), {}
    except HomeDamaged:
        if (home / PREVIOUS).exists():
            return *read_ledger(home, PREVIOUS), {CATALOG: "it cannot be read; the one before it counts"}
        if any(home.glob("shards/*/*.parquet")):
            raise
        return Ledger(), schema_version(), {CATALOG: "it cannot be read, and nothing was committed yet"}


def take_out(home: Path, ledger: Ledger, damaged: Mapping[str, str]) -> tuple[Ledger, list[Repair]]:
    """The ledger without the units of work that have rows in a damaged shard; what else shared their shards stays."""
    if not damaged:
        return ledger, []
    hit = [entry for entry in ledger.entries if entry.path in damaged]
    names = {entry.name for entry in hit}
    inside: dict[str, list[Entry]] = {path: [] for path in ledger.shards}
    for entry in ledger.entries:
        if entry.path is not None:
            inside[entry.path].append(entry)
    moved: dict[tuple[str, str | None], Entry] = {}
    shards: dict[str, Shard] = {}
    for path, shard in ledger.shards.items():
        kept = sorted((e for e in inside[path] if e.name not in names), key=lambda entry: entry.first_row)
        if len(kept) == len(inside[path]):
            shards[path] = shard
        elif kept:
            smaller = write_shard(
                home, path_of_merged(shard.kind), shard.kind, _ranges(home, shard, kept), shard.tier
            )
            shards[smaller.path] = smaller
            first_row = 0
            for entry in kept:
                moved[entry.name, entry.kind] = replace(entry, path=smaller.path, first_row=first_row)
                first_row += entry.rows
    entries = tuple(moved.get((e.name, e.kind), e) for e in ledger.entries if e.name not in names)
    kept_for_readers = {path: old for path, old in ledger.superseded.items() if path not in damaged}
    repairs = [
        Repair(e.name, e.kind or "", e.path, damaged[e.path], now()) for e in hit if e.path is not None
    ]
    return Ledger(entries, shards, kept_for_readers), repairs


def _ranges(home: Path, shard: Shard, kept: list[Entry]) -> Iterator[pa.Table]:
    """The rows of these entries, which are in the order of their rows."""
    start = 0
    for table in read_rows(home, shard):
        end = start + table.num_rows
        for entry in kept:
            first, last = max(start, entry.first_row), min(end, entry.first_row + entry.rows)
            if first < last:
                yield table.slice(first - start, last - first)
        start = end


def _set_aside(home: Path, paths: list[str]) -> None:
    """Move these files of the home, as far as they are there, to its folder `damaged`."""
    for path in paths:
        if (home / path).exists():
            stamp = now().strftime("%Y%m%dT%H%M%S%f")
            target = home / DAMAGED / f"{stamp}~{path.replace('/', '~')}"
            target.parent.mkdir(exist_ok=True)
            (home / path).rename(target)
            flush_folder(target.parent)


def _fill_in(home: Path, ledger: Ledger, version: int) -> Ledger:
    """The ledger with the kinds that the home's version did not have, derived from those it had."""
    for kind, (first, query) in backfills().items():
        if version < first:
            name = f"schema/{first:04}"
            with open_in_memory(home, ledger, version) as con:
                batches = con.sql(query).to_arrow_reader(_BATCH)
                tables = (pa.Table.from_batches([batch]) for batch in batches)
                shard = write_shard(home, path_of(name, kind), kind, tables)
            ledger = ledger.with_unit([Entry(name, kind, shard.path, 0, shard.rows, now())], [shard])
    return ledger
