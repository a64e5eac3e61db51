"""Read-only connections to the catalog of a home, as it was published last.

A home of an older version is published anew when it is next opened for writing. Until then a
reader sees it through the catalog that this version would publish, built in memory.
"""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb

from curriculum.errors import WorkFailed
from warehouse import ledger as ledgers
from warehouse.catalog import CATALOG, declare, list_committed, quoted
from warehouse.errors import HomeDamaged, HomeInUse, HomeMissing, HomeTooNew
from warehouse.kinds import backfills, schema_version
from warehouse.ledger import Ledger

_NO_DAMAGE = (
    errno.EACCES,
    errno.EPERM,
    errno.EMFILE,
    errno.ENFILE,
    errno.ENOMEM,
    errno.ESTALE,
    errno.ENOTCONN,
)


def connect(home: Path) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the catalog as published now, which later commits leave as it is.

    Raises HomeMissing, HomeInUse, HomeTooNew, or HomeDamaged.
    """
    home = home.resolve()
    con = _attached(home, CATALOG)
    try:
        with damage_named(home / CATALOG):
            version = _version(con, home)
            if version == schema_version():
                return con
            ledger = ledgers.read(con, version)
        con.close()
        return open_in_memory(home, ledger, version)
    except BaseException:
        con.close()
        raise


def open_in_memory(home: Path, ledger: Ledger, version: int) -> duckdb.DuckDBPyConnection:
    """What `connect` would give if this ledger of a home of that version were published now.

    Raises HomeDamaged where a shard cannot be read.
    """
    con = _new_connection(home)
    try:
        with damage_named(home):
            con.execute("attach ':memory:' as warehouse")
            con.execute("use warehouse")
            declare(con)
            list_committed(con, home, ledger)
            for kind, (first, query) in backfills().items():
                if version < first:
                    con.execute(f"create or replace view {kind} as {query}")
    except BaseException:
        con.close()
        raise
    return con


def read_ledger(home: Path, catalog: str = CATALOG) -> tuple[Ledger, int]:
    """What is committed, and the schema version of the catalog that says so. Raises as `connect` does."""
    home = home.resolve()
    with _attached(home, catalog) as con, damage_named(home / catalog):
        version = _version(con, home)
        return ledgers.read(con, version), version


def _attached(home: Path, catalog: str) -> duckdb.DuckDBPyConnection:
    con = _new_connection(home)
    try:
        while not _is_attached_whole(con, home / catalog):
            pass
        con.execute("use warehouse")
    except BaseException:
        con.close()
        raise
    return con


def _is_attached_whole(con: duckdb.DuckDBPyConnection, path: Path) -> bool:
    """Whether it is attached, and one file: DuckDB opens it twice by its name, and another may be published between.

    Attached to a database in memory because `duckdb.connect(path)` hands out, within one process, the file that it
    has open under that path, be it long since replaced.
    """
    file = _which_file(path)
    try:
        with damage_named(path):
            con.execute(f"attach {quoted(path)} as warehouse (read_only)")
    except HomeDamaged:
        if _which_file(path) == file:
            raise
        return False
    if _which_file(path) == file:
        return True
    con.execute("detach warehouse")
    return False


def _which_file(path: Path) -> tuple[int, int]:
    try:
        state = path.stat()
    except (FileNotFoundError, NotADirectoryError):
        raise HomeMissing(
            f"a home holds {path.name}, which a run publishes; there is none in {path.parent}"
        ) from None
    return state.st_ino, state.st_mtime_ns


def _new_connection(home: Path) -> duckdb.DuckDBPyConnection:
    con = duckdb.connect(config={"python_enable_replacements": False})  # names are views, never our variables
    con.execute("set enable_progress_bar = false")  # it would stand in the rows of a long query
    con.execute(f"set variable home = {quoted(home)}")
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


@contextmanager
def damage_named(path: Path) -> Iterator[None]:
    """DuckDB's complaint about a file that it cannot read, as HomeDamaged, or HomeInUse, with what to do."""
    try:
        yield
    except duckdb.Error as error:
        reason = str(error).splitlines()[0]
        if "Could not set lock" in reason:
            raise HomeInUse(
                f"readers open a catalog read-only, and another program has {path} open for writing ({reason});"
                " close it there, or open it with -readonly"
            ) from error
        if isinstance(
            error, duckdb.OutOfMemoryException | duckdb.PermissionException | duckdb.InterruptException
        ):
            raise
        if any(os.strerror(number) in reason for number in _NO_DAMAGE):
            raise WorkFailed(f"a home has to be readable, and {path} is not now: {reason}") from error
        raise HomeDamaged(
            f"{path} is not a catalog that this program wrote, or is damaged ({reason});"
            " put a copy of it back, or start in another home"
        ) from error
