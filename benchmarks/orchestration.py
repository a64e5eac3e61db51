"""What Prefect takes of a run's time: in the first round of the demo, and at many shards that take no time themselves.

    python -m benchmarks.orchestration [--shards 1000]

The server is one that stays, as for deployed runs, so that progress, events and artifacts are part of it. Prefect's
time is what a call of a flow or task takes longer than the function that it wraps, the wait for the server at the end
included, and what telling and showing take. What its threads take from the functions meanwhile shows only in the
last figure of the demo: the same round with the functions alone, in turn, and as noisy as the machine.
"""

from flows.environment import quiet_prefect

quiet_prefect()

import argparse  # noqa: E402
import socket  # noqa: E402
import tempfile  # noqa: E402
import time  # noqa: E402
from collections.abc import Callable, Iterator  # noqa: E402
from contextlib import closing, contextmanager  # noqa: E402
from dataclasses import dataclass  # noqa: E402
from functools import wraps  # noqa: E402
from pathlib import Path  # noqa: E402
from typing import Any  # noqa: E402
from unittest.mock import patch  # noqa: E402

from prefect import Flow, Task, flow  # noqa: E402
from rich.console import Console  # noqa: E402

from flows import config as configs  # noqa: E402
from flows import self_play  # noqa: E402
from flows.prefect_server import await_api, serve_api  # noqa: E402
from flows.progress import live  # noqa: E402
from flows.run import Policy, Run  # noqa: E402
from flows.self_play import play_rounds, sample_all  # noqa: E402
from flows.settings import Config  # noqa: E402
from generators.drawing import draw  # noqa: E402
from policy.scripted_engine import ScriptedEngine  # noqa: E402
from warehouse.store import Warehouse  # noqa: E402

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
    play_rounds(folder, config, Console(quiet=True))


@contextmanager
def functions_alone() -> Iterator[None]:
    """Tasks as the functions that they wrap."""
    with patch.object(Task, "__call__", lambda self, *arguments, **named: self.fn(*arguments, **named)):
        yield


@contextmanager
def told(clock: Clock) -> Iterator[None]:
    """Time the telling and showing, too."""

    def timed_tell(run: Run) -> None:
        started = time.perf_counter()
        tell(run)
        clock.calls += time.perf_counter() - started

    tell = self_play.tell
    with patch.object(self_play, "tell", timed_tell):
        yield


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
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    serve_api(port)
    await_api()
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        showing = Clock()
        with told(showing):
            seconds, flows, tasks = measured(lambda: a_round(folder / "with"))
        own = flows.prefect + tasks.prefect + showing.calls
        print(
            f"demo, one round: {seconds:.1f} s, {tasks.tasks} tasks, Prefect {own:.2f} s: {own / seconds:.1%}"
        )
        print(
            f"    a task {1000 * tasks.prefect / tasks.tasks:.0f} ms, the flow {flows.prefect:.2f} s,"
            f" telling and showing {showing.calls:.2f} s"
        )
        of_a_shard = tasks.bodies / tasks.tasks
        started = time.perf_counter()
        with functions_alone():
            a_round(folder / "without")
        print(f"    the functions alone: {time.perf_counter() - started:.1f} s")
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
