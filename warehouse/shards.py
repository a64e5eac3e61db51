"""Shards: immutable zstd Parquet files, one per unit of work and kind.

A shard is written under a temporary name, flushed to the disk, and renamed; it counts only
once the ledger lists it. So whatever a kill leaves behind is known by not being listed.
"""

import hashlib
import os
import re
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import HomeDamaged, WarehouseError

ROWS_PER_GROUP = 122_880  # DuckDB scans row groups in parallel; this is its own size

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_LONGEST_NAME = 200  # it becomes a file name


@dataclass(frozen=True, slots=True)
class Entry:
    """One row of the ledger: what the unit of work `name` committed of one kind.

    `path` is relative to the home, None where there were no rows; `kind` is None where the
    unit of work committed nothing at all. `committed_at` is UTC without a zone.
    """

    name: str
    kind: str | None
    path: str | None
    rows: int
    bytes: int
    sha256: str | None
    committed_at: datetime


def check_name(name: str) -> None:
    """Raises WarehouseError unless the name of a unit of work can name files on any system."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise WarehouseError(
            "a unit of work is named by letters, digits, '_', '-' and '.', in parts divided by '/',"
            f" {_LONGEST_NAME} characters at most; not {name!r}"
        )


def write_shard(home: Path, name: str, kind: str, table: pa.Table) -> Entry:
    """Write one shard, durable when this returns, and the ledger's row for it."""
    path = f"shards/{kind}/{name.replace('/', '~')}.parquet"
    final = home / path
    final.parent.mkdir(parents=True, exist_ok=True)
    unfinished = final.with_name(final.name + ".tmp")
    pq.write_table(table, unfinished, compression="zstd", row_group_size=ROWS_PER_GROUP)
    with unfinished.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
        os.fsync(file.fileno())
        size = os.fstat(file.fileno()).st_size
    unfinished.rename(final)
    flush_folder(final.parent)
    return Entry(name, kind, path, table.num_rows, size, digest, now())


def flush_folder(folder: Path) -> None:
    """Make renames in the folder outlive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def now() -> datetime:
    return datetime.now(UTC).replace(tzinfo=None)


def check_shards(home: Path, entries: list[Entry]) -> None:
    """Raises HomeDamaged, naming the first committed shard that is gone or of another size."""
    for entry in entries:
        if entry.path is None:
            continue
        path = home / entry.path
        found = path.stat().st_size if path.exists() else None
        if found != entry.bytes:
            state = "it is missing" if found is None else f"it has {found}"
            raise HomeDamaged(f"the ledger says that the shard {path} has {entry.bytes} bytes; {state}")


def clear_unlisted(home: Path, entries: list[Entry]) -> list[Path]:
    """Remove what a kill left behind: unfinished files and shards that no ledger row lists."""
    listed = {home / entry.path for entry in entries if entry.path is not None}
    written = [*home.glob("shards/*/*.parquet"), *home.glob("shards/*/*.parquet.tmp")]
    leftover = [path for path in written if path not in listed] + list(home.glob("warehouse.duckdb.tmp*"))
    for path in leftover:
        path.unlink()
    return leftover
