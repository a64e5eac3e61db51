"""What happens in the worker: it accepts its limits once, and then does each piece of work under the alarm clock."""

import importlib
import resource
import signal
import sys
from collections.abc import Callable
from typing import Any, TypeVar

from filters.workers.failures import OutOfMemory

MEMORY_BYTES = 2 * 2**30  # of address space; a warm worker has about 0.1 GiB
STACK_BYTES = 64 * 2**20
RECURSION = 4_000  # frames: more than any text of `symbolic` takes, and within the stack
GRACE_S = 0.5
PRELOADED = "filters.symbolic.judging"

T = TypeVar("T")


def limited(
    function: Callable[..., T], arguments: tuple[Any, ...], wall_s: float
) -> tuple[T | None, Exception | None]:
    """In the worker: the result or the error. The alarm kills even C code, and even without a host."""
    signal.setitimer(signal.ITIMER_REAL, wall_s + GRACE_S)
    try:
        return function(*arguments), None
    except MemoryError:
        return None, OutOfMemory(f"the work needs more than {MEMORY_BYTES >> 20} MiB")
    except Exception as error:
        return None, error
    finally:
        signal.setitimer(signal.ITIMER_REAL, 0)


def prepare() -> None:
    """In the worker, before its first task: import what the tasks need, then accept the limits."""
    importlib.import_module(PRELOADED)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
    _lower(resource.RLIMIT_STACK, STACK_BYTES)
    _lower(resource.RLIMIT_AS, MEMORY_BYTES)
    sys.setrecursionlimit(RECURSION)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)  # at once: Python's own handlers wait for C code to return
    signal.signal(signal.SIGALRM, signal.SIG_DFL)


def _lower(kind: int, limit: int) -> None:
    hard = resource.getrlimit(kind)[1]
    limit = limit if hard == resource.RLIM_INFINITY else min(limit, hard)
    resource.setrlimit(kind, (limit, limit))
