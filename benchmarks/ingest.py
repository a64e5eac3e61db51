"""Rows into a warehouse: how fast samples come in, and what a commit costs after a long history.

    python -m benchmarks.ingest [--rows 10000000] [--unit 25000] [--folder DIR]

Samples have 400 characters and come as Arrow tables, `--unit` of them to a unit of work. Beside it, in the same run,
stands the peer: the same tables inserted into a table of one DuckDB file, a transaction each, checkpoint
included. The cost of a commit is that of a unit of 512 judged samples (samples, two verdicts each, outcomes,
spend), the median of 20, once so many rows are in.
"""

import argparse
import resource
import shutil
import statistics
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from random import Random

import duckdb
import numpy as np
import pyarrow as pa
from rich.console import Console
from rich.progress import track
from rich.table import Table

from warehouse.kinds import kinds
from warehouse.store import Warehouse

CHARACTERS = 400
JUDGED = 512
PEER_ROWS = 1_000_000


def texts(seed: int, count: int) -> pa.Array:
    """So many texts that compress about as arithmetic worked out in words does."""
    rng = Random(seed)
    words = [str(rng.randrange(1000)) for _ in range(600)] + [
        "plus",
        "is",
        "carry",
        "so",
        "the sum",
        "=",
    ] * 40
    return pa.array([" ".join(rng.choices(words, k=150))[:CHARACTERS] for _ in range(count)])


def keys(rng: np.random.Generator, count: int) -> pa.Array:
    """Random keys of 32 hex digits, as a hash of content is."""
    digits = np.frombuffer(b"0123456789abcdef", dtype="S1")
    drawn = digits[rng.integers(0, 16, (count, 32), dtype=np.uint8)]
    return pa.array(drawn.view("S32").ravel()).cast(pa.string())


def units(rows: int, unit: int) -> Iterator[pa.Table]:
    """Tables of the kind `samples`, 16 to a problem."""
    rng = np.random.default_rng(1)
    pool = [texts(seed, unit) for seed in range(4)]
    for number in range(rows // unit):
        problems = keys(rng, unit // 16 + 1).take(pa.array(np.arange(unit) // 16))
        yield pa.table(
            {
                "key": keys(rng, unit),
                "problem_key": problems,
                "policy": pa.repeat(f"r{number // 100}-0123456789abcdef", unit),
                "draw": pa.array(np.arange(unit) % 16, pa.int32()),
                "temperature": pa.repeat(1.0, unit),
                "text": pool[number % len(pool)],
                "tokens": pa.array(rng.integers(50, 200, unit), pa.int32()),
                "finish": pa.repeat("stop", unit),
                "round": pa.repeat(pa.scalar(number // 100, pa.int32()), unit),
                "stage": pa.repeat("sample", unit),
            },
            schema=kinds()["samples"],
        )


def judged(name: str) -> dict[str, list[dict[str, object]]]:
    """A unit of work as a run commits it."""
    said = {"outcome": "right", "reason": "equal"}
    verdict = {**said, "extracted": "42", "found_in": "answer_line"}
    place = {
        "problem_key": "p",
        "policy": "r0",
        "round": 1,
        "stage": "sample",
        "tokens": 90,
        "finish": "stop",
    }
    cell = {"family": "gcd", "level": 3, "split": "train"}
    more = {
        "steps": "right",
        "steps_reason": "all_steps_hold",
        "revision": 0,
        "answer": "42",
        "judge": "integer/2",
    }
    names = [f"{name}-{i}" for i in range(JUDGED)]
    return {
        "samples": [
            {"key": key, **place, "draw": 0, "temperature": 1.0, "text": "x" * CHARACTERS} for key in names
        ],
        "verdicts": [
            {"sample_key": key, "judge": judge, **verdict}
            for key in names
            for judge in ("integer/2", "steps/2")
        ],
        "outcome_revisions": [{"sample_key": key, **place, **cell, **said, **more} for key in names],
        "spend": [{"round": 1, "stage": "sample", "tokens": 9, "seconds": 1.0}],
    }


def commit_seconds(store: Warehouse, label: str) -> list[float]:
    seconds = []
    for number in range(20):
        tables = judged(f"{label}-{number}")
        started = time.perf_counter()
        store.commit(f"judged/{label}/{number}", tables)
        seconds.append(time.perf_counter() - started)
    return seconds


def peer_rows_per_second(folder: Path, unit: int) -> float:
    """Arrow into a table of one DuckDB file."""
    tables = list(units(PEER_ROWS, unit))
    with duckdb.connect(folder / "peer.duckdb", config={"threads": 2}) as con:
        con.register("unit", tables[0])
        con.execute("create table samples as select * from unit limit 0")
        started = time.perf_counter()
        for table in tables:
            con.register("unit", table)
            con.execute("insert into samples select * from unit")
        con.execute("checkpoint")
        return PEER_ROWS / (time.perf_counter() - started)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=10_000_000)
    parser.add_argument("--unit", type=int, default=25_000, help="Rows to a unit of work.")
    parser.add_argument("--folder", type=Path, help="Where to build the home; default: a temporary folder.")
    arguments = parser.parse_args()
    folder = Path(tempfile.mkdtemp(prefix="ingest-", dir=arguments.folder))
    try:
        measure(arguments.rows, arguments.unit, folder)
    finally:
        shutil.rmtree(folder)


def measure(rows: int, unit: int, folder: Path) -> None:
    marks = [mark for mark in (100_000, 300_000, 1_000_000, 3_000_000, 10_000_000) if mark <= rows]
    result = Table(title=f"{CHARACTERS}-character samples, {unit:,} to a unit of work")
    for column in ("rows in", "rows/s", "commit, median", "slowest", "shards", "ledger rows", "opening"):
        result.add_column(column, justify="right")
    done, spent, first = 0, 0.0, 0.0
    store = Warehouse(folder / "home")
    for number, table in enumerate(
        track(units(rows, unit), "ingest", total=rows // unit, console=Console(stderr=True))
    ):
        started = time.perf_counter()
        store.commit(f"bulk/{number:06}", {"samples": table})
        spent += time.perf_counter() - started
        done += unit
        if done in marks:
            commits = commit_seconds(store, str(done))
            median = statistics.median(commits)
            first = first or median
            [held] = store.query("select (select count(*) from shards) s, (select count(*) from ledger) l")
            started = time.perf_counter()
            store.close()  # waits for the merge that is under way, or stops it
            store = Warehouse(folder / "home")
            opening = time.perf_counter() - started
            result.add_row(
                f"{done:,}", f"{done / spent:,.0f}", f"{median * 1e3:.0f} ms ({median / first:.2f}×)",
                f"{max(commits) * 1e3:.0f} ms", str(held["s"]), f"{held['l']:,}", f"{opening:.1f} s",
            )  # fmt: skip
    store.close()
    peer = peer_rows_per_second(folder, unit)
    console = Console(width=120)
    console.print(result)
    console.print(f"peer, one DuckDB file: {peer:,.0f} rows/s; ours is {done / spent / peer:.2f} times that")
    console.print(f"peak memory {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GiB")


if __name__ == "__main__":
    main()
