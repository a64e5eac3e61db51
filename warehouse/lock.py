"""One writer to a home: an advisory lock that dies with its process.

The lock is the kernel's (`flock` on `home/lock`), not the file: what a killed run leaves
behind stands in nobody's way. The file's text says who holds it, for the one who is refused.
"""

import fcntl
import os
import socket
from pathlib import Path

from warehouse.errors import HomeInUse

_held: set[int] = set()


def _let_go_in_child() -> None:
    """A forked worker that outlives its killed parent must not keep the home locked."""
    for descriptor in _held:
        os.close(descriptor)
    _held.clear()


os.register_at_fork(after_in_child=_let_go_in_child)


def take_lock(home: Path) -> int:
    """Lock the home for this process; returns what `release_lock` wants.

    Raises HomeInUse, naming the holder's host and process.
    """
    path = home / "lock"
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o644)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        holder = os.read(descriptor, 200).decode(errors="replace").strip()
        os.close(descriptor)
        raise HomeInUse(f"one run at a time writes to a home; {home} is in use by {holder}") from None
    _held.add(descriptor)
    os.ftruncate(descriptor, 0)
    os.write(descriptor, f"host {socket.gethostname()}, process {os.getpid()}\n".encode())
    return descriptor


def release_lock(descriptor: int) -> None:
    if descriptor in _held:  # a forked child holds nothing
        _held.remove(descriptor)
        os.close(descriptor)
