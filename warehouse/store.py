"""The warehouse of one home: who may write, what is committed, and the one step that commits.

A unit of work (such as `r0001/sample/0003`) writes its rows once, as one shard per kind. They
become visible together, when a catalog that lists them is renamed into place, or not at all:
a kill at any moment loses at most the unit of work in flight.
"""

import logging
import os
import sys
from collections.abc import Collection, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from threading import Event, RLock
from types import TracebackType
from typing import Any, TypeAlias

import duckdb
import pyarrow as pa

from warehouse.catalog import CATALOG, publish
from warehouse.connecting import connect, open_in_memory, read_ledger
from warehouse.disk import refusal_named
from warehouse.errors import AlreadyCommitted, HomeDamaged, HomeInUse, ShardDamaged
from warehouse.handing_in import HandedIn, check, take_in, with_empty
from warehouse.kinds import schema_version
from warehouse.ledger import Entry, Ledger, Shard, now
from warehouse.lock import release_lock, take_lock
from warehouse.merging import Stopped, due, merge
from warehouse.recovery import recover
from warehouse.rows import Rows, to_table
from warehouse.shards import check_name, find_damaged, path_of, write_shard

Parameters: TypeAlias = Sequence[object] | Mapping[str, object]

log = logging.getLogger(__name__)


