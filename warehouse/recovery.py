"""Bringing a home to what its ledger says when it is opened for writing.

What a kill left unfinished is cleared away. A shard whose bytes are not those that were committed is set aside
in `home/damaged`. What was merged into it and is still whole is read in its place; every other unit of work with
rows in it is taken out whole, of all its kinds, to be done again: half of a unit beside a new half could
disagree. With samples goes what was said of them elsewhere, by judging again. Only of a merged shard of costs, or
of repairs, the rows alone are lost. Where the catalog itself is torn, the one before it counts, which costs at
most the last unit of work.
"""

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.catalog import CATALOG, PREVIOUS, publish
from warehouse.connecting import open_in_memory, read_ledger
from warehouse.errors import HomeDamaged, HomeMissing
from warehouse.kinds import backfills, schema_version
from warehouse.ledger import Entry, Ledger, Shard, now, superseded
from warehouse.restoring import followed, restore
from warehouse.rows import to_table
from warehouse.shards import (
    MISSING,
    clear_unlisted,
    find_damaged,
    flush_folder,
    path_of,
    path_of_merged,
    read_rows,
    write_shard,
)

DAMAGED = "damaged"
MANY = 4  # shards gone at once are a disk that is away, and no damage
_BATCH = 100_000  # rows
_ELSEWHERE = "it says what counts of samples that were taken out"


@dataclass(frozen=True, slots=True)
class Repair:
    """A unit of work that was taken out, to be done again, and the damaged file that is the reason.

    One that the warehouse still has lost no more than its rows in that file. Without a name, it says of the file how
    many units of work were restored, from the shards that were merged into it.
    """

    name: str
    kind: str
    path: str
    state: str
    taken_out_at: datetime
    restored: int = 0


def recover(con: duckdb.DuckDBPyConnection, home: Path) -> tuple[Ledger, list[Repair]]:
    """What is committed, once it is whole again and published through `con`, and what was taken out for that.

    Until the one step that publishes, all that the old catalog lists and that is whole stays where it is. Raises
    HomeDamaged where no catalog can be read or most shards are away, and HomeTooNew. The home's lock is held.
    """
    ledger, version, torn = _newest_ledger(home)
    damaged = find_damaged(home, ledger)
    _refuse_what_is_away(home, ledger, damaged)
    before = ledger
    ledger, restored = restore(home, before, damaged)
    ledger, taken_out = take_out(home, ledger, {p: s for p, s in damaged.items() if p in ledger.shards})
    _set_aside(home, [*damaged, *torn])
    ledger = _fill_in(home, ledger, version, before)
    repairs = [
        *(Repair("", "", path, state, now()) for path, state in torn.items()),
        *(Repair("", before.shards[p].kind, p, damaged[p], now(), count) for p, count in restored.items()),
        *taken_out,
    ]
    ledger = _recorded(home, ledger, repairs)
    publish(con, home, ledger)
    clear_unlisted(home, ledger)
    return ledger, repairs


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


def _refuse_what_is_away(home: Path, ledger: Ledger, damaged: Mapping[str, str]) -> None:
    away = sum(state == MISSING for state in damaged.values())
    if away >= MANY and 2 * away > len(ledger.shards):
        raise HomeDamaged(
            f"a home has the shards that its ledger lists; of the {len(ledger.shards)} of {home}, {away} are missing."
            " Put back what is away, a disk or the rest of a copy, or start in another home"
        )


