"""The pools of one worker each: how they are started, found, given work, replaced and ended."""

import atexit
import contextlib
import multiprocessing
import os
import queue
import signal
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import spawn
from typing import Any, TypeVar, TypeVarTuple, cast

import pebble

from filters.workers.failures import OutOfMemory, TimedOut, WorkerDied
from filters.workers.limits import PRELOADED, limited, prepare

START_S = 10.0  # longer than any start; a call that no worker takes up in that time has a broken pool

_BROKEN_POOLS = 5  # a call outlives that many of them, such as idle workers that were killed
_WORKER_NAME = "pebble_pool_worker"

T = TypeVar("T")
Ts = TypeVarTuple("Ts")


def call(function: Callable[[*Ts], T], *arguments: *Ts, wall_s: float) -> T:
    """What `function(*arguments)` returns or raises, worked out in another process within `wall_s` seconds.

    Safe to call from many threads: as many calls run at once as there are cores, the others wait, and
    neither waiting nor the start of a worker counts. A worker that is killed from outside is replaced and the
    call made again. The function must be importable; arguments and result are pickled, so keep them small.
    Raises TimedOut, OutOfMemory, WorkerDied, and whatever the function raises.
    """
    with _ROOM:
        deaths = 0
        for _ in range(_BROKEN_POOLS):
            pool = _idle_or_new()
            try:
                result, error = _finished(
                    pool.schedule(limited, (function, arguments, wall_s), timeout=wall_s)
                )
            except TimeoutError:
                _IDLE.put(pool)  # pebble has killed its worker and starts another
                raise TimedOut(f"the work was not done after {wall_s:g} s") from None
            except pebble.ProcessExpired as expired:
                _stop(pool)
                if expired.exitcode == -signal.SIGALRM:
                    raise TimedOut(f"the work was not done after {wall_s:g} s") from None
                deaths += 1
                if deaths == 2:
                    raise WorkerDied(
                        f"the work ended two workers, the last with {expired.exitcode}"
                    ) from None
            except (BrokenProcessPool, RuntimeError, _NotTakenUp):
                _stop(pool)
            except BaseException:
                _stop(pool)  # the host is interrupted, or the answer does not pickle
                raise
            else:
                _IDLE.put(pool) if not isinstance(error, OutOfMemory) else _stop(pool)
                if error is not None:
                    raise error
                return cast(T, result)
        raise WorkerDied(f"{_BROKEN_POOLS} workers in a row were gone before the work began")


def shutdown() -> None:
    """End all idle workers; the next call starts new ones."""
    with contextlib.suppress(queue.Empty):
        while True:
            _stop(_IDLE.get_nowait())


class _NotTakenUp(Exception):
    """No worker took the task up: its pool is stuck."""


def _finished(future: "Future[Any]") -> Any:
    """The result, as soon as there is one, given that some worker takes the task up within `START_S`."""
    end = time.monotonic() + START_S
    while not future.done():
        with contextlib.suppress(TimeoutError):
            return future.result(timeout=1.0)
        if not future.running() and time.monotonic() > end:
            raise _NotTakenUp
    return future.result()


def _idle_or_new() -> pebble.ProcessPool:
    try:
        return _IDLE.get_nowait()
    except queue.Empty:
        context = multiprocessing.get_context("forkserver")
        context.set_forkserver_preload([PRELOADED])
        return pebble.ProcessPool(max_workers=1, initializer=prepare, context=cast(Any, context))


def _stop(pool: pebble.ProcessPool) -> None:
    pool.stop()  # type: ignore[no-untyped-call]
    pool.join()


_prepared_as_usual = spawn.get_preparation_data


def _prepared_without_main(name: str) -> dict[str, Any]:
    """What a new process is told. Our workers need nothing of the host's script, which they would run again:
    slow if it imports torch, and fatal if it has no `if __name__ == "__main__"`."""
    told: dict[str, Any] = _prepared_as_usual(name)
    if name == _WORKER_NAME:
        told.pop("init_main_from_name", None)
        told.pop("init_main_from_path", None)
    return told


def _forget_workers() -> None:
    """At import, and in a forked child, where the parent's pools have no threads and are not its own."""
    global _IDLE, _ROOM
    _IDLE = queue.LifoQueue()
    _ROOM = threading.BoundedSemaphore(os.cpu_count() or 1)


_IDLE: "queue.LifoQueue[pebble.ProcessPool]"
_ROOM: threading.BoundedSemaphore
_forget_workers()
spawn.get_preparation_data = _prepared_without_main
os.register_at_fork(after_in_child=_forget_workers)
atexit.register(shutdown)
