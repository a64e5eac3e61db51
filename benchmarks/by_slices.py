"""Arms beside each other on a machine whose speed moves: each in a process of its own, one of them running at a time.

They take turns by the second, with all their processes stopped in between, so that whatever slows the machine for
longer slows them all alike. Each has the machine, the interpreter and the memory for itself, as it has in use.
"""

import ctypes
import multiprocessing
import os
import signal
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess

import psutil

SLICE_S = 1.0
ENDS_S = 20.0
PR_SET_PDEATHSIG = 1

Work = Callable[[], object]


def seconds(arms: Sequence[Callable[[], Work]]) -> list[float]:
    """For how long each arm's work ran. An arm is a function that can be imported; it makes ready and returns the work.

    Raises EOFError if one ended before it was done.
    """
    multiprocess = multiprocessing.get_context("spawn")
    took = [0.0] * len(arms)
    processes: list[SpawnProcess] = []
    pipes: list[Connection] = []
    try:
        for arm in arms:  # made ready one after another
            pipe, theirs = multiprocess.Pipe()
            process = multiprocess.Process(target=_serve, args=(arm, theirs))
            process.start()
            theirs.close()
            processes.append(process)
            pipes.append(pipe)
            pipe.recv()
            _signal_all(process, signal.SIGSTOP)
            pipe.send(None)  # to begin when it goes on
        left = list(range(len(arms)))
        while left:
            for index in list(left):
                with _running(processes[index]):
                    started = time.perf_counter()
                    if pipes[index].poll(SLICE_S):
                        pipes[index].recv()
                        left.remove(index)
                    took[index] += time.perf_counter() - started
        for process, pipe in zip(processes, pipes, strict=True):
            pipe.close()
            _signal_all(process, signal.SIGCONT)
            process.join(ENDS_S)
    finally:
        for process in processes:
            _signal_all(process, signal.SIGKILL)
            process.join()
    return took


def _serve(arm: Callable[[], Work], pipe: Connection) -> None:
    ctypes.CDLL(None).prctl(
        PR_SET_PDEATHSIG, signal.SIGKILL
    )  # a stopped process would outlive a killed benchmark
    work = arm()
    pipe.send("ready")
    pipe.recv()
    work()
    pipe.send("done")
    with suppress(EOFError):
        pipe.recv()  # others are still at work


@contextmanager
def _running(process: SpawnProcess) -> Iterator[None]:
    _signal_all(process, signal.SIGCONT)
    try:
        yield
    finally:
        _signal_all(process, signal.SIGSTOP)


def _signal_all(process: SpawnProcess, number: int) -> None:
    """To the process and all that descend from it, the judges for one."""
    with suppress(psutil.NoSuchProcess):
        top = psutil.Process(process.pid)
        for member in [top, *top.children(recursive=True)]:
            with suppress(ProcessLookupError):
                os.kill(member.pid, number)
