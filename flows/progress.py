"""What a person sees while a run works: what, how many of how many, tokens/s, time left; then one line that stays."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn


class Meter:
    """Counts one stage's items and tokens, and moves its bar; any thread may."""

    def __init__(self, progress: Progress, label: str, total: int) -> None:
        self._progress = progress
        self._bar = progress.add_task(label, total=total, rate="")
        self._started = time.monotonic()
        self._lock = threading.Lock()
        self.total = total
        self.items = 0
        self.tokens = 0

    @property
    def seconds(self) -> float:
        return time.monotonic() - self._started

    @property
    def percent(self) -> float:
        return min(100.0, 100.0 * self.items / self.total) if self.total else 0.0

    def advance(self, items: int = 1, tokens: int = 0) -> None:
        with self._lock:
            self.items += items
            self.tokens += tokens
        rate = f"{self.tokens / max(self.seconds, 1e-3):,.0f} tokens/s" if self.tokens else ""
        self._progress.update(self._bar, advance=items, rate=rate)

    def finish(self, label: str, note: str) -> None:
        """Take the bar away and leave a line that says what was done."""
        self._progress.remove_task(self._bar)
        self._progress.console.print(f"[bold]{label:<24}[/] {note}", highlight=False)


Watch = Callable[[str, Meter], AbstractContextManager[None]]


class Bars(Progress):
    """The bars of a run, and who else watches its stages: for as long as a stage lasts, `watch` is open."""

    watch: Watch = staticmethod(lambda label, meter: nullcontext())


@contextmanager
def live(console: Console, watch: Watch | None = None) -> Iterator[Bars]:
    """The bars of a run; on something that is no terminal only the lines appear."""
    columns = (
        TextColumn("{task.description:<24}"),
        BarColumn(),
        MofNCompleteColumn(),
        TextColumn("{task.fields[rate]}"),
        TimeRemainingColumn(),
    )
    with Bars(*columns, console=console, transient=True) as progress:
        if watch is not None:
            progress.watch = watch
        yield progress


@contextmanager
def stage(progress: Bars, label: str, total: int, unit: str) -> Iterator[Meter]:
    """One stage with its bar; on success its line gives items, tokens and seconds."""
    meter = Meter(progress, label, total)
    with progress.watch(label, meter):
        yield meter
    tokens = f", {meter.tokens:,} tokens" if meter.tokens else ""
    meter.finish(label, f"{meter.items:,} {unit}{tokens} in {meter.seconds:.1f} s")
