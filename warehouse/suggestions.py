"""What DuckDB says of a query that fails, in fewer words, and with the name that was probably meant."""

import difflib
import re

import duckdb

_COLUMNS = """
    select table_name, column_name from duckdb_columns()
    where database_name = 'warehouse' and schema_name = 'main' and not internal
"""
_RESERVED = """
    select distinct column_name from duckdb_columns() join duckdb_keywords() on keyword_name = column_name
    where database_name = 'warehouse' and schema_name = 'main' and not internal
        and keyword_category in ('reserved', 'type_function') order by column_name
"""
_NO_WORDS = re.compile(r"'[^']*'|\"[^\"]*\"|--[^\n]*|/\*.*?\*/", re.DOTALL)  # texts, quoted names, comments
_COLUMN = re.compile(
    r'Referenced column "([^"]+)"|does not have a column named "([^"]+)"'
    r'|Column "([^"]+)" (?:in \w+ list|does not exist)'
)
_OF_TABLE = re.compile(r'(?:Values list|Table) "([^"]+)" does not have a column')
_CANDIDATES = re.compile(r"Candidate bindings: (.+)")
_VIEW = re.compile(r"Table with name \"?([^\"\s]+?)\"? does not exist")
_MOST_NAMED = 4  # views that have a column which the query's own lack


def in_words(con: duckdb.DuckDBPyConnection, sql: str, message: str) -> str:
    """DuckDB's message on one line, or a better one where a view or a column has a wrong name."""
    views: dict[str, list[str]] = {}
    for view, column in con.execute(_COLUMNS).fetchall():
        views.setdefault(view, []).append(column)
    if found := _COLUMN.search(message):
        return _wrong_column(found[1] or found[2] or found[3], sql, message, views)
    if found := _VIEW.search(message):
        meant = _nearest(found[1], [*views, *_defined_in(sql)])
        return f"there is no view {found[1]!r}; " + (
            meant or "without a query, edgework sql lists those there are"
        )
    said = " ".join(re.split(r"\n+LINE |\n\s*Candidate functions", message)[0].split())
    return said + (_to_be_quoted(con, sql) if "syntax error" in said else "")


def _to_be_quoted(con: duckdb.DuckDBPyConnection, sql: str) -> str:
    """Which word of SQL, if any, was written where it may be meant as a column of that name."""
    words = _NO_WORDS.sub(" '' ", sql)
    for (name,) in con.execute(_RESERVED).fetchall():
        if re.search(rf"(?<![\w.]){name}\b(?!\s*\(|\s+(?:outer\s+)?join\b)", words, re.IGNORECASE):
            return f'; {name} is a word of SQL: the column of that name is written "{name}", in double quotes'
    return ""


def _wrong_column(column: str, sql: str, message: str, views: dict[str, list[str]]) -> str:
    """Who else has that column, or which one may have been meant, or which there are."""
    table = _OF_TABLE.search(message)
    called = _view_called(table[1], sql, views) if table else None
    named = [called] if called else [view for view in views if re.search(rf"\b{view}\b", sql, re.IGNORECASE)]
    known = [name for view in named for name in views[view]]
    elsewhere = sorted(view for view in views.keys() - named if column.lower() in views[view])
    said = f"there is no column {column!r} " + (f"in {table[1]!r}" if table else "here")
    if elsewhere:
        more = f" and {len(elsewhere) - _MOST_NAMED} more" if len(elsewhere) > _MOST_NAMED else ""
        said += f"; {', '.join(elsewhere[:_MOST_NAMED])}{more} {'has' if len(elsewhere) == 1 else 'have'} it"
    elif meant := _nearest(column, _in_scope(message, sql, called)) or _nearest(column, known):
        said += f"; {meant}"
    else:
        said += "".join(f"; {view} has {', '.join(views[view])}" for view in sorted(named))
    if f'"{column}"' in sql:
        said += f"; a text, unlike a name, stands in single quotes: '{column}'"
    return said


def _in_scope(message: str, sql: str, called: str | None) -> list[str]:
    """What DuckDB found close, and what the query itself names: a subquery has columns that no view has."""
    candidates = _CANDIDATES.search(message)
    found = re.findall(r'"([^"]+)"', candidates[1]) if candidates else []
    return found if candidates or called else re.findall(r"\bas\s+(\w+)", sql, re.IGNORECASE)


def _view_called(name: str, sql: str, views: dict[str, list[str]]) -> str | None:
    """The view that the query calls by this name or alias, if it is one."""
    if name in views:
        return name
    alias = re.search(rf"\b(\w+)\s+(?:as\s+)?\"?{re.escape(name)}\b", sql, re.IGNORECASE)
    return alias[1].lower() if alias and alias[1].lower() in views else None


def _defined_in(sql: str) -> list[str]:
    return re.findall(r"\b(\w+)\s+as\s+(?:materialized\s+)?\(", sql, re.IGNORECASE)


def _nearest(name: str, known: list[str]) -> str:
    close = difflib.get_close_matches(name.lower(), known, n=1)
    return f"did you mean {close[0]!r}?" if close else ""
