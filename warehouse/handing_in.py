"""Shards that a worker on any machine writes into the home, and that the one who commits then takes in.

A worker that is thought to be lost may still be writing. So each attempt at a unit of work has files of its own, whose
names end in chance, and only what was handed in, complete and on the disk, gets the name under which it is committed.
What nobody takes in is cleared away when the home is next opened.
"""

import secrets
import socket
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path

from warehouse.disk import refusal_named
from warehouse.errors import HomeNotShared, ShardDamaged, WrongRows
from warehouse.ledger import Shard
from warehouse.rows import Rows, to_table
from warehouse.shards import MISSING, check_name, flush_folder, path_of, state, write_shard


@dataclass(frozen=True, slots=True)
class HandedIn:
    """The rows of a unit of work: a shard for each kind that has some, written on `host`, and the kinds without."""

    host: str
    shards: tuple[Shard, ...]
    empty: tuple[str, ...] = ()


def hand_in(home: Path, name: str, tables: Mapping[str, Rows]) -> HandedIn:
    """Write the rows of a unit of work for `Warehouse.commit`, durable when this returns.

    Raises WarehouseError for a bad name, WrongRows before anything is written, and HomeNotWritable.
    """
    check_name(name)
    checked = {kind: to_table(kind, rows) for kind, rows in tables.items()}
    attempt = secrets.token_hex(8)
    with refusal_named(home):
        shards = tuple(
            write_shard(home, _path_of_attempt(name, kind, attempt), kind, [table])
            for kind, table in checked.items()
            if table.num_rows
        )
    return HandedIn(
        socket.gethostname(), shards, tuple(k for k, table in checked.items() if not table.num_rows)
    )


def with_empty(tables: Mapping[str, Rows], handed_in: HandedIn) -> dict[str, Rows]:
    """The tables that are left to write. Raises WrongRows if one of them was handed in, too."""
    kinds = [*(shard.kind for shard in handed_in.shards), *handed_in.empty]
    if twice := sorted(tables.keys() & set(kinds)):
        raise WrongRows(
            f"rows of a kind are handed in or given, not both; here are both of {', '.join(twice)}"
        )
    return {**tables, **{kind: [] for kind in handed_in.empty}}


def check(home: Path, name: str, handed_in: HandedIn) -> None:
    """Raises HomeNotShared or ShardDamaged unless all files are here with the bytes that their writer saw.

    A commit that failed after it had taken them in may be tried again.
    """
    for shard in handed_in.shards:
        found = state(home, shard)
        if found == MISSING and not state(home, _taken(name, shard)):
            continue
        if found == MISSING:
            raise HomeNotShared(
                "all machines of a cluster have the home under the same path, on a file system that they share;"
                f" {home / shard.path}, written on {handed_in.host}, is not to be seen on {socket.gethostname()}"
            )
        if found:
            raise ShardDamaged(
                f"a shard is read as it was written; {home / shard.path}, written on {handed_in.host}, is not: {found}."
                " The same command carries on"
            )


def take_in(home: Path, name: str, handed_in: HandedIn) -> list[Shard]:
    """Give the files the names under which they are committed."""
    taken = [_taken(name, shard) for shard in handed_in.shards]
    for before, after in zip(handed_in.shards, taken, strict=True):
        if (home / before.path).exists():
            (home / before.path).rename(home / after.path)
        flush_folder((home / after.path).parent)
    return taken


def _taken(name: str, shard: Shard) -> Shard:
    return replace(shard, path=path_of(name, shard.kind))


def _path_of_attempt(name: str, kind: str, attempt: str) -> str:
    """No unit of work has this path: a name has no empty part."""
    return path_of(f"{name}//{attempt}", kind)
