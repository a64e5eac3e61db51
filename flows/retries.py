"""What a task tries again: what a network did, and nothing that would be the same the next time."""

import errno
import os
from typing import Any, ParamSpec, TypeVar

import duckdb
from prefect.client.schemas.objects import State, TaskRun
from prefect.tasks import Task

from warehouse.hub.patience import PushFailed

P = ParamSpec("P")
R = TypeVar("R")

DELAYS_S = [5.0, 20.0, 60.0]
_OF_A_NETWORK = {
    errno.EIO,
    errno.ESTALE,  # a file system's server came back as another
    errno.ETIMEDOUT,
    errno.EREMOTEIO,
    errno.ENOTCONN,
    errno.ECONNRESET,
    errno.ENETUNREACH,
    errno.EHOSTUNREACH,
}


def is_passing(error: object) -> bool:
    """Whether it may be gone in a minute: a file system or the Hub was away. Full disks and bad input are not."""
    if isinstance(error, OSError):
        return error.errno in _OF_A_NETWORK
    if isinstance(error, duckdb.Error):  # which has the system's words, but not its number
        return any(os.strerror(number) in str(error) for number in _OF_A_NETWORK)
    return isinstance(error, PushFailed)


def _passes(task: Task[Any, Any], run: TaskRun, state: State[Any]) -> bool:
    return is_passing(state.data)


def again(task: Task[P, R]) -> Task[P, R]:
    """The task, tried again after passing failures."""
    return task.with_options(retries=len(DELAYS_S), retry_delay_seconds=DELAYS_S, retry_condition_fn=_passes)
