"""What a home says, timings aside, and whether every file in it is accounted for."""

import hashlib
import re
from collections import Counter
from pathlib import Path
from typing import NamedTuple

import duckdb

from warehouse.query import open_reader

TIMINGS = re.compile(
    "second|_at$|^memory|^idle|^host$"
)  # columns that say when, for how long, where, in how much memory
OF_THIS_HOME = {"repairs"}  # what befell it: an undisturbed run's has none
TOP = {"config.toml", "lock", "report.html", "warehouse.duckdb", "warehouse.previous.duckdb"}


class Picture(NamedTuple):
    """The rows of each view, with how often each is there; the units of work; the digests of other files."""

    rows: dict[str, Counter[str]]
    units: Counter[str]
    files: dict[str, str]


def picture(home: Path) -> Picture:
    with open_reader(home) as con:
        views = con.execute(
            "select view_name from duckdb_views() where not internal and database_name = 'warehouse'"
        ).fetchall()
        rows = {view: _rows(con, view) for (view,) in views if view not in OF_THIS_HOME}
        units = con.execute("select name, kind, rows from ledger where name not like 'repair/%'").fetchall()
    files = [path for path in home.glob("policies/**/*") if path.is_file()]
    return Picture(rows, Counter(map(repr, units)), {str(f.relative_to(home)): _digest(f) for f in files})


def _rows(con: duckdb.DuckDBPyConnection, view: str) -> Counter[str]:
    names = [name for name, *_ in con.execute(f"describe {view}").fetchall()]
    kept = ", ".join(f'"{name}"' for name in names if not TIMINGS.search(name))
    found = con.execute(f"select {kept} from {view}").fetchall()
    return Counter(repr([_plain(value) for value in row]) for row in found)


def _plain(value: object) -> object:
    return f"{value:.10g}" if isinstance(value, float) else value  # a sum depends on its order a little


def _digest(file: Path) -> str:
    content = file.read_bytes()
    if file.name == "training.json":
        content = re.sub(rb'"seconds": [0-9.e-]+', b"", content)
    return hashlib.sha256(content).hexdigest()


def differences(found: Picture, expected: Picture) -> list[str]:
    """What of `found` is not as expected, in words."""
    pairs = [(f"view {v}", found.rows.get(v), expected.rows.get(v)) for v in found.rows | expected.rows]
    pairs.append(("ledger", found.units, expected.units))
    told = [_difference(what, mine, theirs) for what, mine, theirs in pairs if mine != theirs]
    for path in found.files | expected.files:
        if found.files.get(path) != expected.files.get(path):
            told.append(f"file {path}: another content, or in one home only")
    return told


def _difference(what: str, mine: Counter[str] | None, theirs: Counter[str] | None) -> str:
    if mine is None or theirs is None:
        return f"{what}: in one home only"
    more, fewer = mine - theirs, theirs - mine
    example = next(iter(more or fewer))[:300]
    return f"{what}: {more.total()} rows too many, {fewer.total()} missing, such as {example}"


def strays(home: Path) -> list[str]:
    """Files that nothing accounts for, and shards that are not, byte for byte, what the ledger says."""
    with open_reader(home) as con:
        shards = dict(con.execute("select path, sha256 from shards").fetchall())
        superseded = {path for (path,) in con.execute("select path from superseded").fetchall()}
    told = [f"{path}: not as committed" for path, sha256 in shards.items() if _digest(home / path) != sha256]
    for file in home.rglob("*"):
        path = str(file.relative_to(home))
        listed = (
            path in shards or path in superseded or path in TOP or path.startswith(("policies/", "damaged/"))
        )
        if file.is_file() and (not listed or path.endswith((".tmp", ".unfinished"))):
            told.append(f"{path}: nothing accounts for it")
    return told
