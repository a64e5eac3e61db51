"""The samples of one stage, drawn in a thread of their own: the engine waits neither for judges nor for commits.

The stage's work comes in units, one a shard. Some are asked for ahead, so that the engine always has the next
prompts; how far ahead is bounded, and so is what waits in memory to be judged.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

from curriculum.records import Sample
from flows.waves import Waves
from policy.engine import Engine, Request, Sampling

AHEAD = 4096  # samples, asked for or waiting to be judged and committed, and the rest of an engine's unit
FEWEST_UNITS = 3  # all the same: one to judge, one to draw, one to go on with
GIVE_UP_S = 10.0  # Ctrl-C does not wait for an engine that waits for its server


class GivenUp(Exception):
    """The stream was stopped before it had all samples."""


class SampleStream:
    """Draws the requests of all units added, the first unit first; in a `with`, at whose end the thread has stopped.

    `started` is when the stage began, by `time.monotonic`. `arrived` is given each sample and its unit's place at
    once, in the engine's thread; it must not take long.
    """

    def __init__(
        self,
        engine: Engine,
        sampling: Sampling,
        started: float,
        arrived: Callable[[int, Sample], None],
    ) -> None:
        self._engine = engine
        self._sampling = sampling
        self._arrived = arrived
        self._units: list[Waves] = []
        self._place_of: dict[str, int] = {}  # by the key of a problem
        self._finished: list[SimpleQueue[BaseException | None]] = []
        self._requests: deque[Request] = deque()
        self._asked = self._consumed = 0  # units
        self._changed = threading.Condition()
        self._ended = False
        self._failed: BaseException | None = None
        self._busy = 0.0  # seconds that the engine has worked
        self._lap = started, 0.0
        self._thread = threading.Thread(target=self._run, name="sampling", daemon=True)

    def __enter__(self) -> "SampleStream":
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self.stop()
        self._thread.join(None if kind is None else GIVE_UP_S)

    def stop(self) -> None:
        """Give up what is under way: whoever waits for it gets GivenUp."""
        with self._changed:
            self._ended = True
            self._changed.notify()

    def add(self, unit: Waves) -> int:
        """One more unit, also while others are drawn; returns its place.

        Units that the engine draws together are added before the thread starts.
        """
        with self._changed:
            place = len(self._units)
            self._place_of |= dict.fromkeys(unit.problem_keys, place)
            self._finished.append(SimpleQueue())
            if self._failed is not None:
                self._finished[place].put(self._failed)
            self._units.append(unit)
            self._changed.notify()
        return place

    def await_unit(self, place: int) -> None:
        """Wait until all samples of the unit at this place have arrived, once. Raises what stopped the engine.

        One waking a unit, not one a sample: whoever waits shares the interpreter with the engine.
        """
        if (failed := self._finished[place].get()) is not None:
            raise failed
        with self._changed:
            self._consumed += 1
            self._changed.notify()

    def lap(self) -> tuple[float, float]:
        """Seconds since the last lap or the start, and for how many of them the engine worked."""
        before, now = self._lap, (time.monotonic(), self._busy)
        self._lap = now
        return now[0] - before[0], now[1] - before[1]

    def _run(self) -> None:
        try:
            while self._await_requests():
                self._draw()
            self._fail(GivenUp())
        except BaseException as error:
            self._fail(error)

    def _fail(self, error: BaseException) -> None:
        with self._changed:
            self._failed = error
            for finished in self._finished:
                finished.put(error)

    def _await_requests(self) -> bool:
        """Whether there are any, once there are some or it has ended."""
        with self._changed:
            while not self._ended:
                self._ask()
                if self._requests:
                    return True
                self._changed.wait()
        return False

    def _ask(self) -> None:
        """Ask for as many units as may be ahead, and for none without those that the engine draws with it."""
        while self._asked < len(self._units) and (self._in_the_middle() or self._has_room()):
            self._requests.extend(self._units[self._asked].first())
            self._asked += 1

    def _in_the_middle(self) -> bool:
        """Whether the next unit is drawn with the one before it."""
        if self._asked == 0:
            return False
        before, following = self._units[self._asked - 1 : self._asked + 1]
        return before.engine_unit == following.engine_unit

    def _has_room(self) -> bool:
        ahead = self._units[self._consumed : self._asked + 1]
        return len(ahead) <= FEWEST_UNITS or sum(unit.most for unit in ahead) <= AHEAD

    def _draw(self) -> None:
        """Answer what was asked for, and what follows from that."""
        samples = self._engine.generate(self._requests, self._sampling)
        try:
            while not self._ended:
                started = time.monotonic()
                sample = next(samples, None)
                self._busy += time.monotonic() - started
                if sample is None:
                    return
                self._pass_on(sample)
                self._ask()
        finally:
            samples.close()  # what is under way is given up

    def _pass_on(self, sample: Sample) -> None:
        place = self._place_of[sample.problem_key]
        unit = self._units[place]
        self._arrived(place, sample)
        self._requests.extend(unit.after(sample))
        if unit.finished:
            self._finished[place].put(None)
