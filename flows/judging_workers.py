"""Processes that judge chunks, any of which may be killed at any moment and nothing is lost.

Each has a pipe of its own, and its death is the end of that pipe. The pools there are (of pebble,
`multiprocessing` and `concurrent.futures`) share a queue among their workers, guarded by a lock which a killed
worker takes to its grave; pebble's also breaks for good when an idle worker is killed. A worker whose parent is
killed sees the end of its pipe, too, and leaves.
"""

import multiprocessing
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import partial
from multiprocessing.connection import Connection
from queue import LifoQueue
from typing import Any, Generic, TypeVar, cast

DEATHS = 3  # over one chunk, until its members are judged one by one
STARTS = 10  # in vain, until the chunk is judged in this process

T = TypeVar("T")
Member = TypeVar("Member")
Judged = TypeVar("Judged")

_PROGRAM = """
import sys
sys.path[:] = {path}
from flows.judging_workers import serve
from {module} import {function}
serve({descriptor}, {function})
"""


class WorkerDied(Exception):
    """The process was gone before it had answered."""


class NoWorker(Exception):
    """STARTS processes in a row were gone before they were ready."""


@dataclass(frozen=True, slots=True)
class Judging(Generic[Member, Judged]):
    """How chunks are judged: `chunk` does it, here or in a worker, so it is a function that can be imported.

    `deadly` is what came of a member that killed its worker again and again, and `together` puts what came of
    chunks of one into one.
    """

    chunk: Callable[[Sequence[Member]], Judged]
    deadly: Callable[[Member], Judged]
    together: Callable[[list[Judged]], Judged]


class Worker(Generic[Member, Judged]):
    """One process, started when it is first needed and again when it has died; one thread at a time uses it."""

    def __init__(self, judge_chunk: Callable[[Sequence[Member]], Judged]) -> None:
        self._judge_chunk = judge_chunk
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None
        self._ended = False

    def judge(self, chunk: Sequence[Member]) -> Judged:
        """Raises WorkerDied or NoWorker."""
        pipe = self._ready_pipe()
        try:
            pipe.send(chunk)
            return cast(Judged, pipe.recv())
        except (EOFError, OSError):
            self.close()
            raise WorkerDied from None

    def kill(self) -> None:
        """From any thread: the one that waits for an answer gets WorkerDied, and NoWorker if it asks again."""
        self._ended = True
        process = self._process
        if process is not None:
            process.kill()

    def _ready_pipe(self) -> Connection:
        for _ in range(STARTS):
            if self._pipe is not None:
                return self._pipe
            if self._ended:
                break
            self._start()
        self._ended = True  # and tries no more
        raise NoWorker

    def _start(self) -> None:
        try:
            self._pipe, theirs = multiprocessing.Pipe()
            with theirs:
                program = _PROGRAM.format(
                    path=sys.path,
                    module=self._judge_chunk.__module__,
                    function=self._judge_chunk.__name__,
                    descriptor=theirs.fileno(),
                )
                self._process = subprocess.Popen(
                    [sys.executable, "-c", program],
                    stdin=subprocess.DEVNULL,
                    stdout=subprocess.DEVNULL,
                    pass_fds=[theirs.fileno()],
                    process_group=0,  # Ctrl-C is for the parent
                )
            self._pipe.recv()
        except (EOFError, OSError):  # such as of a limit on processes or files
            self.close()

    def close(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._pipe = self._process = None


def serve(descriptor: int, judge_chunk: Callable[[Any], Any]) -> None:
    """The life of a worker process: ready, then an answer to each chunk until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Connection(descriptor) as pipe, suppress(EOFError, OSError):
        pipe.send(None)
        while True:
            pipe.send(judge_chunk(pipe.recv()))


def judge_chunk(
    judging: Judging[Member, Judged], worker: Worker[Member, Judged], chunk: Sequence[Member]
) -> Judged:
    """Have the chunk judged, whatever happens to the process."""
    for _ in range(DEATHS):
        try:
            return worker.judge(chunk)
        except WorkerDied:
            continue
        except NoWorker:
            return judging.chunk(chunk)
    if len(chunk) == 1:
        return judging.deadly(chunk[0])
    return judging.together([judge_chunk(judging, worker, [member]) for member in chunk])


@contextmanager
def chunk_judges(
    judging: Judging[Member, Judged], count: int
) -> Iterator[Callable[[Callable[[Callable[[Sequence[Member]], Judged]], T]], Future[T]]]:
    """Runs a function in a thread with a judge of chunks that has a process of its own; `count` at a time.

    When this closes, by an exception too, what has not begun is cancelled and all processes are gone.
    """
    workers = [Worker(judging.chunk) for _ in range(count)]
    idle: LifoQueue[Worker[Member, Judged]] = LifoQueue()  # so that no more are started than are needed
    for worker in workers:
        idle.put(worker)

    def run(function: Callable[[Any], T]) -> T:
        worker = idle.get()
        try:
            return function(partial(judge_chunk, judging, worker))
        finally:
            idle.put(worker)

    threads = ThreadPoolExecutor(count)
    try:
        yield lambda function: threads.submit(run, function)
    finally:
        for worker in workers:
            worker.kill()
        threads.shutdown(cancel_futures=True)
        for worker in workers:
            worker.close()
