"""One engine on some machine of a cluster: it draws whole shards, judges them and writes them into the shared home.

It runs as a Ray actor that takes one call at a time, in the order in which they are made; drawing, judging and writing
go on in threads between them. What leaves the machine is what came of it, in numbers and names: samples stay.
"""

import socket
import time
from collections import Counter
from collections.abc import Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from queue import Empty, SimpleQueue
from threading import Lock, Thread

import ray

from curriculum.errors import InputError
from curriculum.records import Problem, Sample
from curriculum.standings import Cell
from flows.engines import check_weights, open_engine
from flows.sampling import GivenUp, SampleStream
from flows.settings import Config
from flows.shard_samples import ShardSamples, Work, sampling, waves
from flows.slots import Slot, draw_slots
from flows.timeline import memory_in_use
from flows.verdicts import PairsJudge, pairs_judge
from policy.engine import Engine
from warehouse.handing_in import HandedIn, hand_in

WAIT_S = 0.5  # for a shard, before a report without one


@dataclass(frozen=True, slots=True)
class DrawnShard:
    """What a worker hands in, by the shard's place in its stage; of `seconds`, the engine worked `engine_seconds`."""

    place: int
    rows: HandedIn
    samples: int
    tokens: int
    seconds: float
    engine_seconds: float
    memory: int


@dataclass(frozen=True, slots=True)
class Report:
    """What came since the last one: the shards, and by place and cell the samples drawn and their tokens."""

    shards: Sequence[DrawnShard]
    samples: Counter[tuple[int, Cell]]
    tokens: Counter[tuple[int, Cell]]


class _Drawing:
    """A stage: shards are asked for, drawn, judged and written, each beside the others."""

    def __init__(
        self, engine: Engine, config: Config, home: Path, what: str, judge: PairsJudge, started: float
    ) -> None:
        self._config, self._home, self._judge = config, home, judge
        self._works: list[Work] = []
        self._shards: dict[int, ShardSamples] = {}  # by their place in the stream, until they are handed in
        self._cells: dict[str, Cell] = {}  # by the key of a problem
        self._lock = Lock()
        self._samples: Counter[tuple[int, Cell]] = Counter()
        self._tokens: Counter[tuple[int, Cell]] = Counter()
        self._written: SimpleQueue[DrawnShard | BaseException] = SimpleQueue()
        self._stream = SampleStream(engine, sampling(config, what), started, self._arrived)
        self._thread = Thread(target=self._hand_in_all, name="handing in", daemon=True)
        self._thread.start()

    def ask(self, work: Work) -> None:
        self._shards[len(self._works)] = ShardSamples(work, self._judge)
        self._works.append(work)
        self._cells |= {problem.key: Cell(problem.family, problem.level) for problem in work.problems}
        self._stream.add(waves(self._config, work))

    def report(self) -> Report:
        """What has come, after a short wait for a shard. Raises what stopped the drawing."""
        shards = []
        try:
            shards.append(self._written.get(timeout=WAIT_S))
            while True:
                shards.append(self._written.get_nowait())
        except Empty:
            pass
        for shard in shards:
            if isinstance(shard, BaseException):
                raise shard
        with self._lock:
            report = Report(shards, self._samples, self._tokens)  # type: ignore[arg-type]
            self._samples, self._tokens = Counter(), Counter()
        return report

    def end(self) -> None:
        """Give up what is under way."""
        self._stream.stop()
        self._thread.join()

    def _arrived(self, index: int, sample: Sample) -> None:
        self._shards[index].add(sample)
        which = self._works[index].place, self._cells[sample.problem_key]
        with self._lock:
            self._samples[which] += 1
            self._tokens[which] += sample.tokens

    def _hand_in_all(self) -> None:
        try:
            with self._stream:
                while True:
                    self._written.put(self._hand_in(self._stream.take()))
        except GivenUp:
            pass
        except BaseException as error:
            self._written.put(error)

    def _hand_in(self, index: int) -> DrawnShard:
        work, shard = self._works[index], self._shards[index]
        rows = hand_in(self._home, work.unit, shard.tables())
        del self._shards[index]
        return DrawnShard(work.place, rows, shard.count, shard.tokens, *self._stream.lap(), memory_in_use())


class Worker:
    """Draws for the run at `home`, a folder that all machines share."""

    def __init__(self, config: Config, home: Path) -> None:
        self._config, self._home = config, home
        self._engine: Engine | None = None
        self._holds: str | None = None  # the policy
        self._drawing: _Drawing | None = None
        self._opened = ExitStack()
        self._judge: PairsJudge | None = None

    def greet(self) -> str:
        """The name of this machine. InputError if it does not see the home."""
        if not (self._home / "lock").exists():
            raise InputError(
                "all machines of a cluster have the home under the same path, on a file system that they share;"
                f" {self._home} is not a home on {socket.gethostname()}"
            )
        return socket.gethostname()

    def begin(self, what: str, policy: str, folder: Path) -> None:
        """Draw the shards of a stage from now on, from this policy, and no more of an earlier one."""
        started = time.monotonic()
        self._end()
        if self._judge is None:
            cores = share_of_cores(self._config.policy.engines, _this_machine())
            judge = pairs_judge(self._config.judging.unsandboxed_programs, cores)
            self._judge = self._opened.enter_context(judge)
        engine = self._drawing_from(policy, folder)
        self._drawing = _Drawing(engine, self._config, self._home, what, self._judge, started)

    def go_on(self, works: Sequence[Work]) -> Report:
        """Draw these as well; what has come since the last report. Raises what stopped the drawing."""
        if self._drawing is None:
            raise ValueError("a worker draws once a stage has begun")
        for work in works:
            self._drawing.ask(work)
        return self._drawing.report()

    def rest(self) -> None:
        """Leave the device to others until a stage begins."""
        self._end()
        if self._engine is not None:
            self._engine.rest()
        self._holds = None

    def draw_problems(self, slots: Sequence[Slot], taken: frozenset[str]) -> list[list[Problem]]:
        return draw_slots(slots, taken)

    def _drawing_from(self, policy: str, folder: Path) -> Engine:
        if self._engine is None or self._holds != policy:
            self._holds = None
            check_weights(policy, folder)  # of this machine's copy, if it is one
            if self._engine is None:
                self._engine = open_engine(self._config, policy, folder)
            else:
                self._engine.load(policy, folder)
            self._holds = policy
        return self._engine

    def _end(self) -> None:
        if self._drawing is not None:
            self._drawing.end()
            self._drawing = None


def share_of_cores(engines: int, machine: Mapping[str, float]) -> int:
    """What each worker has on a machine with these resources, if as many are there as it has GPUs, or else cores."""
    workers = min(engines, machine.get("GPU") or machine["CPU"])
    return max(1, int(machine["CPU"] / workers))


def _this_machine() -> dict[str, float]:
    here = ray.get_runtime_context().get_node_id()
    [resources] = [node["Resources"] for node in ray.nodes() if node["NodeID"] == here]
    return dict(resources)
