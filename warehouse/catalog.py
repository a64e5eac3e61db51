"""The published catalog: `home/warehouse.duckdb`, replaced whole at every commit.

It holds the ledger, the schema's version, and views over the committed shards, listed one by
one. A new catalog is built beside it and renamed over it: a reader keeps the file that it
opened, and the writer never has the published file open for writing.

A view finds its shards under the folder where the home stood when published, or under the
DuckDB variable `home` where that is set. So a plain DuckDB shell needs nothing, everything that
opens a home through `connecting` may have moved or copied it, and in a shell over a moved home
`set variable home = '/its/new/place'` (or the next run there) puts it right.

The catalog before the newest is kept as `home/warehouse.previous.duckdb`: where the newest is found torn,
a run goes on from there, and loses one unit of work.
"""

import os
import shutil
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import HomeDamaged
from warehouse.kinds import kinds, schema_steps, schema_version, view_statements
from warehouse.ledger import Ledger
from warehouse.shards import flush_folder

CATALOG = "warehouse.duckdb"
PREVIOUS = "warehouse.previous.duckdb"

_STORAGE = "v1.5.0"  # what the DuckDB 1.5 command line reads; 2.0's own format it does not


def publish(con: duckdb.DuckDBPyConnection, home: Path, ledger: Ledger) -> None:
    """Make what this ledger lists the committed content of the home, in one atomic step.

    `con` is a connection to nothing, at work on one catalog at a time: making one anew costs as much as the rest.
    It is of no more use once this has raised.
    """
    unfinished = home / f"{CATALOG}.tmp"
    for leftover in home.glob(f"{CATALOG}.tmp*"):  # of a kill, a write-ahead log included
        leftover.unlink()
    try:
        _write(con, unfinished, home, ledger)
        _keep_previous(home)
        (home / f"{CATALOG}.wal").unlink(missing_ok=True)  # of somebody's shell that was not opened read-only
        unfinished.rename(home / CATALOG)
    except BaseException:
        unfinished.unlink(missing_ok=True)  # a full disk must not keep the half that was written
        raise
    flush_folder(home)


def _write(con: duckdb.DuckDBPyConnection, file: Path, home: Path, ledger: Ledger) -> None:
    file.write_bytes(_empty())
    con.execute(f"attach {quoted(file)} as warehouse")
    con.execute("use warehouse")
    con.execute("begin")
    list_committed(con, home, ledger)
    con.execute("commit")
    con.execute("use memory")
    con.execute("detach warehouse")
    with file.open("rb") as written:
        os.fsync(written.fileno())


@cache  # the views take most of the time, and they are the same at every commit
def _empty() -> bytes:
    """A catalog file that lists nothing."""
    with TemporaryDirectory() as folder, duckdb.connect() as con:
        file = Path(folder) / CATALOG
        con.execute(f"attach {quoted(file)} as warehouse (storage_version '{_STORAGE}')")
        con.execute("use warehouse")
        declare(con)
        con.execute("use memory")
        con.execute("detach warehouse")
        return file.read_bytes()


def _keep_previous(home: Path) -> None:
    """A second name for the catalog that is about to be replaced; there is no moment without one."""
    if not (home / CATALOG).exists():
        return
    second = home / f"{CATALOG}.tmp.previous"
    second.unlink(missing_ok=True)
    try:
        os.link(home / CATALOG, second)
    except OSError:  # a file system without hard links
        shutil.copyfile(home / CATALOG, second)
    second.rename(home / PREVIOUS)
    second.unlink(missing_ok=True)  # between two names of one file, rename does nothing at all


def declare(con: duckdb.DuckDBPyConnection) -> None:
    """The tables and views of a catalog that lists nothing."""
    con.execute("begin")
    for step in schema_steps():
        con.execute(step)
    con.execute("insert into schema_version values (?)", [schema_version()])
    for kind in kinds():
        con.execute(_kind_view(kind, Path(), []))
    for statement in view_statements():
        con.execute(statement)
    con.execute("commit")


def list_committed(con: duckdb.DuckDBPyConnection, home: Path, ledger: Ledger) -> None:
    """Fill in the ledger, and have the view of each kind read its shards."""
    for table, rows in ledger.tables().items():
        con.register("rows_of_it", rows)
        con.execute(f"insert into {table} select * from rows_of_it")
    paths: dict[str, list[str]] = {}
    for shard in ledger.shards.values():
        paths.setdefault(shard.kind, []).append(shard.path)
    for kind, of_it in paths.items():
        con.execute(_kind_view(kind, home, of_it))


def _kind_view(kind: str, home: Path, paths: list[str]) -> str:
    """The shards under the columns declared now: a column that is younger than a shard is null in its rows.

    Shards of equal columns are read together. `union_by_name` within one `read_parquet` would say the same,
    but it opens every shard of the history for each commit and each query.
    """
    folder = f"coalesce(getvariable('home'), {quoted(home)})"
    alike: dict[tuple[str, ...], list[str]] = {}
    for path in paths:
        alike.setdefault(_columns(home / path), []).append(quoted(f"/{path}"))
    parts = [
        f"select * from declared.{kind} where false"
    ]  # that, unlike an empty table, misleads no estimate
    for shards in alike.values():
        files = f"list_transform([{', '.join(shards)}], lambda path: {folder} || path)"
        parts.append(f"select * from read_parquet({files})")
    return f"create or replace view {kind} as {' union all by name '.join(parts)}"


@cache  # a shard is never rewritten
def _columns(shard: Path) -> tuple[str, ...]:
    try:
        return tuple(pq.read_schema(shard).names)
    except (OSError, pa.ArrowException) as error:
        raise HomeDamaged(f"a committed shard is Parquet that can be read; {shard}: {error}") from error


def quoted(value: Path | str) -> str:
    """An SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"