def take_out(home: Path, ledger: Ledger, damaged: Mapping[str, str]) -> tuple[Ledger, list[Repair]]:
    """The ledger without the units of work that have rows in a damaged shard; what else shared their shards stays."""
    if not damaged:
        return ledger, []
    names = _units_to_take_out(ledger, damaged)
    inside: dict[str, list[Entry]] = {path: [] for path in ledger.shards}
    for entry in ledger.entries:
        if entry.path is not None:
            inside[entry.path].append(entry)
    gone = {path: old for path, old in ledger.superseded.items() if path not in damaged}
    moved: dict[tuple[str, str | None], Entry] = {}
    shards: dict[str, Shard] = {}
    for path, shard in ledger.shards.items():
        kept = sorted((e for e in inside[path] if e.name not in names), key=lambda entry: entry.first_row)
        if path in damaged:
            moved |= {(e.name, e.kind): replace(e, path=None, first_row=0, rows=0) for e in kept}
        elif len(kept) == len(inside[path]):
            shards[path] = shard
        else:
            gone[path] = superseded(shard)
        if kept and path in gone:
            smaller = write_shard(
                home, path_of_merged(shard.kind), shard.kind, _ranges(home, shard, kept), shard.tier
            )
            shards[smaller.path] = smaller
            gone |= followed(gone, path, kept, smaller.path)
            first_row = 0
            for entry in kept:
                moved[entry.name, entry.kind] = replace(entry, path=smaller.path, first_row=first_row)
                first_row += entry.rows
    entries = tuple(moved.get((e.name, e.kind), e) for e in ledger.entries if e.name not in names)
    return Ledger(entries, shards, gone), _repairs(ledger, damaged, names)


def loses_rows_alone(shard: Shard) -> bool:
    """Whether damage costs only its rows: of records, and of costs where they are those of many units of work."""
    return shard.kind == "repairs" or (shard.kind == "spend" and shard.tier > 0)


def _units_to_take_out(ledger: Ledger, damaged: Mapping[str, str]) -> set[str]:
    out = {path for path in damaged if not loses_rows_alone(ledger.shards[path])}
    names = {entry.name for entry in ledger.entries if entry.path in out}
    drawing = {entry.name for entry in ledger.entries if entry.kind == "samples"}
    if names & drawing:  # what was said elsewhere of samples may be of one that is drawn anew
        names |= {e.name for e in ledger.entries if e.kind == "outcome_revisions"} - drawing
    return names


def _repairs(ledger: Ledger, damaged: Mapping[str, str], names: set[str]) -> list[Repair]:
    hit = {entry.name for entry in ledger.entries if entry.path in damaged}
    return [
        Repair(e.name, e.kind or "", e.path or "", damaged.get(e.path or "", _ELSEWHERE), now())
        for e in ledger.entries
        if e.path in damaged or (e.name in names - hit and e.kind == "outcome_revisions")
    ]


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


def _fill_in(home: Path, ledger: Ledger, version: int, before: Ledger) -> Ledger:
    """The ledger with the kinds that an earlier version did not have, derived from those it had.

    Once more where what was derived has been taken out of the ledger `before`.
    """
    committed, earlier = {e.name for e in ledger.entries}, {e.name for e in before.entries}
    for kind, (first, query) in backfills().items():
        name = f"schema/{first:04}"
        if version < first or (name in earlier and name not in committed):
            if version >= first:
                query = f"from ({query}) where sample_key not in (select sample_key from {kind})"
            with open_in_memory(home, ledger, version) as con:
                batches = con.sql(query).to_arrow_reader(_BATCH)
                tables = (pa.Table.from_batches([batch]) for batch in batches)
                shard = write_shard(home, path_of(name, kind), kind, tables)
            ledger = ledger.with_unit([Entry(name, kind, shard.path, 0, shard.rows, now())], [shard])
    return ledger


def _recorded(home: Path, ledger: Ledger, repairs: list[Repair]) -> Ledger:
    """The ledger with a unit of work that keeps the record: published in the step that takes out, or not at all."""
    if not repairs:
        return ledger
    name = f"repair/{now():%Y%m%dT%H%M%S%f}"
    table = to_table("repairs", [asdict(repair) for repair in repairs])
    shard = write_shard(home, path_of(name, "repairs"), "repairs", [table])
    return ledger.with_unit([Entry(name, "repairs", shard.path, 0, shard.rows, now())], [shard])
