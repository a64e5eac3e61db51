"""Processes that judge chunks of lines, any of which may be killed at any moment and nothing is lost.

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
from functools import partial
from multiprocessing.connection import Connection
from queue import SimpleQueue
from typing import TypeVar

from flows.judging_lines import BROKEN, Judged, Line, failed, judge_lines

DEATHS = 3  # over one chunk, until its lines are judged one by one
STARTS = 10  # in vain, until the lines are judged in this process

T = TypeVar("T")
ChunkJudge = Callable[[Sequence[Line]], Judged]

_PROGRAM = "import sys; sys.path[:] = {path}; from flows.judging_workers import serve; serve({descriptor})"


class WorkerDied(Exception):
    """The process was gone before it had answered."""


class NoWorker(Exception):
    """STARTS processes in a row were gone before they were ready."""


class Worker:
    """One process, started when it is first needed and again when it has died; one thread at a time uses it."""

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._pipe: Connection | None = None
        self._ended = False

    def judge(self, lines: Sequence[Line]) -> Judged:
        """Raises WorkerDied or NoWorker."""
        pipe = self._ready_pipe()
        try:
            pipe.send(lines)
            judged: Judged = pipe.recv()
        except (EOFError, OSError):
            self.close()
            raise WorkerDied from None
        return judged

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
        raise NoWorker

    def _start(self) -> None:
        ours, theirs = multiprocessing.Pipe()
        with theirs:
            descriptor = theirs.fileno()
            program = _PROGRAM.format(path=sys.path, descriptor=descriptor)
            self._process = subprocess.Popen(
                [sys.executable, "-c", program],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.DEVNULL,
                pass_fds=[descriptor],
                process_group=0,  # Ctrl-C is for the parent
            )
        self._pipe = ours
        try:
            ours.recv()
        except (EOFError, OSError):
            self.close()

    def close(self) -> None:
        if self._pipe is not None:
            self._pipe.close()
        if self._process is not None:
            self._process.kill()
            self._process.wait()
        self._pipe = self._process = None


def serve(descriptor: int) -> None:
    """The life of a worker process: ready, then an answer to each chunk until the pipe ends."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    with Connection(descriptor) as pipe, suppress(EOFError, OSError):
        pipe.send(None)
        while True:
            pipe.send(judge_lines(pipe.recv()))


def judge_chunk(worker: Worker, lines: Sequence[Line]) -> Judged:
    """Have the lines judged, whatever happens to the process; a line that kills it is itself `judge_failed`."""
    for _ in range(DEATHS):
        try:
            return worker.judge(lines)
        except WorkerDied:
            continue
        except NoWorker:
            return judge_lines(lines)
    if len(lines) == 1:
        return _judged_deadly(lines[0])
    parts = [judge_chunk(worker, [line]) for line in lines]
    complaints = {index: part.complaints[0] for index, part in enumerate(parts) if part.complaints}
    return Judged([part.lines[0] for part in parts], complaints)


def _judged_deadly(line: Line) -> Judged:
    try:
        return Judged([failed(line)], {})
    except ValueError as error:
        return Judged([BROKEN], {0: str(error)})


@contextmanager
def chunk_judges(count: int) -> Iterator[Callable[[Callable[[ChunkJudge], T]], Future[T]]]:
    """Runs a function in a thread with a ChunkJudge that has a process of its own; `count` at a time.

    When this closes, by an exception too, what has not begun is cancelled and all processes are gone.
    """
    workers = [Worker() for _ in range(count)]
    idle: SimpleQueue[Worker] = SimpleQueue()
    for worker in workers:
        idle.put(worker)

    def run(function: Callable[[ChunkJudge], T]) -> T:
        worker = idle.get()
        try:
            return function(partial(judge_chunk, worker))
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
