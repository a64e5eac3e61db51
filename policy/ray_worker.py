"""One engine in a process of its own, anywhere in a Ray cluster: requests come and samples go while it draws."""

from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Thread

from curriculum.records import Sample
from policy.engine import Engine, Request, Sampling

OpenEngine = Callable[[str, Path], Engine]
WAIT_S = 1.0  # for a sample, before `collect` returns without one


class _Drawing:
    """What is drawn between a `begin` and its `end`, by queues of its own: a call that comes late meets nothing."""

    def __init__(self, engine: Engine, sampling: Sampling) -> None:
        self.asked: SimpleQueue[Sequence[Request] | None] = SimpleQueue()
        self.finished: SimpleQueue[Sample | BaseException] = SimpleQueue()
        self.ended = False
        self.thread = Thread(target=self._draw, args=(engine, sampling), daemon=True)
        self.thread.start()

    def _draw(self, engine: Engine, sampling: Sampling) -> None:
        requests: deque[Request] = deque()  # this thread's alone: an engine may take it apart
        try:
            while self._take(requests, wait=True):
                samples = engine.generate(requests, sampling)
                for sample in samples:
                    self.finished.put(sample)
                    if not self._take(requests, wait=False):
                        samples.close()
                        return
        except BaseException as error:
            self.finished.put(error)

    def _take(self, requests: deque[Request], wait: bool) -> bool:
        """Take over what has been asked for, one batch at least if it waits; False at the end."""
        try:
            while not self.ended:
                batch = self.asked.get(block=wait)
                if batch is None:
                    return False
                requests.extend(batch)
                wait = False
        except Empty:
            pass
        return not self.ended


class Worker:
    """What runs as a Ray actor, several calls at a time. Ray promises no order, so a call names the stage it is of."""

    def __init__(self, open_engine: OpenEngine) -> None:
        self._open = open_engine
        self._engine: Engine | None = None
        self._drawings: dict[int, _Drawing] = {}

    def load(self, policy: str, folder: Path) -> None:
        if self._engine is None:
            self._engine = self._open(policy, folder)
        else:
            self._engine.load(policy, folder)

    def rest(self) -> None:
        self._loaded().rest()

    def begin(self, stage: int, sampling: Sampling) -> None:
        """Draw what is asked for in this stage, until its `end`. An earlier one that was not ended is."""
        for earlier in list(self._drawings):
            self.end(earlier)
        self._drawings[stage] = _Drawing(self._loaded(), sampling)

    def ask(self, stage: int, requests: Sequence[Request]) -> None:
        self._drawings[stage].asked.put(requests)

    def collect(self, stage: int) -> list[Sample]:
        """What has finished since the last call, after a short wait for the first; raises what stopped the engine."""
        drawing = self._drawings.get(stage)
        if drawing is None:  # ended meanwhile
            return []
        found = []
        try:
            found.append(drawing.finished.get(timeout=WAIT_S))
            while True:
                found.append(drawing.finished.get_nowait())
        except Empty:
            pass
        for sample in found:
            if isinstance(sample, BaseException):
                raise sample
        return found  # type: ignore[return-value]

    def end(self, stage: int) -> None:
        """Give up what is under way."""
        drawing = self._drawings.pop(stage, None)
        if drawing is not None:
            drawing.ended = True
            drawing.asked.put(None)
            drawing.thread.join()

    def _loaded(self) -> Engine:
        if self._engine is None:
            raise ValueError("an engine draws once it has loaded a policy")
        return self._engine
