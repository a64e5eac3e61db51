"""Looking into a home: a read-only connection for code, and `edgework sql` for people.

Both see what was committed when they opened, whether or not a run is writing meanwhile.
"""

import difflib
import re
from pathlib import Path
from typing import Literal

import duckdb

from warehouse.catalog import connect, quoted
from warehouse.errors import QueryRefused
from warehouse.text import Table, as_csv, as_json, as_table

Format = Literal["table", "csv", "json"]

_FORMATS = {"table": as_table, "csv": as_csv, "json": as_json}
_COLUMN = re.compile(r'Referenced column "([^"]+)"|does not have a column named "([^"]+)"')
_VIEW = re.compile(r"Table with name \"?([^\"\s]+?)\"? does not exist")


def open_reader(home: Path | str) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the views of a home, as committed now; later commits leave it as it is.

    Use this one connection: a cursor made from it starts outside the catalog. Raises
    HomeMissing, HomeTooNew or HomeDamaged.
    """
    return connect(Path(home))


def render(sql: str, home: Path | str, format: Format = "table") -> str:
    """What `edgework sql` prints: the rows of one SELECT as an aligned table, CSV or JSON.

    The query may read this home's files and nothing else. Raises QueryRefused for a query that
    is not one that reads, or that fails, with a suggestion where a name is wrong; and what
    `open_reader` raises.
    """
    with open_reader(home) as con:
        _shut_in(con, Path(home).resolve())
        try:
            _check_reads(con, sql)
            result = con.execute(sql)
            names = [column[0] for column in result.description or ()]
            return _FORMATS[format](Table(names, result.fetchall()))
        except duckdb.Error as error:
            raise QueryRefused(_in_words(con, sql, str(error))) from error


def _shut_in(con: duckdb.DuckDBPyConnection, home: Path) -> None:
    con.execute(f"set allowed_directories = [{quoted(home)}]")
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")


def _check_reads(con: duckdb.DuckDBPyConnection, sql: str) -> None:
    kinds = [statement.type.name for statement in con.extract_statements(sql)]
    if len(kinds) != 1:
        raise QueryRefused(f"give one statement that reads, not {len(kinds)}")
    if kinds != ["SELECT"]:
        raise QueryRefused(
            f"this only reads (select, from, with, describe, show, summarize), and {kinds[0]} does not"
        )


def _in_words(con: duckdb.DuckDBPyConnection, sql: str, message: str) -> str:
    """DuckDB's message, or a better one where a view or a column has a wrong name."""
    views: dict[str, list[str]] = {}
    for view, column in con.execute(
        "select table_name, column_name from duckdb_columns()"
        " where database_name = 'warehouse' and schema_name = 'main' and not internal"
    ).fetchall():
        views.setdefault(view, []).append(column)
    if found := _COLUMN.search(message):
        return _wrong_column(found[1] or found[2], sql, views)
    if found := _VIEW.search(message):
        nearest = _nearest(found[1], views)
        return f"there is no view {found[1]!r};{nearest} the views are {', '.join(sorted(views))}"
    return message.split("\n\nLINE")[0]


def _wrong_column(column: str, sql: str, views: dict[str, list[str]]) -> str:
    named = {
        view: columns for view, columns in views.items() if re.search(rf"\b{view}\b", sql, re.IGNORECASE)
    }
    elsewhere = sorted(
        view for view, columns in views.items() if column.lower() in columns and view not in named
    )
    nearest = _nearest(column, [name for columns in named.values() for name in columns])
    if elsewhere and not nearest:
        nearest = f" {', '.join(elsewhere)} {'has' if len(elsewhere) == 1 else 'have'} it;"
    known = "; ".join(f"{view} has {', '.join(columns)}" for view, columns in sorted(named.items()))
    return f"there is no column {column!r} here;{nearest} {known or 'the query names no view'}"


def _nearest(name: str, known: list[str] | dict[str, list[str]]) -> str:
    close = difflib.get_close_matches(name.lower(), known, n=1)
    return f" did you mean {close[0]!r}?" if close else ""
