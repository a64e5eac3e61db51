"""What can go wrong between a home and a folder, in words: a damaged shard, a disk without room, too little memory."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from curriculum.errors import WorkFailed
from warehouse import ledger
from warehouse.catalog import quoted
from warehouse.disk import refusal
from warehouse.errors import HomeDamaged
from warehouse.kinds import schema_version
from warehouse.shards import find_damaged

MEMORY = "2GB"  # what DuckDB may hold; the rest goes to the disk
THREADS = 4  # at most: each gathers rows of every part
_MORE_PATHS = 3  # of damaged files that are named


class ExportFailed(WorkFailed):
    """No room, no right to write there, or too little memory; the folder is as it was."""


def check_intact(con: duckdb.DuckDBPyConnection, home: Path) -> None:
    """Raises HomeDamaged, naming the files, unless every shard has the bytes that were committed."""
    damaged = find_damaged(home, ledger.read(con, schema_version()))
    if damaged:
        named = "; ".join(f"{home / path}: {state}" for path, state in list(damaged.items())[:_MORE_PATHS])
        more = f"; and {len(damaged) - _MORE_PATHS} more" if len(damaged) > _MORE_PATHS else ""
        raise HomeDamaged(
            f"an export reads only what was committed; {named}{more}."
            " The command that made the home, once more, sets such files aside and makes them again"
        )


def bound(con: duckdb.DuckDBPyConnection, scratch: Path) -> None:
    """Let DuckDB hold MEMORY at most, and put the rest into a folder."""
    con.execute(f"set memory_limit = '{MEMORY}'")
    con.execute(f"set temp_directory = {quoted(scratch)}")
    con.execute("set enable_progress_bar = false")  # there is one already
    con.execute("set preserve_insertion_order = false")  # every query that counts says its order
    [(threads,)] = con.execute("select current_setting('threads')").fetchall()
    con.execute(f"set threads = {min(threads, THREADS)}")


def parquet_in(folder: Path) -> str:
    """A source for SQL: the rows of a folder's Parquet files, named one by one, since its path may have a * in it."""
    files = ", ".join(quoted(file) for file in sorted(folder.glob("*.parquet")))
    return f"read_parquet([{files}], hive_partitioning = false)"


@contextmanager
def failures_named(home: Path, folder: Path) -> Iterator[None]:
    """A refusal of the disk as ExportFailed, a shard that cannot be read as HomeDamaged, other errors as they are."""
    try:
        yield
    except (OSError, duckdb.Error) as error:
        reason = refusal(error)
        if reason is None and isinstance(error, duckdb.OutOfMemoryException):
            reason = f"{MEMORY} of memory and what is free of the disk are not enough"
        if reason is not None:
            raise ExportFailed(
                f"an export is written to {folder.parent}, which takes no more: {reason}."
                " Nothing was replaced; once this is put right, the same command works"
            ) from error
        if isinstance(error, duckdb.Error) and str(home / "shards") in str(error):
            raise HomeDamaged(f"a committed shard can be read; {str(error).splitlines()[0]}") from error
        raise
