"""A home from its first start to its end: struck at random instants, started again by the same command."""

import shutil
import subprocess
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from random import Random

import duckdb

from benchmarks.kills import runs, strikes
from benchmarks.kills.pictures import Picture, differences, picture, strays
from warehouse.catalog import CATALOG, PREVIOUS
from warehouse.errors import WarehouseError
from warehouse.query import open_reader

KINDS = {
    "whole": "the main process",
    "group": "its process group",
    "server": "one process that it started",
    "torn": "the main process, and then a committed file is damaged",
}
PATIENCE_S = 420.0  # for a run to end by itself
LONGER = 1.1  # two runs share the cores
STARTS = 12  # are struck in one home


@dataclass(frozen=True, slots=True)
class Undisturbed:
    """A run that nothing befell: what its home says, its units in their order, how long it took."""

    picture: Picture
    units: list[str]
    seconds: float


@dataclass(slots=True)
class Story:
    """What befell one home, and what was wrong in the end: nothing, if all is well."""

    kind: str
    number: int
    strikes: list[tuple[str, str]] = field(default_factory=list)  # at which stage, what was struck
    wrong: list[str] = field(default_factory=list)
    starts: int = 0
    seconds: float = 0.0


def undisturbed(folder: Path, arguments: Sequence[str], environment: dict[str, str]) -> Undisturbed:
    home, log = folder / "undisturbed", folder / "undisturbed.log"
    started = time.monotonic()
    runs.finish(runs.start([*arguments, "--home", str(home)], log, environment), log)
    seconds = time.monotonic() - started
    assert not strays(home), strays(home)
    return Undisturbed(picture(home), runs.units(home), seconds)


def tell(
    story: Story,
    folder: Path,
    arguments: Sequence[str],
    environment: dict[str, str],
    expected: Undisturbed,
    rng: Random,
    may_strike: Callable[[], bool],
) -> Story:
    """Play it: strike while `may_strike`, at instants uniform over LONGER than an undisturbed run alone.

    A home that did not come out as it should is left in `folder`.
    """
    home, log = folder / f"{story.kind}-{story.number}", folder / f"{story.kind}-{story.number}.log"
    shutil.rmtree(home, ignore_errors=True)
    began, children, damaged = time.monotonic(), set[int](), None
    while True:
        process, at = runs.start([*arguments, "--home", str(home)], log, environment), time.time()
        story.starts += 1
        striking = story.starts <= STARTS and may_strike()
        delay = rng.uniform(0, LONGER * expected.seconds) if striking else PATIENCE_S
        code = _within(process, delay)
        if code is None and delay < PATIENCE_S:
            now_at = runs.stage(process.pid, home, expected.units, at)
            children |= set(runs.descendants(process.pid))
            what = _strike(story.kind, process, home, rng)
            story.strikes.append((now_at, what))
            code = _within(process, PATIENCE_S)
        if code is None:
            story.wrong.append(f"start {story.starts}: not done after {PATIENCE_S:g} s")
            strikes.kill(process.pid)
            process.wait()
        said = log.read_text(errors="replace")
        if damaged and damaged not in said and _noticed(said):
            story.wrong.append(f"{damaged} was damaged, and the next start does not say so")
        damaged = None
        if code == 0:
            break
        if code is None or (code > 0 and story.kind != "server"):
            story.wrong.append(f"start {story.starts} ended with {code}: {said[-400:]}")
            break
        if story.kind == "torn" and (torn := strikes.tear(home, rng)):
            story.strikes[-1] = (now_at, " ".join(torn))
            damaged = torn[1] if _is_damage(home, torn[1]) else None
    story.seconds = time.monotonic() - began
    if code == 0:
        story.wrong += differences(picture(home), expected.picture) + strays(home)
    story.wrong += [f"process {pid} is left over" for pid in runs.still_there(sorted(children))]
    if not story.wrong:
        shutil.rmtree(home)
        log.unlink()
    return story


def _within(process: subprocess.Popen[bytes], seconds: float) -> int | None:
    with suppress(subprocess.TimeoutExpired):
        return process.wait(seconds)
    return None


def _strike(kind: str, process: subprocess.Popen[bytes], home: Path, rng: Random) -> str:
    if kind == "server":
        while (victim := strikes.kill_child(process.pid, rng)) is None and process.poll() is None:
            time.sleep(0.05)
        return victim or "nothing"
    strikes.kill(process.pid, whole_group=kind == "group")
    return KINDS[kind]


def _noticed(said: str) -> bool:
    """Whether a start came as far as to its home: before that it can name no damage."""
    return "Prefect" in said or "round" in said


def _is_damage(home: Path, path: str) -> bool:
    """Whether there is something to tell: of a shard always, of a catalog if a block that matters was hit."""
    if path != CATALOG:
        return True
    if not (home / CATALOG).exists():
        return (home / PREVIOUS).exists()  # else nothing was committed, and it is as if the home were new
    with suppress(WarehouseError, duckdb.Error), open_reader(home) as con:
        con.execute("select count(distinct l), count(distinct s) from ledger as l, shards as s").fetchall()
        return False
    return True
