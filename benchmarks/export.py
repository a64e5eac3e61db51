"""A home exported, and every row of it loaded back through `datasets` and compared with the home.

    python -m benchmarks.export [--rows 1000000] [--folder DIR]

Each step has a process of its own, so that its peak memory is its own. The peer is plain DuckDB with its
defaults: the rows of the config `samples` (text, verdicts, what counts, fate) by one query over the whole home,
sorted, into one Parquet file. Loaded rows are compared batch by batch with queries over the home's views, which
are written here once more; streaming, and not. Nothing is compared by count alone.
"""

import argparse
import multiprocessing
import os
import tempfile
import time
from collections.abc import Callable, Iterator
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NamedTuple

import pyarrow as pa
from rich.console import Console
from rich.table import Table

from benchmarks.large_home import build
from warehouse.catalog import quoted
from warehouse.export import export
from warehouse.export.configs import CONFIGS
from warehouse.query import open_reader

BATCH = 10_000
FATES = """
    select sample_key, bool_or(admitted) as admitted, arg_min(reason, round) as reason
    from selections where reason <> 'replayed' group by all
"""
SAMPLES = f"""
    select s.key, s.problem_key, o.family, o.level, s.policy, s.round, s.stage, s.draw, s.temperature, s.text,
        s.tokens, s.finish, o.outcome, o.answer, o.steps, v.verdicts, f.admitted, f.reason
    from samples as s join outcomes as o on o.sample_key = s.key
    left join (
        select sample_key,
            list(struct_pack(judge, outcome, reason, extracted, found_in) order by judge) as verdicts
        from verdicts group by sample_key
    ) as v on v.sample_key = s.key
    left join ({FATES}) as f on f.sample_key = s.key
    where o.split = $split order by s.problem_key, s.policy, s.round, s.stage, s.draw, s.key
"""
# What a config's rows should be, by the home alone; of preferences the pairs are the export's, and the texts are not.
SOURCES = {
    "samples": SAMPLES,
    "problems": """
        select key, family, level, question, answer, check_kind as "check", source, seed, round,
            (
                select string_agg(distinct how, ', ' order by how) from problem_overlaps where problem_key = key
            ) as overlap
        from problems where split = $split order by key
    """,
    "sft": """
        select p.question as prompt, s.text as completion, c.weight, s.key, s.problem_key, o.family, o.level,
            s.policy, c.round
        from (select sample_key, min(round) as round, arg_min(weight, round) as weight
              from selections where admitted group by all) as c
        join samples as s on s.key = c.sample_key join outcomes as o on o.sample_key = s.key
        join problems as p on p.key = s.problem_key
        where o.split = $split and o.outcome = 'right' and coalesce(o.steps, '') <> 'wrong'
            and not exists (select 1 from problem_overlaps as l where l.problem_key = p.key)
        order by s.problem_key, s.key
    """,
    "preferences": """
        select q.question as prompt, c.text as chosen, r.text as rejected, c.key as chosen_key, r.key as rejected_key,
            q.key as problem_key, q.family, q.level, c.policy as chosen_policy, r.policy as rejected_policy,
            strlen(c.text)::integer as chosen_length, strlen(r.text)::integer as rejected_length,
            greatest(c.round, r.round) as round
        from read_parquet({files}) as p
        join samples as c on c.key = p.chosen_key join samples as r on r.key = p.rejected_key
        join problems as q on q.key = c.problem_key and q.key = r.problem_key
        join outcomes as x on x.sample_key = c.key and x.outcome = 'right'
        join outcomes as y on y.sample_key = r.key and y.outcome = 'wrong'
        where q.split = $split order by c.problem_key, c.key
    """,
    "evaluations": """
        select round, policy, family, level, judged, correct, pass_rate, low, high
        from evaluations where split = $split order by round, policy, family, level
    """,
}


class Measured(NamedTuple):
    """What a step returned, and what it took."""

    result: Any
    seconds: float
    peak_mb: float


def measured(step: Callable[..., Any], *arguments: object) -> Measured:
    """Run the step in a fresh process. RuntimeError if it fails."""
    context = multiprocessing.get_context("spawn")
    ours, theirs = context.Pipe()
    process = context.Process(target=_measure, args=(theirs, step, arguments))
    process.start()
    theirs.close()
    try:
        found = Measured(*ours.recv())
    except EOFError as error:
        raise RuntimeError(f"{step.__name__} failed; what it said is above") from error
    finally:
        process.join()
    return found


def _measure(pipe: Connection, step: Callable[..., Any], arguments: tuple[object, ...]) -> None:
    started = time.monotonic()
    result = step(*arguments)
    seconds = time.monotonic() - started
    status = Path("/proc/self/status").read_text()
    [peak] = [int(line.split()[1]) for line in status.splitlines() if line.startswith("VmHWM:")]
    pipe.send((result, seconds, peak / 1024))


