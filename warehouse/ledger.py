"""The ledger: which units of work are committed, and where in which shard their rows stand.

It is a value. Each commit, merge of shards or repair makes the next one, and publishing that is the
step that counts.
"""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import asdict, dataclass, field, fields, replace
from datetime import UTC, datetime
from itertools import accumulate
from operator import attrgetter
from typing import Any

import duckdb
import pyarrow as pa


@dataclass(frozen=True, slots=True)
class Entry:
    """What the unit of work `name` committed of one kind: `rows` rows of the shard `path`, from `first_row` on.

    `path` is relative to the home, None where there were no rows; `kind` is None where the unit of work
    committed nothing at all. Times are UTC without a zone.
    """

    name: str
    kind: str | None
    path: str | None
    first_row: int
    rows: int
    committed_at: datetime


@dataclass(frozen=True, slots=True)
class Shard:
    """A Parquet file with rows of one kind, its size in bytes and the sha256 of them.

    `tier` is how often its rows were merged with others': 0 for a shard as a unit of work wrote it.
    """

    path: str
    kind: str
    rows: int
    bytes: int
    sha256: str
    tier: int
    written_at: datetime


@dataclass(frozen=True, slots=True)
class Superseded:
    """A shard whose rows stand in another one now; readers of an earlier catalog may still read it.

    Where `merged_into` is given, that shard has all its rows, in their order, from `first_row` on, and can be
    restored from it. Of one that version 3 superseded no more is known than its path and its size.
    """

    path: str
    kind: str | None
    rows: int | None
    bytes: int
    sha256: str | None
    tier: int | None
    written_at: datetime | None
    merged_into: str | None
    first_row: int | None
    superseded_at: datetime

    def as_shard(self) -> Shard | None:
        """As it was when it was read, if that is known."""
        if (
            self.kind is None
            or self.rows is None
            or self.sha256 is None
            or self.tier is None
            or self.written_at is None
        ):
            return None
        return Shard(self.path, self.kind, self.rows, self.bytes, self.sha256, self.tier, self.written_at)


def superseded(shard: Shard, merged_into: str | None = None, first_row: int | None = None) -> Superseded:
    """The shard, of no more use to readers from now on."""
    return Superseded(**asdict(shard), merged_into=merged_into, first_row=first_row, superseded_at=now())


_TABLES: dict[str, pa.Schema] = {
    "ledger": pa.schema(
        [
            ("name", pa.string()),
            ("kind", pa.string()),
            ("path", pa.string()),
            ("first_row", pa.int64()),
            ("rows", pa.int64()),
            ("committed_at", pa.timestamp("us")),
        ]
    ),
    "shards": pa.schema(
        [
            ("path", pa.string()),
            ("kind", pa.string()),
            ("rows", pa.int64()),
            ("bytes", pa.int64()),
            ("sha256", pa.string()),
            ("tier", pa.int32()),
            ("written_at", pa.timestamp("us")),
        ]
    ),
    "superseded": pa.schema(
        [
            ("path", pa.string()),
            ("kind", pa.string()),
            ("rows", pa.int64()),
            ("bytes", pa.int64()),
            ("sha256", pa.string()),
            ("tier", pa.int32()),
            ("written_at", pa.timestamp("us")),
            ("merged_into", pa.string()),
            ("first_row", pa.int64()),
            ("superseded_at", pa.timestamp("us")),
        ]
    ),
}


@dataclass(frozen=True, slots=True)
class Ledger:
    """Entries in the order of their commits, and the shards; the merged ones come last."""

    entries: tuple[Entry, ...] = ()
    shards: dict[str, Shard] = field(default_factory=dict)
    superseded: dict[str, Superseded] = field(default_factory=dict)

    def with_unit(self, entries: Sequence[Entry], shards: Iterable[Shard]) -> "Ledger":
        """With one more unit of work."""
        new = {shard.path: shard for shard in shards}
        kept = {path: old for path, old in self.superseded.items() if path not in new}
        return Ledger(self.entries + tuple(entries), self.shards | new, kept)

    def with_merged(self, old: Sequence[str], merged: Shard) -> "Ledger":
        """With the rows of the shards `old`, in that order, in `merged`; the old ones are superseded."""
        offsets = dict(
            zip(old, accumulate((self.shards[path].rows for path in old), initial=0), strict=False)
        )
        entries = tuple(
            replace(entry, path=merged.path, first_row=offsets[entry.path] + entry.first_row)
            if entry.path in offsets
            else entry
            for entry in self.entries
        )
        shards = {path: shard for path, shard in self.shards.items() if path not in offsets}
        gone = {path: superseded(self.shards[path], merged.path, offsets[path]) for path in old}
        return Ledger(entries, shards | {merged.path: merged}, self.superseded | gone)

    def tables(self) -> dict[str, pa.Table]:
        """As Arrow tables, by the catalog's table."""
        rows: dict[str, Collection[Any]] = {
            "ledger": self.entries,
            "shards": self.shards.values(),
            "superseded": self.superseded.values(),
        }
        return {name: _table(rows[name], schema) for name, schema in _TABLES.items()}


def _table(records: Collection[Any], schema: pa.Schema) -> pa.Table:
    columns = [pa.array(list(map(attrgetter(column.name), records)), column.type) for column in schema]
    return pa.table(columns, schema=schema)


def read(con: duckdb.DuckDBPyConnection, version: int) -> Ledger:
    """The ledger of a catalog of that schema version."""
    if version < 3:
        return _of_version_2(con)
    return Ledger(
        tuple(_records(con, Entry, "ledger")),
        {shard.path: shard for shard in _records(con, Shard, "shards")},
        {old.path: old for old in _records(con, Superseded, "superseded", version)},
    )


_SUPERSEDED_IN_VERSION_3 = {"path", "bytes", "superseded_at"}


def _records(con: duckdb.DuckDBPyConnection, record: type[Any], table: str, version: int = 4) -> list[Any]:
    known = {f.name for f in fields(record)} if version > 3 else _SUPERSEDED_IN_VERSION_3
    columns = ", ".join(f.name if f.name in known else "null" for f in fields(record))
    return [record(*row) for row in con.execute(f"select {columns} from {table} order by rowid").fetchall()]


def _of_version_2(con: duckdb.DuckDBPyConnection) -> Ledger:
    """A shard to each entry."""
    rows = con.execute(
        "select name, kind, path, rows, bytes, sha256, committed_at from ledger order by rowid"
    ).fetchall()
    entries = tuple(Entry(name, kind, path, 0, count, at) for name, kind, path, count, _, _, at in rows)
    shards = {
        path: Shard(path, kind, count, size, digest, 0, at)
        for _, kind, path, count, size, digest, at in rows
        if path is not None
    }
    return Ledger(entries, shards)


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)
