"""What Prefect takes of a run's time: in the first round of the demo, and at many shards that take no time themselves.

    python -m benchmarks.orchestration [--shards 1000]

Prefect's time is what a call of a flow or task takes longer than the function that it wraps, the wait for the server
at the end included. Engines draw meanwhile, so of a run's time it is the most that Prefect can cost.
"""

import argparse
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import wraps
from pathlib import Path
from typing import Any
from unittest.mock import patch

from prefect import Flow, Task, flow
from rich.console import Console

from flows import config as configs
from flows.prefect_server import await_api, start_api
from flows.progress import live
from flows.run import Policy, Run
from flows.self_play import play_rounds, sample_all
from flows.settings import Config
from generators.drawing import draw
from policy.scripted_engine import ScriptedEngine
from warehouse.store import Warehouse

REPOSITORY = Path(__file__).parents[1]
SHARD = 64


@dataclass
class Clock:
    """Seconds in calls of flows and tasks, and in the functions that they wrap."""

    calls: float = 0.0
    bodies: float = 0.0
    tasks: int = 0

    @property
    def prefect(self) -> float:
        return self.calls - self.bodies


@contextmanager
def clocked(kind: type[Any], clock: Clock) -> Iterator[None]:
    """Time every call of this kind."""
    call = kind.__call__

    def timed_call(self: Any, *arguments: Any, **named: Any) -> Any:
        body = self.fn

        @wraps(body)
        def timed_body(*arguments: Any, **named: Any) -> Any:
            started = time.perf_counter()
            try:
                return body(*arguments, **named)
            finally:
                clock.bodies += time.perf_counter() - started

        self.fn = timed_body
        started = time.perf_counter()
        try:
            return call(self, *arguments, **named)
        finally:
            clock.calls += time.perf_counter() - started
            clock.tasks += 1
            self.fn = body

    with patch.object(kind, "__call__", timed_call):
        yield


def measured(work: Callable[[], None]) -> tuple[float, Clock, Clock]:
    """Seconds in all, and what flows and tasks took of it."""
    flows, tasks = Clock(), Clock()
    with clocked(Flow, flows), clocked(Task, tasks):
        started = time.perf_counter()
        flow(name="measured", validate_parameters=False)(work)()
        return time.perf_counter() - started, flows, tasks


def a_round(folder: Path) -> None:
    config = configs.read(REPOSITORY / "examples" / "demo.toml").model_copy(update={"rounds": 1})
    play_rounds(folder / "demo", config, Console(quiet=True))


def many_shards(folder: Path, shards: int) -> None:
    """Samples that are there at once, judged and committed: what is left is Prefect's and the warehouse's."""
    problems = draw("chain_sums", 12, SHARD * shards, 1, "train")
    config = Config.model_validate({"curriculum": {"draws": 1}})
    engine = ScriptedEngine("scripted", lambda request: "A: 1")
    with (
        Warehouse(folder / "shards") as store,
        live(Console(quiet=True)) as progress,
        closing(Run(store, config, progress)) as run,
        patch.object(Run, "engine", lambda self, policy: engine),
    ):
        sample_all(run, 1, "sample", problems, Policy("scripted", folder))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--shards", type=int, default=1000)
    arguments = parser.parse_args()
    start_api()
    await_api()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        seconds, flows, tasks = measured(lambda: a_round(folder))
        own = flows.prefect + tasks.prefect
        print(
            f"demo, one round: {seconds:.1f} s, {tasks.tasks} tasks, Prefect {own:.2f} s: {own / seconds:.1%}"
        )
        print(f"    a task {1000 * tasks.prefect / tasks.tasks:.0f} ms, the flow {flows.prefect:.2f} s")
        of_a_shard = tasks.bodies / tasks.tasks
        seconds, flows, tasks = measured(lambda: many_shards(folder, arguments.shards))
        own = flows.prefect + tasks.prefect
        print(
            f"{arguments.shards:,} shards that take no time: {seconds:.1f} s, Prefect {own:.1f} s: {own / seconds:.1%}"
        )
        print(
            f"    a task {1000 * tasks.prefect / tasks.tasks:.0f} ms, the flow, its end included, {flows.prefect:.1f} s"
        )
        whole = own + arguments.shards * of_a_shard
        print(f"    of shards that take as long as the demo's ({of_a_shard:.2f} s): {own / whole:.1%}")


if __name__ == "__main__":
    main()
