"""How long each view of a large home takes, and each query of docs/query.md, with the memory at its peak.

    python -m benchmarks.views --samples 10000000 --home /tmp/large

builds the home if it is not there (10M samples: two minutes and 3 GB) and asks every question in a process of its own,
on two threads. Views that aggregate are computed whole; of those with a row for each sample, a point is looked up, a
round or a checkpoint is taken out, and all is counted by one column.
"""

import argparse
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from benchmarks.large_home import ROUNDS, build
from warehouse.query import open_reader

THREADS = 2
PAGE = Path(__file__).parents[1] / "docs" / "query.md"
WHOLE = [
    "ancestors", "broken_reasoning", "checkpoints", "costs", "curriculum", "duplicates", "easy_to_hack", "engine_use",
    "evaluations", "frontier", "judges", "pass_rates", "problems", "promotions", "rejections", "standings",
]  # fmt: skip
BY_ROW = {  # a view: a point, a slice, a column to count by
    "samples": ("key = $sample", "round = $round", "finish"),
    "verdicts": ("sample_key = $sample", "judge = 'integer/2'", "outcome"),
    "outcomes": ("sample_key = $sample", "round = $round", "outcome"),
    "current_verdicts": ("sample_key = $sample", "name = 'integer' and outcome = 'not_judged'", "outcome"),
    "flips": ("sample_key = $sample", "new_judge = 'integer/2'", "old_outcome"),
    "training_rows": ("sample_key = $sample", "round = $round", "source"),
    "lineage": ("problem_key = $problem", "policy = $policy", "source"),
    "review_candidates": ("problem_key = $problem", "family = 'gcd' and level = 3", "reason"),
}
PEER = """
    select s.problem_key, s.policy, v.judge, count(*) as judged, count(*) filter (v.outcome = 'right') as correct
    from samples s join verdicts v on v.sample_key = s.key
    where s.stage in ('sample', 'import') and v.outcome <> 'not_judged' and not starts_with(v.judge, 'steps/')
    group by all
"""


class Cost(NamedTuple):
    """Of one question: wall time, time on all cores, and the memory of the process that asked it at its peak.

    On a busy machine `cpu_seconds` over THREADS says what a free one would take, if all of it is done in parallel.
    """

    seconds: float
    cpu_seconds: float
    gigabytes: float

    def __str__(self) -> str:
        return f"{self.seconds:7.2f} s {self.cpu_seconds:7.2f} s of CPU {self.gigabytes:6.2f} GB"


def questions(home: Path) -> Iterator[tuple[str, str]]:
    """What is asked, with its SQL."""
    for view in WHOLE:
        yield f"{view}: whole", f"from {view}"
    names = _names(home)
    for view, (point, part, column) in BY_ROW.items():
        yield f"{view}: one", f"from {view} where {_named(point, names)}"
        yield f"{view}: {part}", f"from {view} where {_named(part, names)}"
        yield f"{view}: by {column}", f"select {column}, count(*) from {view} group by {column}"
    for query in re.findall(r"```sql\n(.*?)```", PAGE.read_text(), re.DOTALL):
        yield "docs: " + " ".join(query.split())[:60], query


def _names(home: Path) -> dict[str, object]:
    """A sample in the middle that was trained on, its problem, a round, and the newest policy."""
    with open_reader(home) as con:
        row = con.execute(
            "select sample_key, problem_key, round from training_rows where source = 'fresh'"
            " and round = (select max(round) // 2 from policies) order by sample_key limit 1"
        ).fetchone()
        newest = con.execute("select max_by(policy, round) from policies").fetchone()
    assert row
    assert newest
    return dict(zip(("sample", "problem", "round", "policy"), (*row, *newest), strict=True))


def _named(condition: str, names: dict[str, object]) -> str:
    return re.sub(r"\$(\w+)", lambda found: f"'{names[found[1]]}'", condition)


def ask(home: Path, sql: str) -> Cost:
    """The cost of computing the rows of a query in a process of its own."""
    command = [sys.executable, "-m", "benchmarks.views", "--home", str(home), "--ask", sql]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    return Cost(*map(float, done.stdout.split()))


def _answer(home: Path, sql: str) -> None:
    with open_reader(home) as con:
        con.execute(f"set threads = {THREADS}")
        started, busy = time.perf_counter(), time.process_time()
        con.execute(f"create temp table answer as {sql}")
        seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - busy
    status = Path("/proc/self/status").read_text()  # the rusage of a process counts what it was forked from
    print(seconds, cpu_seconds, int(re.findall(r"VmHWM:\s+(\d+) kB", status)[0]) / 1e6)


def rows() -> Iterator[tuple[str, str, str]]:
    """For `make bench`: pass rates by the view against the same by joining samples with verdicts."""
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder), samples=500_000, rounds=10)
        view, peer = ask(Path(folder), "from pass_rates"), ask(Path(folder), PEER)
    figure = f"{view.seconds:.2f} s of 500k samples, by joins {peer.seconds:.2f} s"
    yield "pass rates by a view", figure, f"{peer.seconds / view.seconds:.1f}x"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--samples", type=int, default=1_000_000)
    parser.add_argument("--rounds", type=int, default=ROUNDS)
    parser.add_argument("--home", type=Path, required=True, help="where it is, or shall be built")
    parser.add_argument("--ask", metavar="SQL", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.ask:
        _answer(arguments.home, arguments.ask)
        return
    if not (arguments.home / "warehouse.duckdb").exists():
        started = time.perf_counter()
        build(arguments.home, arguments.samples, arguments.rounds)
        print(f"built in {time.perf_counter() - started:.0f} s")
    costs = []
    for name, sql in questions(arguments.home):
        costs.append(ask(arguments.home, sql))
        print(f"{costs[-1]}  {name}", flush=True)
    print(f"{Cost(*map(max, zip(*costs, strict=True)))}  the most of any")
    view, peer = ask(arguments.home, "from pass_rates"), ask(arguments.home, PEER)
    print(f"{view}  pass_rates once more")
    print(
        f"{peer}  peer: the same by joining samples with verdicts, {peer.seconds / view.seconds:.1f} times as long"
    )


if __name__ == "__main__":
    main()