def copied(home: Path, file: Path) -> int:
    """The peer: returns the rows that DuckDB wrote."""
    with open_reader(home) as con:
        con.execute("set enable_progress_bar = false")
        for split in ("train", "heldout"):
            rows = SAMPLES.replace("$split", quoted(split))
            con.execute(f"copy ({rows}) to {quoted(file)} (format parquet, compression zstd)")
            if split == "train":
                [(count,)] = con.execute(f"select count(*) from read_parquet({quoted(file)})").fetchall()
        [(more,)] = con.execute(f"select count(*) from read_parquet({quoted(file)})").fetchall()
    return int(count + more)


def compared(home: Path, folder: Path, scratch: Path, streaming: bool) -> dict[str, int]:
    """Rows by config that `load_dataset` gave, all equal to the home's; ValueError where one is not."""
    from datasets import disable_progress_bars, load_dataset

    disable_progress_bars()
    equal = dict.fromkeys(CONFIGS, 0)
    for name, config in CONFIGS.items():
        if not (folder / name).exists():
            continue
        loaded = load_dataset(str(folder), name, streaming=streaming, cache_dir=str(scratch / "cache"))
        for split in config.splits:
            batches = loaded[split].with_format("arrow").iter(BATCH) if split in loaded else iter(())
            equal[name] += _equal_rows(name, split, batches, _source(home, folder, name, split, scratch))
    return equal


def _source(home: Path, folder: Path, name: str, split: str, scratch: Path) -> Iterator[pa.Table]:
    files = quoted(folder / "preferences" / "*.parquet")
    with open_reader(home) as con:
        con.execute("set enable_progress_bar = false")
        con.execute(f"set temp_directory = {quoted(scratch / 'spilled')}")
        reader = con.sql(SOURCES[name].replace("{files}", files), params={"split": split}).to_arrow_reader(
            BATCH
        )
        yield from (pa.Table.from_batches([batch]) for batch in reader)


def _equal_rows(name: str, split: str, loaded: Iterator[pa.Table], source: Iterator[pa.Table]) -> int:
    """Compare two streams of rows, whatever their batches."""
    rows, waiting = 0, next(loaded, None)
    for expected in source:
        while expected.num_rows:
            if waiting is None:
                raise ValueError(f"{name}/{split}: there are more rows in the home than the {rows:,} loaded")
            count = min(expected.num_rows, waiting.num_rows)
            if not waiting.slice(0, count).cast(expected.schema).equals(expected.slice(0, count)):
                raise ValueError(
                    f"{name}/{split}: of the rows {rows:,} to {rows + count:,} one is not the home's"
                )
            rows += count
            expected, waiting = expected.slice(count), waiting.slice(count)
            waiting = waiting if waiting.num_rows else next(loaded, None)
    if waiting is not None:
        raise ValueError(f"{name}/{split}: more rows were loaded than the {rows:,} of the home")
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rows", type=int, default=100_000, help="samples in the home, about")
    parser.add_argument("--folder", type=Path, help="where the home and the export go while it runs")
    arguments = parser.parse_args()
    os.environ["HF_HUB_OFFLINE"] = "1"
    with tempfile.TemporaryDirectory(dir=arguments.folder) as name:
        scratch = Path(name)
        home, folder = scratch / "home", scratch / "dataset"
        build(home, arguments.rows)
        peer = measured(copied, home, scratch / "peer.parquet")
        ours = measured(export, home, folder)
        loads = {
            way: measured(compared, home, folder, scratch, way == "streaming")
            for way in ("whole", "streaming")
        }
        size = sum(file.stat().st_size for file in folder.rglob("*") if file.is_file()) / 2**20
    _report(peer, ours, loads, size)


def _report(peer: Measured, ours: Measured, loads: dict[str, Measured], size: float) -> None:
    samples, rows = ours.result["samples"], sum(ours.result.values())
    if peer.result != samples:
        raise ValueError(f"both have the rows of one home: {peer.result:,} by the peer, {samples:,} exported")
    table = Table(
        "what", "rows", "seconds", "rows/s", "peak MB", title=f"export of {samples:,} samples, {size:,.0f} MB"
    )
    for what, count, one in (
        ("DuckDB, one query and file, samples alone", samples, peer),
        ("edgework export, all configs", rows, ours),
        *((f"loaded {way} and compared", sum(one.result.values()), one) for way, one in loads.items()),
    ):
        table.add_row(
            what, f"{count:,}", f"{one.seconds:.1f}", f"{count / one.seconds:,.0f}", f"{one.peak_mb:,.0f}"
        )
    console = Console(width=110)
    console.print(table)
    ratio = f"time {ours.seconds / peer.seconds:.2f}, memory {ours.peak_mb / peer.peak_mb:.2f}"
    console.print(
        f"export to peer: {ratio}; every row loaded equals the home's, in each of {len(CONFIGS)} configs"
    )
    for way, one in loads.items():
        if one.result != ours.result:
            raise ValueError(f"all that was exported is loaded: {one.result} {way}, of {ours.result}")


if __name__ == "__main__":
    main()
