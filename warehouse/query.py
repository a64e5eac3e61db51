"""Looking into a home: a read-only connection for code, and `edgework sql` for people.

Both see what was committed when they opened, whether or not a run is writing meanwhile.
"""

import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Literal, TextIO

import duckdb

from warehouse.catalog import quoted
from warehouse.connecting import connect
from warehouse.errors import QueryRefused
from warehouse.kinds import view_statements
from warehouse.suggestions import in_words
from warehouse.text import Row, write_csv, write_json, write_table

Format = Literal["table", "csv", "json"]

ROWS_AT_A_TIME = 10_000

_VIEWS = """
    select v.view_name, t.comment
    from duckdb_views() as v
    left join duckdb_tables() as t on t.table_name = v.view_name and t.schema_name = 'declared'
    where v.database_name = 'warehouse' and v.schema_name = 'main' and not v.internal
    order by v.view_name
"""


def open_reader(home: Path | str) -> duckdb.DuckDBPyConnection:
    """A read-only connection to the views of a home, as committed now; later commits leave it as it is.

    Use this one connection: a cursor made from it starts outside the catalog. Raises
    HomeMissing, HomeTooNew or HomeDamaged.
    """
    return connect(Path(home))


_GAP = r"(?:\s|--[^\n]*\n|/\*.*?\*/)*"
_OPTION = r"\s*\w+(?:\s+\w+)?\s*"
_EXPLAIN = re.compile(
    rf"{_GAP}explain{_GAP}(?:analyze\b|\({_OPTION}(?:,{_OPTION})*\))?", re.IGNORECASE | re.DOTALL
)


def print_rows(sql: str, home: Path | str, format: Format, out: TextIO, terminal: int | None = None) -> None:
    """Write the rows of one SELECT as an aligned table, CSV or JSON, as they come: memory stays flat.

    `terminal` is how many characters a line of the table may have. The query may read this home's files and
    nothing else. Raises QueryRefused for a query that is not one that reads, or that fails, with a suggestion
    where a name is wrong; and what `open_reader` raises.
    """
    with open_reader(home) as con:
        _shut_in(con, Path(home).resolve())
        try:
            explains = _check_reads(con, sql)
            result = con.execute(sql)
            if explains and format == "table":  # a plan is drawn over many lines
                out.writelines(f"{plan}\n" for _, plan in result.fetchall())
                return
            names = [column[0] for column in result.description or ()]
            _write(format, terminal)(names, _rows(result), out)
        except duckdb.Error as error:
            raise QueryRefused(in_words(con, sql, str(error))) from error


def grains(home: Path | str) -> dict[str, str]:
    """The views of a home, by name, with what a row of each is. Raises as `open_reader` does."""
    stated = dict(_grain(text) for text in view_statements() if "create or replace view" in text)
    with open_reader(home) as con:
        return {view: stated.get(view) or comment or "" for view, comment in con.execute(_VIEWS).fetchall()}


def print_views(home: Path | str, out: TextIO) -> None:
    """What there is to query, a line a view. Raises as `open_reader` does."""
    found = grains(home)
    width = max(map(len, found))
    for view, grain in found.items():
        out.write(f"{view:<{width}}  {grain}\n")


def _grain(statement: str) -> tuple[str, str]:
    first, _, rest = statement.partition("\n")
    return rest.partition("create or replace view ")[2].split()[0], first.removeprefix("-- Grain: ")


def _write(format: Format, terminal: int | None) -> Callable[[list[str], Iterator[Row], TextIO], None]:
    if format == "table":
        return lambda names, rows, out: write_table(names, rows, out, terminal)
    return write_csv if format == "csv" else write_json


def _rows(result: duckdb.DuckDBPyConnection) -> Iterator[Row]:
    while rows := result.fetchmany(ROWS_AT_A_TIME):
        yield from rows


def _shut_in(con: duckdb.DuckDBPyConnection, home: Path) -> None:
    con.execute(f"set allowed_directories = [{quoted(home)}]")
    con.execute("set enable_external_access = false")
    con.execute("set lock_configuration = true")


def _check_reads(con: duckdb.DuckDBPyConnection, sql: str) -> bool:
    """Raises QueryRefused for what does not; returns whether it asks how a query is carried out."""
    kinds = [statement.type.name for statement in con.extract_statements(sql)]
    if len(kinds) != 1:
        raise QueryRefused(f"give one statement that reads, not {len(kinds)}")
    if kinds == ["EXPLAIN"] and (
        found := _EXPLAIN.match(sql)
    ):  # `explain analyze` carries out what it explains
        explained = [statement.type.name for statement in con.extract_statements(sql[found.end() :])]
        if explained == ["SELECT"]:
            return True
        kinds = explained
    if kinds != ["SELECT"]:
        verb = "a pivot without a list of values" if kinds == ["MULTI"] else " ".join(kinds)
        raise QueryRefused(
            f"this only reads (select, from, with, describe, show, summarize, explain), and {verb} does not"
        )
    return False
