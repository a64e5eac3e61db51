"""Shards: immutable zstd Parquet files with rows of one kind.

A shard is written under a temporary name, flushed to the disk, and renamed; it counts only
once the ledger lists it. So whatever a kill leaves behind is known by not being listed.
"""

import errno
import hashlib
import os
import re
import secrets
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import HomeDamaged, WarehouseError
from warehouse.kinds import kinds
from warehouse.ledger import Ledger, Shard, now

ROWS_PER_GROUP = 122_880  # DuckDB scans row groups in parallel; this is its own size
BYTES_PER_GROUP = 2**28  # in memory

_HARDLY_EVER_TWICE = {"key", "sample_key", "text", "question"}  # columns that a dictionary only costs time

_NAME = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]*(/[A-Za-z0-9_][A-Za-z0-9_.-]*)*")
_LONGEST_NAME = 200  # it becomes a file name
MISSING = "it is missing"
_CHECKED_TOGETHER = min(8, os.cpu_count() or 1)


def check_name(name: str) -> None:
    """Raises WarehouseError unless the name of a unit of work can name files on any system."""
    if not _NAME.fullmatch(name) or len(name) > _LONGEST_NAME:
        raise WarehouseError(
            "a unit of work is named by letters, digits, '_', '-' and '.', in parts divided by '/',"
            f" {_LONGEST_NAME} characters at most; not {name!r}"
        )


def path_of(name: str, kind: str) -> str:
    """Where a unit of work writes its rows of one kind, relative to the home."""
    return f"shards/{kind}/{name.replace('/', '~')}.parquet"


def path_of_merged(kind: str) -> str:
    """Where the rows of several units of work go: a name that no reader has ever seen with other rows in it."""
    return f"shards/{kind}/merged~{secrets.token_hex(8)}.parquet"


def write_shard(home: Path, path: str, kind: str, tables: Iterable[pa.Table], tier: int = 0) -> Shard:
    """Write the rows of the tables, in their order, as one shard, durable when this returns.

    A column that a table of an earlier version lacks is null. Memory stays within a row group and the largest
    table. Nothing is left behind when this raises.
    """
    schema = kinds()[kind]
    final = home / path
    final.parent.mkdir(parents=True, exist_ok=True)
    rows = 0
    with _unfinished(final) as file:
        repeating = [name for name in schema.names if name not in _HARDLY_EVER_TWICE]
        with pq.ParquetWriter(file, schema, compression="zstd", use_dictionary=repeating) as writer:
            for group in _groups(_with_all_columns(table, schema) for table in tables):
                writer.write_table(group, group.num_rows)
                rows += group.num_rows
        with file.open("rb") as written:
            digest = hashlib.file_digest(written, "sha256").hexdigest()
            os.fsync(written.fileno())
            size = os.fstat(written.fileno()).st_size
        file.rename(final)
    flush_folder(final.parent)
    return Shard(path, kind, rows, size, digest, tier, now())


def _with_all_columns(table: pa.Table, schema: pa.Schema) -> pa.Table:
    columns = [
        table.column(field.name) if field.name in table.column_names else pa.nulls(table.num_rows, field.type)
        for field in schema
    ]
    return pa.table(columns, schema=schema)


def _groups(tables: Iterable[pa.Table]) -> Iterator[pa.Table]:
    """The same rows as tables of ROWS_PER_GROUP rows, or fewer where these are large."""
    waiting: list[pa.Table] = []
    rows = size = 0
    for table in tables:
        for start in range(0, table.num_rows, ROWS_PER_GROUP):
            piece = table.slice(start, ROWS_PER_GROUP)
            if waiting and (rows + piece.num_rows > ROWS_PER_GROUP or size + piece.nbytes > BYTES_PER_GROUP):
                yield pa.concat_tables(waiting)
                waiting, rows, size = [], 0, 0
            waiting.append(piece)
            rows, size = rows + piece.num_rows, size + piece.nbytes
    if waiting:
        yield pa.concat_tables(waiting)


@contextmanager
def _unfinished(final: Path) -> Iterator[Path]:
    """A temporary name beside the final one; a full disk, for one, must not keep the half that was written."""
    file = final.with_name(final.name + ".tmp")
    try:
        yield file
    except BaseException:
        file.unlink(missing_ok=True)
        raise


def flush_folder(folder: Path) -> None:
    """Make renames in the folder outlive a loss of power."""
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def read_rows(home: Path, shard: Shard) -> Iterator[pa.Table]:
    """The rows of a shard, a row group at a time. HomeDamaged if it cannot be read."""
    try:
        with pq.ParquetFile(home / shard.path) as file:
            for group in range(file.num_row_groups):
                yield file.read_row_group(group, use_threads=False)
    except (OSError, pa.ArrowException) as error:
        raise HomeDamaged(
            f"a committed shard is Parquet that can be read; {home / shard.path}: {error}"
        ) from error


def find_damaged(home: Path, ledger: Ledger) -> dict[str, str]:
    """The shards whose bytes are not those that were committed, with what is wrong with each."""
    with ThreadPoolExecutor(_CHECKED_TOGETHER) as threads:
        states = threads.map(lambda shard: state(home, shard), ledger.shards.values())
        return {path: found for path, found in zip(ledger.shards, states, strict=True) if found}


def state(home: Path, shard: Shard) -> str:
    """What is wrong with its bytes; nothing if they are those that were committed."""
    try:
        with (home / shard.path).open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size != shard.bytes:
                return f"it has {size} bytes, not {shard.bytes}"
            digest = hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError:
        return MISSING
    except OSError as error:
        if (
            error.errno != errno.EIO
        ):  # no right, no file handle, a server that is away: nothing is known to be damaged
            raise
        return f"it cannot be read ({error.strerror})"
    return "" if digest == shard.sha256 else "its content was altered"


def clear_unlisted(home: Path, ledger: Ledger) -> list[Path]:
    """Remove what a kill left behind: unfinished files and shards that the ledger does not list."""
    listed = {home / path for path in (*ledger.shards, *ledger.superseded)}
    written = [*home.glob("shards/*/*.parquet"), *home.glob("shards/*/*.parquet.tmp")]
    leftover = [path for path in written if path not in listed] + list(home.glob("warehouse.duckdb.tmp*"))
    for path in leftover:
        path.unlink(missing_ok=True)  # a worker that was given up may still be at it
    return leftover
