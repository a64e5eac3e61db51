"""What a home can do without: listed first, removed when asked.

Never a row, never a shard that is read, never a checkpoint that was promoted: from any checkpoint back to the
problems that made it, lineage stays whole.
"""

import shutil
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import duckdb

from warehouse.connecting import connect
from warehouse.disk import refusal_named
from warehouse.ledger import now
from warehouse.recovery import DAMAGED
from warehouse.store import Warehouse

# A refused candidate's weights serve nobody once its round is decided; its row, with the digest, stays.
_REFUSED = """
    select p.path, p.round from policies p join promotions m on m.candidate = p.policy
    where not m.promoted and p.policy not in (select incumbent from promotions)
        and p.policy not in (select candidate from promotions where promoted)
    order by p.round
"""
_NOT_YET_REDONE = "select name from repairs where name <> '' and name not in (select name from ledger)"
_DECIDED = "select round from promotions order by round"


@dataclass(frozen=True, slots=True)
class Dispensable:
    """A file or folder, relative to the home, its size in bytes, and why it can go."""

    path: str
    bytes: int
    reason: str


def dispensable(home: Path, older_than: timedelta) -> list[Dispensable]:
    """What can be removed: of superseded shards those merged so long ago. Raises as `connect` does.

    A reader who has had a catalog open since before the merge still reads those: hence the wait.
    """
    home = home.resolve()
    with connect(home) as con:
        return [
            *_superseded(home, con, older_than),
            *_checkpoints(home, con),
            *_training_files(home, con),
            *_damaged(home, con),
        ]


def remove(store: Warehouse, older_than: timedelta) -> list[Dispensable]:
    """Remove what is dispensable now, while no run can write, and return it. Raises HomeNotWritable."""
    found = dispensable(store.home, older_than)
    with refusal_named(store.home):
        store.forget([one.path for one in found])
        for one in found:
            _delete(store.home / one.path)
    return found


def _superseded(home: Path, con: duckdb.DuckDBPyConnection, older_than: timedelta) -> Iterator[Dispensable]:
    rows = con.execute(
        "select path from superseded where superseded_at <= ? order by path", [now() - older_than]
    ).fetchall()
    return _sized(home, [home / path for (path,) in rows], "its rows stand in a larger shard now")


def _checkpoints(home: Path, con: duckdb.DuckDBPyConnection) -> Iterator[Dispensable]:
    folders = [home / path for path, _ in con.execute(_REFUSED).fetchall() if not Path(path).is_absolute()]
    return _sized(home, folders, "the checkpoint of a candidate that was refused")


def _training_files(home: Path, con: duckdb.DuckDBPyConnection) -> Iterator[Dispensable]:
    files = [
        home / "policies" / f"round-{number:04}.rows.parquet"
        for (number,) in con.execute(_DECIDED).fetchall()
    ]
    return _sized(home, files, "training rows of a decided round; the warehouse has them")


def _damaged(home: Path, con: duckdb.DuckDBPyConnection) -> Iterator[Dispensable]:
    """Files set aside, once every unit of work that was taken out is there again: else they may hold its only copy.

    A candidate whose checkpoint was removed is not evaluated again.
    """
    refused = con.execute(_REFUSED).fetchall()
    never = tuple(f"r{number:04}/evaluate/" for path, number in refused if not (home / path).exists())
    if all(name.startswith(never) for (name,) in con.execute(_NOT_YET_REDONE).fetchall()):
        reason = "damaged; what was in it was done again, or cannot be"
        yield from _sized(home, sorted((home / DAMAGED).glob("*")), reason)


def _sized(home: Path, paths: Iterable[Path], reason: str) -> Iterator[Dispensable]:
    for path in paths:
        if path.exists():
            files = [file for file in path.rglob("*") if file.is_file()] if path.is_dir() else [path]
            size = sum(file.stat().st_size for file in files)
            yield Dispensable(str(path.relative_to(home)), size, reason)


def _delete(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
