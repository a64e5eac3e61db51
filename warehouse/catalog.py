"""The published catalog: `home/warehouse.duckdb`, replaced whole at every commit.

It holds the ledger, the schema's version, and views over the committed shards, listed one by
one. A new catalog is built beside it and renamed over it: a reader keeps the file that it
opened, and the writer never has the published file open for writing.

A view finds its shards under the folder where the home stood when published, or under the
DuckDB variable `home` where that is set. So a plain DuckDB shell needs nothing, everything that
opens a home through this module may have moved or copied it, and in a shell over a moved home
`set variable home = '/its/new/place'` (or the next run there) puts it right.

A home of an older version is published anew when it is next opened for writing. Until then a
reader sees it through the catalog that this version would publish, built in memory.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import astuple
from functools import cache
from pathlib import Path

import duckdb
import pyarrow as pa
import pyarrow.parquet as pq

from warehouse.errors import HomeDamaged, HomeMissing, HomeTooNew
from warehouse.kinds import kinds, schema_steps, schema_version, view_statements
from warehouse.shards import Entry, flush_folder

CATALOG = "warehouse.duckdb"

_STORAGE = "v1.5.0"  # what the DuckDB 1.5 command line reads; 2.0's own format it does not
_LEDGER = pa.schema(
    [
        ("name", pa.string()),
        ("kind", pa.string()),
        ("path", pa.string()),
        ("rows", pa.int64()),
        ("bytes", pa.int64()),
        ("sha256", pa.string()),
        ("committed_at", pa.timestamp("us")),
    ]
)


def publish(home: Path, entries: list[Entry]) -> None:
    """Make exactly these entries the committed content of the home, in one atomic step."""
    unfinished = home / f"{CATALOG}.tmp"
    unfinished.unlink(missing_ok=True)
    with duckdb.connect() as con:
        con.execute(f"attach {quoted(unfinished)} as warehouse (storage_version '{_STORAGE}')")
        con.execute("use warehouse")
        _fill(con, home, entries)
        con.execute("use memory")
        con.execute("detach warehouse")
    with unfinished.open("rb") as file:
        os.fsync(file.fileno())
    unfinished.rename(home / CATALOG)
    flush_folder(home)


def _fill(con: duckdb.DuckDBPyConnection, home: Path, entries: list[Entry]) -> None:
    con.execute("begin")
    for step in schema_steps():
        con.execute(step)
    con.execute("insert into schema_version values (?)", [schema_version()])
    con.register("entries", _ledger_table(entries))
    con.execute("insert into ledger select * from entries")
    for kind in kinds():
        paths = [entry.path for entry in entries if entry.kind == kind and entry.path is not None]
        con.execute(_kind_view(kind, home, paths))
    for statement in view_statements():
        con.execute(statement)
    con.execute("commit")


def _ledger_table(entries: list[Entry]) -> pa.Table:
    columns = zip(*map(astuple, entries), strict=True) if entries else [()] * len(_LEDGER)
    arrays = [pa.array(values, field.type) for values, field in zip(columns, _LEDGER, strict=True)]
    return pa.table(arrays, schema=_LEDGER)


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
    return f"create view {kind} as {' union all by name '.join(parts)}"


@cache  # a shard is never rewritten
def _columns(shard: Path) -> tuple[str, ...]:
    try:
        return tuple(pq.read_schema(shard).names)
    except (OSError, pa.ArrowException) as error:
        raise HomeDamaged(f"a committed shard is Parquet that can be read; {shard}: {error}") from error


def quoted(value: Path | str) -> str:
    """An SQL string literal."""
    return "'" + str(value).replace("'", "''") + "'"


def connect(home: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the catalog as published now, which later commits leave as it is.

    Raises HomeMissing, HomeTooNew, or HomeDamaged.
    """
    home = home.resolve()
    path = home / CATALOG
    if not path.exists():
        raise HomeMissing(f"a home holds {CATALOG}, which a run publishes; there is none in {home}")
    # Attached to a database in memory because `duckdb.connect(path)` hands out, within one
    # process, the file that it has open under that path, be it long since replaced.
    con = duckdb.connect(config={"python_enable_replacements": False})  # names are views, never our variables
    try:
        with damage_named(path):
            con.execute(f"attach {quoted(path)} as warehouse (read_only)")
            con.execute("use warehouse")
            con.execute(f"set variable home = {quoted(home)}")
            if _version(con, home) < schema_version():
                _upgrade_in_memory(con, home)
    except BaseException:
        con.close()
        raise
    return con


def _version(con: duckdb.DuckDBPyConnection, home: Path) -> int:
    [(version,)] = con.execute("select max(version) from schema_version").fetchall()
    if version is None or version < 1:
        raise HomeDamaged(f"the catalog of a home states a schema version; that of {home} states {version}")
    if version > schema_version():
        raise HomeTooNew(
            f"this program reads homes up to schema version {schema_version()};"
            f" {home} has version {version}, made by a newer one"
        )
    return int(version)


def _upgrade_in_memory(con: duckdb.DuckDBPyConnection, home: Path) -> None:
    entries = _entries(con)
    con.execute("use memory")
    con.execute("detach warehouse")
    con.execute("attach ':memory:' as warehouse")
    con.execute("use warehouse")
    _fill(con, home, entries)


def read_ledger(home: Path) -> list[Entry]:
    """The committed entries, in the order of their commits. Raises as `connect` does."""
    with connect(home) as con, damage_named(home / CATALOG):
        return _entries(con)


def _entries(con: duckdb.DuckDBPyConnection) -> list[Entry]:
    found = con.execute(f"select {', '.join(_LEDGER.names)} from ledger order by rowid").fetchall()
    return [Entry(*row) for row in found]


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """DuckDB's complaint about a file that it cannot read, as HomeDamaged with what to do."""
    try:
        yield
    except (duckdb.IOException, duckdb.CatalogException, duckdb.FatalException) as error:
        reason = str(error).splitlines()[0]
        raise HomeDamaged(
            f"{path} is not a catalog that this program wrote, or is damaged ({reason});"
            " put a copy of it back, or start in another home"
        ) from error
