"""The warehouse of one home: who may write, what is committed, and the one step that commits.

A unit of work (such as `r0001/sample/0003`) writes its rows once, as one shard per kind. They
become visible together, when a catalog that lists them is renamed into place, or not at all:
a kill at any moment loses at most the unit of work in flight.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from threading import RLock
from types import TracebackType
from typing import Any

import pyarrow as pa

from warehouse.catalog import CATALOG, connect, publish, read_ledger
from warehouse.errors import AlreadyCommitted, HomeDamaged, HomeMissing
from warehouse.lock import release_lock, take_lock
from warehouse.rows import Rows, to_table
from warehouse.shards import Entry, check_name, check_shards, clear_unlisted, now, write_shard


class Warehouse:
    """The only writer to a home, until closed; its threads may share it.

    Opening makes the folder if need be, takes its lock, checks the committed shards, removes
    what a killed run left unfinished, and publishes the catalog for where the home now stands.
    Raises HomeInUse, HomeTooNew or HomeDamaged; the home is then left as it was.
    """

    def __init__(self, home: Path | str) -> None:
        self.home = Path(home).resolve()
        if (self.home / CATALOG).exists():
            connect(self.home).close()  # before the first write: a newer home is left untouched
        self.home.mkdir(parents=True, exist_ok=True)
        self._mutex = RLock()
        self._lock: int | None = take_lock(self.home)
        try:
            self._entries = _recover(self.home)
            self._names = {entry.name for entry in self._entries}
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Warehouse":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Let the home go. Closing twice does nothing."""
        with self._mutex:
            if self._lock is not None:
                release_lock(self._lock)
            self._lock = None

    def has(self, name: str) -> bool:
        """Whether the unit of work was committed."""
        return name in self._names

    def commit(self, name: str, tables: Mapping[str, Rows]) -> None:
        """Commit a unit of work: all its rows, by kind, become visible in one atomic step.

        A kind without rows, or no kind at all, is fine: the name is committed all the same.
        Raises AlreadyCommitted for a name that is (ask `has` first: rows are never replaced),
        and WrongRows before anything is written.
        """
        with self._mutex:
            self._check_open()
            check_name(name)
            if name in self._names:
                raise AlreadyCommitted(f"a unit of work is committed once; {name} is, in {self.home}")
            checked = {kind: to_table(kind, rows) for kind, rows in tables.items()}
            entries = self._entries + self._write(name, checked)
            publish(self.home, entries)
            self._entries = entries
            self._names.add(name)

    def _write(self, name: str, tables: Mapping[str, pa.Table]) -> list[Entry]:
        if not tables:
            return [Entry(name, None, None, 0, 0, None, now())]
        return [
            write_shard(self.home, name, kind, table)
            if table.num_rows
            else Entry(name, kind, None, 0, 0, None, now())
            for kind, table in tables.items()
        ]

    def query(self, sql: str, params: Sequence[object] = ()) -> list[dict[str, Any]]:
        """The rows of a query over what is committed, as dicts; `?` in it stands for a parameter."""
        with connect(self.home) as con:
            result = con.execute(sql, list(params))
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def arrow(self, sql: str, params: Sequence[object] = ()) -> pa.Table:
        """The same as an Arrow table."""
        with connect(self.home) as con:
            return con.sql(sql, params=list(params)).to_arrow_table()

    def _check_open(self) -> None:
        if self._lock is None:
            raise ValueError(f"a warehouse is written to while open; {self.home} was closed")


def _recover(home: Path) -> list[Entry]:
    """Bring a home to what its ledger says, under its lock; returns the ledger."""
    try:
        entries = read_ledger(home)
    except HomeMissing:
        # The first catalog is published before the first shard is written, so shards without
        # one are somebody's rows whose ledger is lost, not leftovers.
        if any(home.glob("shards/*/*.parquet")):
            raise HomeDamaged(f"{home} has shards, so it had a catalog; {CATALOG} is missing there") from None
        entries = []
    check_shards(home, entries)
    clear_unlisted(home, entries)
    publish(home, entries)
    return entries
