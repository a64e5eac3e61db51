"""The samples of one stage, drawn in a thread of their own: the engine waits neither for judges nor for commits.

The stage's work comes in units, one a shard, and they are taken as they finish: one that a long thought holds up holds
up no other. So many requests are asked for ahead that the engine always has the next prompts; what waits in memory
to be committed is bounded.
"""

import threading
import time
from collections import deque
from collections.abc import Callable
from queue import SimpleQueue

from curriculum.records import Sample
from flows.waves import Waves
from policy.engine import Engine, Request, Sampling

AHEAD = 4096  # requests that have no sample yet, beside the rest of an engine's unit
HELD = 16_384  # samples of units that are not taken, come or not
FEWEST_UNITS = 3  # all the same: one to judge, one to draw, one to go on with
GIVE_UP_S = 10.0  # Ctrl-C does not wait for an engine that waits for its server


class GivenUp(Exception):
    """The stream was stopped before it had all samples."""


class SampleStream:
    """Draws the requests of all units added, the first unit's first; in a `with`, at whose end the thread has stopped.

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
        self._finished: SimpleQueue[int | BaseException] = SimpleQueue()  # places of units
        self._requests: deque[Request] = deque()
        self._asked = self._taken = 0  # units
        self._samples: list[int] = []  # that have come, by unit
        self._requested = self._arrived_in_all = self._released = 0  # samples
        self._changed = threading.Condition()
        self._ended = False
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
            self._samples.append(0)
            self._units.append(unit)
            self._changed.notify()
        return place

    def take(self) -> int:
        """The place of a unit all of whose samples have arrived, each unit once. Raises what stopped the engine.

        It waits for one. One waking a unit, not one a sample: whoever waits shares the interpreter with the engine.
        """
        finished = self._finished.get()
        if isinstance(finished, BaseException):
            self._finished.put(finished)  # for whoever asks again
            raise finished
        with self._changed:
            self._taken += 1
            self._released += self._samples[finished]
            self._changed.notify()
        return finished

    def lap(self) -> tuple[float, float]:
        """Seconds since the last lap or the start, and for how many of them the engine worked."""
        before, now = self._lap, (time.monotonic(), self._busy)
        self._lap = now
        return now[0] - before[0], now[1] - before[1]

    def _run(self) -> None:
        try:
            while self._await_requests():
                self._draw()
            self._finished.put(GivenUp())
        except BaseException as error:
            self._finished.put(error)

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
            self._request(self._units[self._asked].first())
            self._asked += 1

    def _in_the_middle(self) -> bool:
        """Whether the next unit is drawn with the one before it."""
        if self._asked == 0:
            return False
        before, following = self._units[self._asked - 1 : self._asked + 1]
        return before.engine_unit == following.engine_unit

    def _has_room(self) -> bool:
        if self._asked - self._taken < FEWEST_UNITS:
            return True
        outstanding = self._requested - self._arrived_in_all
        return outstanding < AHEAD and self._requested - self._released < HELD

    def _request(self, requests: list[Request]) -> None:
        self._requests.extend(requests)
        self._requested += len(requests)

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
        self._samples[place] += 1
        self._arrived_in_all += 1
        self._request(unit.after(sample))
        if unit.finished:
            self._finished.put(place)
