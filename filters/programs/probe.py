"""Runs INSIDE a sandbox before it is first used, as a model's program would, and looks for a way out."""

import os
import resource
import socket
import threading
from collections.abc import Callable
from pathlib import Path

MANY = 64  # more threads than are allowed


def broken_promises(folders: list[str], hidden: list[str]) -> list[str]:
    """What is so but should not be; nothing, if the sandbox is one. In its root are these folders, and the
    hidden files, which are outside, cannot be seen."""
    checks = (_runs_as_root, _writes, _forks, _raises_limits, _hogs, _reaches_out, _threads)
    broken = [check.__name__.strip("_") for check in checks if check()]
    if _names("/") != folders or _names("/dev") != ["null"] or any(Path(path).exists() for path in hidden):
        broken.append("sees_files")
    return broken


def _names(folder: str) -> list[str]:
    return sorted(path.name for path in Path(folder).iterdir())


def _runs_as_root() -> bool:
    return 0 in (os.getuid(), os.geteuid(), os.getgid(), os.getegid())


def _writes() -> bool:
    """Anywhere but in /tmp, or more there than it may hold."""
    for folder in (Path("/"), Path("/dev"), Path(os.__file__).parent):
        if not _fails(folder.joinpath("written").touch):
            return True
    return not _fails(_fill_tmp)


def _fill_tmp() -> None:
    files = [Path("/tmp", str(place)) for place in range(3)]
    try:
        for file in files:
            file.write_bytes(bytes(12 << 20))
    finally:
        for file in files:
            file.unlink(missing_ok=True)


def _forks() -> bool:
    try:
        child = os.fork()
    except OSError:
        return False
    if not child:
        os._exit(0)
    return True


def _raises_limits() -> bool:
    return not _fails(lambda: resource.setrlimit(resource.RLIMIT_AS, (resource.RLIM_INFINITY,) * 2))


def _hogs() -> bool:
    return not _fails(lambda: bytearray(1 << 30))


def _reaches_out() -> bool:
    return [name for _, name in socket.if_nameindex()] != ["lo"]


def _threads() -> bool:
    """Too many can be started, or none."""
    done = threading.Event()
    threads = [threading.Thread(target=done.wait, daemon=True) for _ in range(MANY)]
    started = 0
    threading.stack_size(1 << 17)
    try:
        for thread in threads:
            thread.start()
            started += 1
    except RuntimeError:
        pass
    done.set()
    return not 1 < started < MANY


def _fails(action: Callable[[], object]) -> bool:
    try:
        action()
    except (OSError, ValueError, MemoryError):
        return True
    return False
