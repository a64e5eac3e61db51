"""The kinds of shard and their columns, as `schema/*.sql` declares them.

The SQL is the only place that names columns; DuckDB reads it and Arrow schemas come out.
"""

import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

import duckdb
import pyarrow as pa

_ROOM = Path(__file__).parent


@cache
def schema_steps() -> tuple[str, ...]:
    """The text of schema/0001.sql, 0002.sql, ... in order."""
    return tuple(path.read_text() for path in sorted(_ROOM.glob("schema/[0-9][0-9][0-9][0-9].sql")))


@cache
def view_statements() -> tuple[str, ...]:
    """The text of views/*.sql, each after the views that it names; comments name none."""
    texts = {path.stem: path.read_text() for path in sorted(_ROOM.glob("views/*.sql"))}
    words = {view: set(re.findall(r"\w+", re.sub(r"--.*", "", text))) for view, text in texts.items()}
    order = TopologicalSorter({view: (texts.keys() & words[view]) - {view} for view in texts})
    return tuple(texts[view] for view in order.static_order())


@cache
def backfills() -> dict[str, tuple[int, str]]:
    """For a kind that homes of earlier versions lack: the first version that has it, and the query for its rows."""
    found = {}
    for path in _ROOM.glob("schema/*.backfill.sql"):
        version, kind, _ = path.name.split(".", 2)
        found[kind] = (int(version), path.read_text())
    return found


def schema_version() -> int:
    """The version of the homes that this program writes: the number of the last schema step."""
    return len(schema_steps())


@cache
def kinds() -> dict[str, pa.Schema]:
    """Each kind of shard with its columns, types and whether they may be null."""
    with duckdb.connect() as con:
        for step in schema_steps():
            con.execute(step)
        names = con.execute(
            "select table_name from duckdb_tables() where schema_name = 'declared' order by table_oid"
        ).fetchall()
        return {name: _arrow_schema(con, name) for (name,) in names}


def _arrow_schema(con: duckdb.DuckDBPyConnection, kind: str) -> pa.Schema:
    nullable = dict(
        con.execute(
            "select column_name, is_nullable from duckdb_columns()"
            " where schema_name = 'declared' and table_name = ?",
            [kind],
        ).fetchall()
    )
    fields = con.sql(f"select * from declared.{kind} limit 0").to_arrow_table().schema
    return pa.schema([field.with_nullable(nullable[field.name]) for field in fields])
