"""Judge somebody's texts: a line in, a line out, in the same order and in constant memory.

A line that cannot be judged keeps its place in the output as `not_judged`, is reported with its number, and
makes the exit status 2; the lines around it are judged all the same. One process does it: some 40,000
lines a second, to which handing chunks to others added more work than it took away.
"""

import json
import stat
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from io import BufferedReader
from pathlib import Path
from typing import TextIO

from rich.console import Console

from curriculum.errors import InputError
from curriculum.records import Problem, Sample
from filters import judge_named
from flows.progress import live, stage
from generators.row_files import bounded_lines, parse_object
from generators.row_values import answer, found, text

BROKEN = {"outcome": "not_judged", "reason": "broken_line", "judge": ""}


def judge_file(file: Path, out: Path | None, console: Console) -> int:
    """Judge each `{"check","answer","text"}` of a JSONL file; the exit status: 2 if a line was broken.

    A line `{"outcome","reason","judge"}` for each goes to `out`, which appears when all are done, or to
    standard output. InputError if the files cannot be read or written.
    """
    broken = 0
    with _source(file) as stream, _target(out, file) as target, live(console) as progress:
        lines = _count_lines(file)
        with stage(progress, "judge", lines, "lines") as meter:
            for number, line in enumerate(bounded_lines(stream), 1):
                try:
                    verdict = _judge_line(line)
                except ValueError as error:
                    verdict, broken = BROKEN, broken + 1
                    message = f"{file}, line {number}: {error}"
                    progress.console.print(message, highlight=False, markup=False, soft_wrap=True)
                target.write(json.dumps(verdict) + "\n")
                meter.advance()
    return 2 if broken else 0


def _judge_line(line: bytes | None) -> dict[str, str]:
    values = parse_object(line)
    problem = Problem("", 1, "", answer(values), text(values, "check"))
    judge, solution = judge_named(problem.check), values.get("text")
    if not isinstance(solution, str):
        raise ValueError(f"text is a text; found {found(solution)}")
    try:
        verdict = judge(problem, Sample("", "", 0, 0.0, solution, 0, "recorded"))
    except ValueError:
        rule = f"answer is what the judge {problem.check!r} can read"
        raise ValueError(f"{rule}; found {found(problem.answer)}") from None
    return {"outcome": verdict.outcome, "reason": verdict.reason, "judge": verdict.judge}


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
