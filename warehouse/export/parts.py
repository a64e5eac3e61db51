"""A home in parts: all that belongs to one range of problem keys, small enough to be joined and sorted in memory.

The rows of a home lie in the order in which they were committed or merged. One pass over each kind writes
them out by part, and a second reads part after part: time grows with the rows, and memory does not. Parts
follow each other in the order of their problem keys, so how many there are does not show in what comes of them.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb

from warehouse.catalog import quoted
from warehouse.export.reading import parquet_in

BYTES_PER_PART = 2**28
BYTES_BESIDE_TEXT = 500  # of a sample: its keys, verdicts and fate
GATHERED_BYTES = 2**26  # that a thread holds before it writes them to their parts

_MEASURE = """
create or replace temp table measured as
with asked as (
    select key, min(split) as split, max(strlen(question)) as question_bytes from problems group by key
),
answered as (
    select problem_key, count(*) as samples, sum(strlen(text)) as text_bytes from samples group by problem_key
)
select
    key, split, coalesce(samples, 0) as samples,
    question_bytes + coalesce(text_bytes, 0) + {beside} * (1 + coalesce(samples, 0)) as bytes
from asked left join answered on problem_key = key
"""
_LOCATE = """
create or replace temp table located as
select
    key as located_key, split as part_split,
    (sum(bytes) over (partition by split order by key) // {size})::integer as part
from measured
"""
_AVERAGE = "select coalesce(sum(bytes) / sum(1 + samples), 1) from measured"
_OF_SAMPLE = "(select key as sample_key, problem_key as sample_of from samples) using (sample_key)"
_ROWS = {
    "problems": "select * from problems join located on located_key = key",
    "samples": "select * from samples join located on located_key = problem_key",
    "outcomes": "select * from outcomes join located on located_key = problem_key",
    "problem_overlaps": "select * from problem_overlaps join located on located_key = problem_key",
    "verdicts": f"select * from verdicts join {_OF_SAMPLE} join located on located_key = sample_of",
    "selections": f"select * from selections join {_OF_SAMPLE} join located on located_key = sample_of",
}
_EACH_ONCE = {"problems": "qualify row_number() over (partition by key order by round, source) = 1"}


@dataclass(frozen=True, slots=True, order=True)
class Part:
    """The problems of one split in one range of keys, and what belongs to them."""

    split: str
    number: int


def divide(con: duckdb.DuckDBPyConnection, folder: Path) -> Iterator[tuple[int, int]]:
    """Write the home's rows to `folder` by part; yields how many kinds are done, and of how many."""
    con.execute(_MEASURE.format(beside=BYTES_BESIDE_TEXT))
    con.execute(_LOCATE.format(size=BYTES_PER_PART))
    [(average,)] = con.execute(_AVERAGE).fetchall()
    rows_gathered = max(1, min(2**15, int(GATHERED_BYTES / average)))
    con.execute(f"set partitioned_write_flush_threshold = {rows_gathered}")
    for done, (kind, rows) in enumerate(_ROWS.items(), 1):
        con.execute(
            f"copy ({rows}) to {quoted(folder / kind)}"
            " (format parquet, compression lz4_raw, partition_by (part_split, part))"
        )
        yield done, len(_ROWS)
    con.execute("attach ':memory:' as part")


def parts_of(con: duckdb.DuckDBPyConnection, split: str) -> list[Part]:
    """The parts of a split in the order of their keys."""
    found = con.execute(
        "select distinct part from located where part_split = ? order by part", [split]
    ).fetchall()
    return [Part(split, number) for (number,) in found]


def look_into(con: duckdb.DuckDBPyConnection, folder: Path, part: Part) -> None:
    """Make the views `part.problems`, `part.samples` and so on those of this part."""
    for kind in _ROWS:
        files = folder / kind / f"part_split={part.split}" / f"part={part.number}"
        rows = f"from {parquet_in(files)}" if files.exists() else f"from warehouse.{kind} where false"
        con.execute(f"create or replace view part.{kind} as {rows} {_EACH_ONCE.get(kind, '')}")
