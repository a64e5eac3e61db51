"""One reader of a home, in a process of its own: queries in a loop until standard input ends, and notes what is wrong.

python -m benchmarks.reading HOME READER PAUSE_S

READER is `program` (opens as this program's code does), `shell` (opens as a DuckDB shell does), both of which look
again every now and then, or `staying shell`, which keeps the catalog that it first opened. It prints `reading` once
it has opened one, and at the end a line of JSON.
"""

import json
import select
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

import duckdb

from warehouse.errors import WarehouseError
from warehouse.query import open_reader

READERS = ("program", "shell", "staying shell")
LOOKS = 10  # at one catalog, by those that open another one then
# Of one connection: all of these say the same each time, and no unit of work is seen in part.
PICTURE = """
    select
        (select count(*) from samples) as samples,
        (select count(*) from samples as s anti join verdicts as v on v.sample_key = s.key) as unjudged,
        (select count(*) from samples as s anti join outcomes as o on o.sample_key = s.key) as uncounted,
        (select count(*) from samples as s anti join problems as p on p.key = s.problem_key) as of_no_problem,
        (select coalesce(sum(rows), 0)::bigint from ledger where kind = 'samples') as listed
"""
VIEWS = "select view_name from duckdb_views() where not internal and database_name = current_database()"


@dataclass(slots=True)
class Seen:
    """How many queries were answered, how many catalogs opened, the samples in the last picture; all that was wrong."""

    queries: int = 0
    opened: int = 0
    samples: int = 0
    wrong: list[str] = field(default_factory=list)


def read(home: Path, reader: str, pause_s: float) -> Seen:
    seen = Seen()
    while not _told_to_end(pause_s):
        try:
            with _opened(home, reader) as con:
                if not seen.opened:
                    print("reading", flush=True)
                seen.opened += 1
                looks = sys.maxsize if reader == "staying shell" else LOOKS
                _look(con, looks, pause_s, seen)
        except (duckdb.Error, OSError, WarehouseError) as error:
            seen.wrong.append(f"{type(error).__name__}: {error}")
    return seen


def _opened(home: Path, reader: str) -> duckdb.DuckDBPyConnection:
    if reader == "program":
        return open_reader(home)
    return duckdb.connect(home / "warehouse.duckdb", read_only=True)


def _look(con: duckdb.DuckDBPyConnection, looks: int, pause_s: float, seen: Seen) -> None:
    views = [view for (view,) in con.execute(VIEWS).fetchall()]
    first = con.execute(PICTURE).fetchall()
    for number in range(looks):
        [(samples, *gaps, listed)] = found = con.execute(PICTURE).fetchall()
        con.execute(f"select * from {views[number % len(views)]}").fetchall()
        seen.queries += 2
        if found != first:
            seen.wrong.append(f"an open catalog said {first}, then {found}")
        if any(gaps) or listed != samples or samples < seen.samples:
            seen.wrong.append(f"not a whole picture, or an older one: {found} after {seen.samples} samples")
        seen.samples = samples
        if _told_to_end(pause_s):
            return


def _told_to_end(within_s: float) -> bool:
    return bool(select.select([sys.stdin], [], [], within_s)[0])


if __name__ == "__main__":
    print(json.dumps(asdict(read(Path(sys.argv[1]), sys.argv[2], float(sys.argv[3])))))
