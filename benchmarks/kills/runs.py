"""The command as a process: started, its children found, the stage that it is in."""

import os
import subprocess
import sys
import time
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from benchmarks.judging_killed import children
from warehouse.errors import WarehouseError
from warehouse.query import open_reader

REPOSITORY = Path(__file__).parents[2]
QUICK = REPOSITORY / "examples" / "quick.toml"
PROGRAM = [
    sys.executable,
    "-c",
    "from flows.cli import main; main()",
]  # this copy of it, whatever is installed
ONE_CORE = {"OMP_NUM_THREADS": "1", "COLUMNS": "1000"}  # so that two runs share two cores; no path is wrapped

_ORDER = "select name from ledger group by name order by min(committed_at), name"


def start(arguments: Sequence[str], log: Path, environment: dict[str, str]) -> subprocess.Popen[bytes]:
    """Start `edgework` with these arguments in a process group of its own; what it says goes to `log`."""
    with log.open("wb") as out:
        return subprocess.Popen(
            [*PROGRAM, *arguments],
            cwd=REPOSITORY,
            env=os.environ | ONE_CORE | environment,
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )


def finish(process: subprocess.Popen[bytes], log: Path, timeout_s: float = 300) -> str:
    """What it said. RuntimeError if it does not end well in time; it is killed then."""
    try:
        code = process.wait(timeout_s)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
        raise RuntimeError(f"not done after {timeout_s:g} s:\n{log.read_text()}") from None
    if code:
        raise RuntimeError(f"exit status {code}:\n{log.read_text()}")
    return log.read_text()


def descendants(pid: int) -> list[int]:
    """All processes that it started and that they started, as far as they have not been given away."""
    direct = children(pid)
    return direct + [further for child in direct for further in descendants(child)]


def still_there(pids: Sequence[int], within_s: float = 15) -> list[int]:
    """Those that have not ended after so long."""
    end = time.monotonic() + within_s
    while (left := [pid for pid in pids if _alive(pid)]) and time.monotonic() < end:
        time.sleep(0.05)
    return left


def _alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def units(home: Path) -> list[str]:
    """The units of work that are committed, in their order; none where no catalog can be read."""
    with suppress(WarehouseError), open_reader(home) as con:
        return [name for (name,) in con.execute(_ORDER).fetchall()]
    return []


def stage(pid: int, home: Path, plan: Sequence[str], started: float) -> str:
    """What a run is at: the first unit of `plan`, an undisturbed run's, that is not committed.

    `start-up` until it holds the home for good, `report` when all is committed, `ending` when the report, too, is
    written. `started` is in seconds of the epoch.
    """
    if not _holds(pid, home):
        report = home / "report.html"
        return "ending" if report.exists() and report.stat().st_mtime > started else "start-up"
    committed = set(units(home))
    following = next((name for name in plan if name not in committed), None)
    return (
        following.split("/")[1] + (" of the base" if "r0000/e" in following else "")
        if following
        else "report"
    )


def _holds(pid: int, home: Path) -> bool:
    lock = str(home.resolve() / "lock")
    for descriptor in Path(f"/proc/{pid}/fd").glob("*"):
        with suppress(OSError):
            if str(descriptor.readlink()) == lock:
                return True
    return False
