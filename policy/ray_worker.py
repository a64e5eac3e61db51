"""One engine in a process of its own, anywhere in a Ray cluster: requests come and samples go while it draws."""

import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from queue import Empty, SimpleQueue

from curriculum.records import Sample
from policy.engine import Engine, Request, Sampling

OpenEngine = Callable[[str, Path], Engine]
WAIT_S = 1.0  # for a sample, before `collect` returns without one


class Worker:
    """What runs as a Ray actor. `ask` and `collect` may be called while it draws; the other calls while it does not."""

    def __init__(self, open_engine: OpenEngine) -> None:
        self._open = open_engine
        self._engine: Engine | None = None
        self._requests: deque[Request] = deque()
        self._finished: SimpleQueue[Sample | BaseException] = SimpleQueue()
        self._changed = threading.Condition()
        self._drawing: threading.Thread | None = None
        self._ended = False

    def load(self, policy: str, folder: Path) -> None:
        if self._engine is None:
            self._engine = self._open(policy, folder)
        else:
            self._engine.load(policy, folder)

    def rest(self) -> None:
        self._loaded().rest()

    def begin(self, sampling: Sampling) -> None:
        """Draw what is asked for until `end`."""
        self._ended = False
        self._drawing = threading.Thread(target=self._draw, args=(sampling,), daemon=True)
        self._drawing.start()

    def ask(self, requests: Sequence[Request]) -> None:
        with self._changed:
            self._requests.extend(requests)
            self._changed.notify()

    def collect(self) -> list[Sample]:
        """What has finished since the last call, after a short wait for the first; raises what stopped the engine."""
        finished = self._finished  # the next `begin` has another one
        found = []
        try:
            found.append(finished.get(timeout=WAIT_S))
            while True:
                found.append(finished.get_nowait())
        except Empty:
            pass
        for sample in found:
            if isinstance(sample, BaseException):
                raise sample
        return found  # type: ignore[return-value]

    def end(self) -> None:
        """Give up what is under way."""
        with self._changed:
            self._ended = True
            self._requests.clear()
            self._changed.notify()
        if self._drawing is not None:
            self._drawing.join()
        self._drawing, self._finished = None, SimpleQueue()

    def _loaded(self) -> Engine:
        if self._engine is None:
            raise ValueError("an engine draws once it has loaded a policy")
        return self._engine

    def _draw(self, sampling: Sampling) -> None:
        try:
            while self._await_requests():
                samples = self._loaded().generate(self._requests, sampling)
                for sample in samples:
                    self._finished.put(sample)
                    if self._ended:
                        samples.close()
                        return
        except BaseException as error:
            self._finished.put(error)

    def _await_requests(self) -> bool:
        with self._changed:
            self._changed.wait_for(lambda: self._requests or self._ended)
        return not self._ended
