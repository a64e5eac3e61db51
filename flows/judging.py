"""Judge somebody's texts: a line in, a line out, in the same order and in constant memory.

A line that cannot be judged keeps its place in the output as `not_judged`, is reported with its number, and
makes the exit status 2; the lines around it are judged all the same. One process begins; when it has worked for
a while and there is more, processes on all cores take over. What only a full judge can say (a sandboxed
program, an answer for sympy) is left to threads that wait for it while the rest goes on.
"""

import os
import stat
import sys
import time
from collections import deque
from collections.abc import Callable, Generator, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import closing, contextmanager
from functools import partial
from io import BufferedReader
from pathlib import Path
from typing import NamedTuple, TextIO

from rich.console import Console

from curriculum.errors import InputError
from flows.judging_lines import LINES, Judged, Line, judge_fully, judge_lines
from flows.judging_workers import chunk_judges
from flows.progress import live, stage
from generators.row_files import bounded_lines

CORES = len(os.sched_getaffinity(0))
CHUNK_LINES = 512
CHUNK_BYTES = 2**20
WORKERS_PAY_AFTER_S = 0.5  # of judging in this process: about what it takes to start others
MOST_CHUNKS = 8 * CORES  # at work or waiting for their turn to be written
MOST_BYTES = 128 * 2**20


class Chunk(NamedTuple):
    """Successive lines, where they stand, and about how much room they take."""

    first: int
    lines: list[Line]
    bytes: int


class Settled(NamedTuple):
    """What came of a chunk, and by their index the lines that a full judge is still at."""

    judged: Judged
    open: dict[int, Future[str]]


def judge_file(file: Path, out: Path | None, console: Console) -> int:
    """Judge each `{"check","answer","text"}` of a JSONL file; the exit status: 2 if a line was broken.

    A line `{"outcome","reason","judge"}` for each goes to `out`, which appears when all are done, or to
    standard output. InputError if the files cannot be read or written.
    """
    broken = 0
    with (
        _source(file) as stream,
        _target(out, file) as target,
        live(console) as progress,
        stage(progress, "judge", _count_lines(file), "lines") as meter,
        closing(in_order(chunks(stream))) as results,
    ):
        for chunk, settled in results:
            for index, output in enumerate(settled.judged.lines):
                target.write(settled.open[index].result() if output is None else output)
            for index, complaint in settled.judged.complaints.items():
                message = f"{file}, line {chunk.first + index}: {complaint}"
                progress.console.print(message, highlight=False, markup=False, soft_wrap=True)
            broken += len(settled.judged.complaints)
            meter.advance(len(chunk.lines))
    return 2 if broken else 0


def chunks(stream: BufferedReader) -> Iterator[Chunk]:
    first, lines, size = 1, list[Line](), 0
    for line in bounded_lines(stream):
        lines.append(line)
        size += len(line or b"")
        if len(lines) >= CHUNK_LINES or size >= CHUNK_BYTES:
            yield Chunk(first, lines, size)
            first, lines, size = first + len(lines), [], 0
    if lines:
        yield Chunk(first, lines, size)


def in_order(source: Iterator[Chunk]) -> Generator[tuple[Chunk, Settled]]:
    """The chunks in their order with what came of them, a bounded number of them at work."""
    waiting: deque[tuple[Chunk, Future[Settled]]] = deque()
    held = 0  # bytes
    with _full_judges() as full, chunk_judges(LINES, CORES) as elsewhere:
        here_s = 0.0
        for chunk in source:
            settle = partial(_settle, lines=chunk.lines, full=full)
            if CORES > 1 and here_s >= WORKERS_PAY_AFTER_S:
                future = elsewhere(settle)
            else:
                started = time.perf_counter()
                future = _done(settle(judge_lines))
                here_s += time.perf_counter() - started
            waiting.append((chunk, future))
            held += chunk.bytes
            while waiting and (
                len(waiting) >= MOST_CHUNKS or held >= MOST_BYTES or _is_settled(waiting[0][1])
            ):
                oldest, future = waiting.popleft()
                held -= oldest.bytes
                yield oldest, future.result()
        for chunk, future in waiting:
            yield chunk, future.result()


def _settle(
    judge: Callable[[Sequence[Line]], Judged], lines: Sequence[Line], full: Callable[[Line], Future[str]]
) -> Settled:
    judged = judge(lines)
    still_open = (index for index, output in enumerate(judged.lines) if output is None)
    return Settled(judged, {index: full(lines[index]) for index in still_open})


def _is_settled(future: Future[Settled]) -> bool:
    return future.done() and all(line.done() for line in future.result().open.values())


def _done(settled: Settled) -> Future[Settled]:
    future: Future[Settled] = Future()
    future.set_result(settled)
    return future


@contextmanager
def _full_judges() -> Iterator[Callable[[Line], Future[str]]]:
    """Threads that wait for full judges; these bound their own time."""
    threads = ThreadPoolExecutor(CORES)
    try:
        yield lambda line: threads.submit(judge_fully, line)
    finally:
        threads.shutdown(cancel_futures=True)


@contextmanager
def _source(file: Path) -> Iterator[BufferedReader]:
    try:
        stream = file.open("rb")
    except OSError as error:
        raise InputError(f"{file}: what is judged is a readable file: {error.strerror}") from error
    with stream:
        yield stream


@contextmanager
def _target(out: Path | None, file: Path) -> Iterator[TextIO]:
    """Standard output, or a file that takes its name when it is complete."""
    if out is None:
        yield sys.stdout
        return
    if out.exists() and (not out.is_file() or out.samefile(file)):
        raise InputError(
            f"{out}: the verdicts go to a file of their own, a regular one and not that of the texts"
        )
    unfinished = out.with_name(f".{out.name}.unfinished")
    try:
        target = unfinished.open("w", encoding="utf-8")
    except OSError as error:
        raise InputError(f"{out}: the verdicts go to a file that can be written: {error.strerror}") from error
    try:
        with target:
            yield target
        unfinished.rename(out)
    finally:
        unfinished.unlink(missing_ok=True)


def _count_lines(file: Path) -> int:
    """For the progress bar; 0 for a pipe, which can be read but once."""
    if not stat.S_ISREG(file.stat().st_mode):
        return 0
    with file.open("rb") as stream:
        return sum(block.count(b"\n") for block in iter(lambda: stream.read(2**20), b""))
