"""What the flows that are deployed ask of a home before they open it."""

import hashlib
import re
import time
from collections.abc import Callable
from pathlib import Path

from rich.console import Console

from flows.gpus import GpusInUse
from flows.watching import say_progressed
from warehouse.errors import HomeInUse, HomeMissing
from warehouse.lock import release_lock, take_lock
from warehouse.query import open_reader

ASK_AGAIN_S = 15.0


def slug(home: Path) -> str:
    """A name of lowercase letters, digits and dashes that no home at another path has."""
    name = re.sub(r"[^a-z0-9]+", "-", home.name.lower()).strip("-") or "home"
    return f"{name}-{hashlib.sha256(str(home.resolve()).encode()).hexdigest()[:6]}"


def decided_rounds(home: Path) -> int:
    """How many rounds the home has finished: promoted or refused. Raises as the warehouse does."""
    try:
        with open_reader(home) as con:
            [(rounds,)] = con.execute("select count(*) from promotions").fetchall()
    except HomeMissing:
        return 0
    return int(rounds)


def check_free(home: Path) -> None:
    """Raises HomeInUse if another process writes to the home."""
    if home.exists():
        release_lock(take_lock(home))


def when_free(home: Path, console: Console, work: Callable[[], None]) -> None:
    """Do the work once no other process writes to the home, or has its GPUs: it is to find that out at its start.

    Who waits says so. How long it may is the flow's time-out.
    """
    waiting = False
    while True:
        try:
            return work()
        except (HomeInUse, GpusInUse) as busy:
            if not waiting:
                console.print(f"waiting: {busy}", highlight=False)
            waiting = True
            say_progressed("waiting")
            time.sleep(ASK_AGAIN_S)