class Warehouse:
    """The only writer to a home, until closed; its threads may share it.

    Opening makes the folder if need be, takes its lock, checks every committed byte, removes
    what a killed run left unfinished, and publishes the catalog for where the home now stands.
    `repairs` says which units of work were taken out for a damaged file, to be done again, and what was restored.
    Raises HomeInUse, HomeTooNew, HomeDamaged or HomeNotWritable; the home is then left as it was. What fails in a
    `with` block because a shard was damaged meanwhile leaves it as ShardDamaged.
    """

    def __init__(self, home: Path | str) -> None:
        self.home = Path(home).resolve()
        _refuse_newer(self.home)  # before the first write
        self._mutex = RLock()
        self._builder = duckdb.connect()
        self._closing = Event()
        self._merger = ThreadPoolExecutor(1, "merge", initializer=_give_way)
        self._merging: Future[None] | None = None
        with refusal_named(self.home):
            self.home.mkdir(parents=True, exist_ok=True)
            self._lock: int | None = take_lock(self.home)
            try:
                self._ledger, self.repairs = recover(self._builder, self.home)
                self._names = {entry.name for entry in self._ledger.entries}
            except BaseException:
                self.close()
                raise

    def __enter__(self) -> "Warehouse":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if isinstance(error, duckdb.Error | pa.ArrowException | HomeDamaged):
                self._name_damage(error)
        finally:
            self.close()

    def _name_damage(self, error: Exception) -> None:
        """Raises ShardDamaged where a shard that was whole when the home was opened is what failed since."""
        for path, state in find_damaged(self.home, self._ledger).items():
            raise ShardDamaged(
                f"a committed shard stays as it is, and {self.home / path} was damaged while this went on: {state}."
                " The same command repairs it and carries on"
            ) from error

    def close(self) -> None:
        """Let the home go. Closing twice does nothing."""
        with self._mutex:
            self._closing.set()
        self._merger.shutdown()
        with self._mutex:
            self._builder.close()
            if self._lock is not None:
                release_lock(self._lock)
            self._lock = None

    def has(self, name: str) -> bool:
        """Whether the unit of work was committed."""
        return name in self._names

    def commit(self, name: str, tables: Mapping[str, Rows], handed_in: HandedIn | None = None) -> None:
        """Commit a unit of work: all its rows, by kind, become visible in one atomic step.

        Rows of some kinds may have been written elsewhere and `handed_in`. A kind without rows, or no kind at all,
        is fine: the name is committed all the same. Raises AlreadyCommitted for a name that is (ask `has` first:
        rows are never replaced), WrongRows before anything is written, and HomeNotShared or ShardDamaged if what
        was handed in is not there.
        """
        with self._mutex, refusal_named(self.home):
            self._check_open()
            check_name(name)
            if name in self._names:
                raise AlreadyCommitted(f"a unit of work is committed once; {name} is, in {self.home}")
            given = with_empty(tables, handed_in) if handed_in else tables
            checked = {kind: to_table(kind, rows) for kind, rows in given.items()}
            if handed_in:
                check(self.home, name, handed_in)
            self._publish(self._ledger.with_unit(*self._write(name, checked, handed_in)))
            self._names.add(name)
        self._merge_what_is_due()

    def _write(
        self, name: str, tables: Mapping[str, pa.Table], handed_in: HandedIn | None
    ) -> tuple[list[Entry], list[Shard]]:
        shards = {shard.kind: shard for shard in take_in(self.home, name, handed_in)} if handed_in else {}
        shards |= {
            kind: write_shard(self.home, path_of(name, kind), kind, [table])
            for kind, table in tables.items()
            if table.num_rows
        }
        written = dict.fromkeys([*shards, *tables])
        entries = [
            Entry(name, kind, shards[kind].path, 0, shards[kind].rows, now())
            if kind in shards
            else Entry(name, kind, None, 0, 0, now())
            for kind in written
        ]
        return entries or [Entry(name, None, None, 0, 0, now())], list(shards.values())

    def _publish(self, ledger: Ledger) -> None:
        try:
            publish(self._builder, self.home, ledger)
        except BaseException:
            self._builder.close()
            self._builder = duckdb.connect()
            raise
        self._ledger = ledger

    def _merge_what_is_due(self) -> None:
        """Beside whatever comes next; readers of earlier catalogs keep the shards that they list."""
        with self._mutex:
            idle = self._merging is None or self._merging.done()
            if idle and not self._closing.is_set() and due(self._ledger):
                self._merging = self._merger.submit(self._merge)

    def _merge(self) -> None:
        try:
            while paths := due(self._ledger):
                merged = merge(self.home, self._ledger, paths, self._closing.is_set)
                try:
                    with self._mutex:
                        self._publish(self._ledger.with_merged(paths, merged))
                except BaseException:
                    (self.home / merged.path).unlink(missing_ok=True)
                    raise
        except Stopped:
            pass
        except Exception as error:  # nothing is lost: the shards stay as they are, and so does their number
            log.warning("small shards of %s were not merged: %s", self.home, error)

    def forget(self, paths: Collection[str]) -> None:
        """Take these paths off the list of superseded shards; their files are nobody's then."""
        with self._mutex, refusal_named(self.home):
            self._check_open()
            kept = {path: old for path, old in self._ledger.superseded.items() if path not in paths}
            self._publish(replace(self._ledger, superseded=kept))

    def query(self, sql: str, params: Parameters = ()) -> list[dict[str, Any]]:
        """The rows of a query over what is committed, as dicts; `?` or `$name` in it stands for a parameter."""
        with self._reader() as con:
            result = con.execute(sql, params)
            names = [column[0] for column in result.description or ()]
            return [dict(zip(names, row, strict=True)) for row in result.fetchall()]

    def arrow(self, sql: str, params: Parameters = ()) -> pa.Table:
        """The same as an Arrow table."""
        with self._reader() as con:
            return con.sql(sql, params=params).to_arrow_table()

    def _reader(self) -> duckdb.DuckDBPyConnection:
        try:
            return connect(self.home)
        except HomeInUse:  # somebody's shell has the catalog open for writing, which must not stop a run
            return open_in_memory(self.home, self._ledger, schema_version())

    def _check_open(self) -> None:
        if self._lock is None:
            raise ValueError(f"a warehouse is written to while open; {self.home} was closed")


def _give_way() -> None:
    """The thread that merges is to slow down nobody. On Linux a thread has a niceness of its own."""
    if sys.platform == "linux":
        os.nice(5)


def _refuse_newer(home: Path) -> None:
    """Raises HomeTooNew where the catalog says so; of any other fault, recovery has the say."""
    if (home / CATALOG).exists():
        with suppress(HomeDamaged):
            read_ledger(home)
