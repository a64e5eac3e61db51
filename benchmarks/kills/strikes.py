"""What is done to a run: killed whole or in part, and its files torn as a crash of the machine may tear them."""

import os
import signal
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from random import Random

import duckdb

from benchmarks.kills.runs import descendants
from warehouse.catalog import CATALOG
from warehouse.errors import WarehouseError
from warehouse.query import open_reader

_BLOCK = 4096  # bytes, of a disk


def kill(pid: int, whole_group: bool = False) -> None:
    with suppress(ProcessLookupError):
        os.killpg(pid, signal.SIGKILL) if whole_group else os.kill(pid, signal.SIGKILL)


def kill_child(pid: int, rng: Random, role: str | None = None) -> str | None:
    """Kill one of the processes that it started, or one of that role; returns which, or None if it has none yet."""
    found = [child for child in sorted(descendants(pid)) if role is None or _role(child) == role]
    if not found:
        return None
    victim = rng.choice(found)
    with suppress(OSError):
        name = _role(victim)
        os.kill(victim, signal.SIGKILL)
        return name
    return None


def _role(pid: int) -> str | None:
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:  # it has just ended
        return None
    for words, role in {
        "uvicorn": "Prefect's server",
        "os.kill(int": "the server's watcher",
        "forkserver": "fork server or worker",
        "resource_tracker": "resource tracker",
        "bwrap": "sandbox",
    }.items():
        if words in command:
            return role
    return "another child"


def tear(home: Path, rng: Random) -> tuple[str, str] | None:
    """Damage a committed file; returns how, and the path in the home, or None where nothing can be damaged yet."""
    if not (home / CATALOG).exists():
        return None
    shards = committed_shards(home)
    path = rng.choice(shards) if shards and rng.random() < 0.5 else CATALOG
    how = rng.choice(sorted(DAMAGES))
    DAMAGES[how](home / path, rng)
    return how, path


def committed_shards(home: Path) -> list[str]:
    with suppress(WarehouseError, duckdb.Error), open_reader(home) as con:  # torn by the strike before
        return [path for (path,) in con.execute("select path from shards order by path").fetchall()]
    return []


def cut(file: Path, rng: Random) -> None:
    os.truncate(file, rng.randrange(file.stat().st_size))


def zero_the_end(file: Path, rng: Random) -> None:
    """The blocks from some place on never reached the disk."""
    size = file.stat().st_size
    start = rng.randrange(size) // _BLOCK * _BLOCK
    with file.open("r+b") as stream:
        stream.seek(start)
        stream.write(bytes(size - start))


def flip_a_byte(file: Path, rng: Random) -> None:
    where = rng.randrange(file.stat().st_size)
    with file.open("r+b") as stream:
        stream.seek(where)
        (byte,) = stream.read(1)
        stream.seek(where)
        stream.write(bytes([byte ^ rng.randrange(1, 256)]))


def remove(file: Path, rng: Random) -> None:
    file.unlink()


DAMAGES: dict[str, Callable[[Path, Random], None]] = {
    "cut": cut,
    "zeros": zero_the_end,
    "byte": flip_a_byte,
    "gone": remove,
}
