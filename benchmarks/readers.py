"""Eight readers query a home in a loop while a run writes to it: the errors on both sides, and what it costs the run.

python -m benchmarks.readers --runs 3

Runs of examples/quick.toml alternate: alone, with readers of their home, and with as many readers of another home,
which load the machine just so and share nothing with the run. The ratio of the last two is what sharing costs.
"""

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from itertools import cycle, islice
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from benchmarks.kills import runs
from benchmarks.reading import READERS, Seen

CONDITIONS = ("alone", "readers elsewhere", "readers of its home")


@contextmanager
def readers(home: Path, number: int, pause_s: float) -> Iterator[list[Seen]]:
    """So many readers, of every kind, all at work when this is entered; the list has what they saw once it is left."""
    seen: list[Seen] = []
    kinds = list(islice(cycle(READERS), number))
    processes = [
        subprocess.Popen(
            [sys.executable, "-m", "benchmarks.reading", str(home), kind, str(pause_s)],
            cwd=runs.REPOSITORY,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        for kind in kinds
    ]
    try:
        for process in processes:
            assert process.stdout is not None
            process.stdout.readline()
        yield seen
    finally:
        for process in processes:
            said, _ = process.communicate()  # closes its input: the end
            seen.append(
                Seen(**json.loads(said)) if said else Seen(wrong=[f"ended with {process.returncode}"])
            )


def play(home: Path, read: Path | None, number: int, pause_s: float) -> tuple[float, list[Seen]]:
    """Seconds of a run from its first commit to its end, and what readers of `read`, or none, saw meanwhile."""
    log = home.with_suffix(".log")
    process = runs.start(["run", "--config", str(runs.QUICK), "--home", str(home)], log, {})
    while not (home / "warehouse.duckdb").exists():
        if process.poll() is not None:
            raise RuntimeError(log.read_text())
        time.sleep(0.01)
    started = time.monotonic()
    with readers(read, number, pause_s) if read else nullcontext(list[Seen]()) as seen:
        runs.finish(process, log, timeout_s=900)
        seconds = time.monotonic() - started
    return seconds, seen


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--runs", type=int, default=3, help="of each condition")
    parser.add_argument("--readers", type=int, default=8)
    parser.add_argument("--pause", type=float, default=0.2, help="seconds between the looks of a reader")
    given = parser.parse_args()
    times: dict[str, list[float]] = {condition: [] for condition in CONDITIONS}
    seen: list[Seen] = []
    with tempfile.TemporaryDirectory(prefix="edgework-readers-") as folder:
        other = Path(folder) / "other"
        play(other, None, 0, 0)
        for number in range(given.runs):
            for condition in CONDITIONS:
                home = Path(folder) / f"{condition.replace(' ', '-')}-{number}"
                read = {"alone": None, "readers elsewhere": other, "readers of its home": home}[condition]
                seconds, found = play(home, read, given.readers, given.pause)
                times[condition].append(seconds)
                seen += found if read == home else []
                print(f"{condition}: {seconds:.1f} s", flush=True)
    Console().print(table(times))
    wrong = [words for one in seen for words in one.wrong]
    print(
        f"{sum(one.queries for one in seen):,} queries on {sum(one.opened for one in seen):,} catalogs opened,"
        f" {len(wrong)} errors",
        *wrong[:10],
        sep="\n",
    )
    raise SystemExit(bool(wrong))


def table(times: dict[str, list[float]]) -> Table:
    """The median seconds of each condition, over those of the one before it and over those alone."""
    rows = Table("condition", "seconds, median (each)", "over alone", "over the one above")
    before = alone = median(times["alone"])
    for condition, seconds in times.items():
        middle = median(seconds)
        each = ", ".join(f"{value:.1f}" for value in seconds)
        rows.add_row(condition, f"{middle:.1f} ({each})", f"{middle / alone:.2f}", f"{middle / before:.2f}")
        before = middle
    return rows


if __name__ == "__main__":
    main()
