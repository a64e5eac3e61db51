"""`edgework judge` while its workers are killed: is every line answered once, in order?

python -m benchmarks.judging_killed --lines 1000000 --every 2
"""

import argparse
import json
import os
import signal
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from random import Random
from typing import NamedTuple

from benchmarks.judging import start, write


class Result(NamedTuple):
    """How it went: exit status, the processes killed, the lines asked for, those answered as they should be."""

    status: int
    killed: int
    lines: int
    good: int
    seconds: float


def judge_while_killing(folder: Path, lines: int, every_s: float, most_at_once: int = 2) -> Result:
    """Judge so many lines; every so often `kill -9` one to `most_at_once` of the processes that do the work."""
    rng = Random(lines)
    expected = write(folder / "texts.jsonl", lines, "integer", "number", "text")
    cores = sorted(os.sched_getaffinity(0))
    started = time.monotonic()
    process = start(folder / "texts.jsonl", folder / "verdicts.jsonl", cores)
    killed = 0
    while process.poll() is None:
        time.sleep(every_s * rng.uniform(0.5, 1.5))
        workers = children(process.pid)
        for pid in rng.sample(workers, min(len(workers), rng.randint(1, most_at_once))):
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
                killed += 1
    process.communicate()
    seconds = time.monotonic() - started
    with (folder / "verdicts.jsonl").open() as out:
        outcomes = [json.loads(line)["outcome"] for line in out]
    good = sum(found == outcome for found, outcome in zip(outcomes, expected, strict=False))
    return Result(
        process.returncode, killed, len(expected), good if len(outcomes) == len(expected) else 0, seconds
    )


def children(pid: int) -> list[int]:
    found: list[int] = []
    for listing in Path(f"/proc/{pid}/task").glob("*/children"):
        with suppress(OSError):
            found += map(int, listing.read_text().split())
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--lines", type=int, default=1_000_000)
    parser.add_argument("--every", type=float, default=2.0, help="seconds between kills, on average")
    parser.add_argument("--most", type=int, default=2, help="processes killed at a time")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        print(judge_while_killing(Path(folder), given.lines, given.every, given.most))


if __name__ == "__main__":
    main()
