"""What a second worker of a cluster adds: problems, verdicts and samples a second by one and by two, by turns.

Workers are Ray actors on this machine, with a core each; the driver, which commits, has none to itself. `sampling` is a
stage of practice on the demo's problems: drawn, judged, written and committed. `judging` is the same of texts that are
there already; `waiting` of texts for each of which a worker waits, as for a device, without using the core: what is
lost there is lost by spreading. `generating` are problems of all cells of all families. The median of the turns counts.

    python -m benchmarks.cluster --turns 3
"""

import argparse
import logging
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from itertools import count
from pathlib import Path

import ray
from rich.console import Console

from benchmarks.prompts import DEMO, demo_problems
from curriculum.records import Problem
from curriculum.standings import Cell
from flows import cluster_members
from flows import config as configs
from flows.cluster import Cluster
from flows.cluster_worker import Worker
from flows.drawing import sample_and_judge
from flows.gate import base
from flows.progress import Bars, Meter
from flows.run import Policy, Run
from flows.slots import Slot
from generators import FAMILIES
from policy.engine import Request
from policy.scripted_engine import ScriptedEngine
from warehouse.store import Warehouse

TURNS = 3
PROBLEMS = 512
JUDGED = 4_096  # problems, whose samples are there already
WAITED = 1_024  # problems, for whose samples a worker waits
WAIT_S = 0.004  # for a sample
GENERATED = 200  # problems of a cell
WORKERS = (1, 2)
STEPS = "First we add what there is: {0}+17={1}.\nHalf of it is sold: {1}-{0}=17.\n"

_stages = count(1)  # each is a round of its own


class Recorded(Worker):
    """A worker whose engine has all texts ready."""

    def _drawing_from(self, policy: str, folder: Path) -> ScriptedEngine:
        return ScriptedEngine(policy, recorded)


class Waiting(Worker):
    """A worker whose engine takes its time."""

    def _drawing_from(self, policy: str, folder: Path) -> ScriptedEngine:
        def wait(request: Request) -> str:
            time.sleep(WAIT_S)
            return recorded(request)

        return ScriptedEngine(policy, wait)


def recorded(request: Request) -> str:
    answer = request.problem.answer if request.draw % 2 else "0"
    return STEPS.format(request.draw, request.draw + 17) + f"A: {answer}"


def rows(problems: int = PROBLEMS, turns: int = TURNS) -> list[tuple[str, str, str]]:
    """(what, figure, ratio to one worker)."""
    figures = []
    for what, unit, measured in (
        ("generating", "problems", _measured(Worker, lambda run, policy: _generate(run), turns)),
        ("judging", "samples", _measured(Recorded, _practice(_unlike(JUDGED * problems // PROBLEMS)), turns)),
        ("waiting", "samples", _measured(Waiting, _practice(_unlike(WAITED * problems // PROBLEMS)), turns)),
        ("sampling", "samples", _measured(Worker, _practice(demo_problems(problems)), turns)),
    ):
        one, two = measured
        ratios = [more / less for less, more in zip(one, two, strict=True)]
        spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
        figures.append((f"{what}, 1 worker", f"{statistics.median(one):,.0f} {unit}/s", "1"))
        figures.append((f"{what}, 2 workers", f"{statistics.median(two):,.0f} {unit}/s", spread))
    return figures


def _measured(
    worker: type[Worker], measure: Callable[[Run, Policy], int], turns: int
) -> tuple[list[float], list[float]]:
    """Things a second in each turn, by each number of workers; a turn before the first warms them up."""
    rates: tuple[list[float], list[float]] = ([], [])
    with _run(worker) as (run, policy, clusters):
        for turn in range(turns + 1):
            for cluster, own in zip(clusters, rates, strict=True):
                run._cluster = cluster
                started = time.perf_counter()
                done = measure(run, policy)
                if turn:
                    own.append(done / (time.perf_counter() - started))
        run._cluster = None
    return rates


@contextmanager
def _run(worker: type[Worker]) -> Iterator[tuple[Run, Policy, list[Cluster]]]:
    """A run, and a cluster of each number of workers, all of which have come."""
    config = configs.read(DEMO)
    configured = [
        config.model_copy(update={"policy": config.policy.model_copy(update={"engines": n})}) for n in WORKERS
    ]
    usual, cluster_members.Worker = cluster_members.Worker, worker
    ray.init(num_cpus=sum(WORKERS), include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
    try:
        with ExitStack() as opened:
            folder = opened.enter_context(tempfile.TemporaryDirectory())
            store = opened.enter_context(Warehouse(Path(folder) / "home"))
            run = opened.enter_context(closing(Run(store, configured[-1], Bars(console=Console(quiet=True)))))
            clusters = [opened.enter_context(closing(Cluster(one, run.home))) for one in configured]
            for cluster, workers in zip(clusters, WORKERS, strict=True):
                while len(cluster._members.there()) < workers:
                    cluster.draw_slots([Slot(Cell("gcd", 1), 1, 1)], frozenset())
            yield run, base(run), clusters
    finally:
        cluster_members.Worker = usual
        ray.shutdown()


def _generate(run: Run) -> int:
    seed = next(_stages)
    cells = [
        Cell(name, level) for name, family in FAMILIES.items() for level in range(1, family.top_level + 1)
    ]
    slots = [Slot(cell, GENERATED, seed) for cell in cells]
    return sum(len(found) for found in run.cluster.draw_slots(slots, frozenset()))


def _practice(problems: list[Problem]) -> Callable[[Run, Policy], int]:
    def practise(run: Run, policy: Policy) -> int:
        number = next(_stages)
        sample_and_judge(run, number, "sample", problems, policy, Meter(run.progress, "sample", 0))
        return len(problems) * run.config.curriculum.draws

    return practise


def _unlike(many: int) -> list[Problem]:
    """So many problems whose questions differ."""
    return [Problem("gcd", 1, f"What is {n} and 17?", str(n + 17), "integer") for n in range(many)]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--problems", type=int, default=PROBLEMS)
    parser.add_argument("--turns", type=int, default=TURNS)
    given = parser.parse_args()
    for what, figure, ratio in rows(given.problems, given.turns):
        print(f"{what:<24} {figure:>22} {ratio:>20}")
