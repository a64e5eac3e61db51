"""Arms of a benchmark by slices of time: one at a time, with all that descends from them, and nothing stays."""

import os
import subprocess
import sys
import time
from functools import partial
from itertools import groupby
from pathlib import Path

import psutil
import pytest

from benchmarks.by_slices import Work, seconds

TICKS = """
import sys, time
for _ in range({count}):
    sys.stdout.write(f"{{time.monotonic()}}\\n")
    sys.stdout.flush()
    time.sleep(0.01)
"""


def ticking(file: Path, count: int) -> Work:
    """Work that a child of its process does: write down the time, again and again."""

    def work() -> None:
        with file.open("w") as out:
            subprocess.run([sys.executable, "-c", TICKS.format(count=count)], stdout=out, check=True)

    return work


def dying() -> Work:
    return partial(os._exit, 3)


def left() -> list[psutil.Process]:
    """Processes of ours but multiprocessing's own, which stays."""
    return [
        one
        for one in psutil.Process().children(recursive=True)
        if "resource_tracker" not in " ".join(one.cmdline())
    ]


def test_only_one_is_at_work_at_a_time(tmp_path: Path) -> None:
    files = [tmp_path / "short", tmp_path / "long"]
    short, long = seconds([partial(ticking, files[0], 150), partial(ticking, files[1], 300)])
    ticks = [(float(line), file.name) for file in files for line in file.read_text().splitlines()]
    assert len(ticks) == 450
    turns = [name for name, _ in groupby(sorted(ticks), key=lambda tick: tick[1])]
    assert 3 <= len(turns) <= 10, turns  # side by side there would be hundreds
    assert short >= 1.5
    assert long >= 3.0
    assert not left()


def test_an_arm_that_dies_ends_them_all(tmp_path: Path) -> None:
    started = time.monotonic()
    with pytest.raises(EOFError):
        seconds([partial(ticking, tmp_path / "ticks", 100_000), dying])
    assert time.monotonic() - started < 60
    assert not left()
