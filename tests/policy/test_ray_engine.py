"""Several engines as one, on a Ray cluster of this machine: shared out, and nothing lost with one of them."""

import os
import signal
import time
from collections import Counter, deque
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from curriculum.records import Sample
from generators.drawing import draw
from policy import checkpoint
from policy.engine import Request, Sampling, requests_for
from policy.scripted_engine import ScriptedEngine
from policy.transformers_engine import TransformersEngine

ray = pytest.importorskip("ray", reason="Ray is not installed: make engines")

from policy.ray_engine import RayEngine  # noqa: E402
from policy.ray_worker import Worker  # noqa: E402

PROBLEMS = draw("gcd", 6, 60, 1, "train")
UNITS = [list(requests_for(PROBLEMS[5 * unit : 5 * unit + 5], 4, unit=unit)) for unit in range(12)]
REQUESTS = [request for unit in UNITS for request in unit]
SAMPLING = Sampling(1.0, max_new_tokens=40)


def who(request: Request) -> str:
    """Which process answers; slowly, so that there is time to kill it."""
    time.sleep(0.02)
    return f"{os.getpid()}"


def scripted(policy: str, folder: Path) -> ScriptedEngine:
    if folder.name == "broken":
        raise checkpoint.BadCheckpoint(f"{folder}: does not load")
    return ScriptedEngine(policy, who)


def exact(policy: str, folder: Path) -> TransformersEngine:
    """For an actor's process alone: it changes what others there compute in."""
    torch.set_num_threads(1)
    checkpoint.compute_dtype = lambda: torch.float32
    return TransformersEngine(policy, folder)


@pytest.fixture(scope="module", autouse=True)
def cluster() -> Iterator[None]:
    ray.init(num_cpus=4, include_dashboard=False, log_to_driver=False, logging_level="error")
    yield
    ray.shutdown()


@pytest.fixture(scope="module")
def engine(cluster: None) -> Iterator[RayEngine]:
    engine = RayEngine("p", Path("there"), scripted, 2, gpus=False)
    yield engine
    engine.close()


def names(samples: list[Sample]) -> list[tuple[str, int]]:
    return sorted((sample.problem_key, sample.draw) for sample in samples)


ASKED = sorted((request.problem.key, request.draw) for request in REQUESTS)


def test_units_are_shared_out_whole_and_every_request_is_answered_once(engine: RayEngine) -> None:
    samples = list(engine.generate(deque(REQUESTS), SAMPLING))
    assert names(samples) == ASKED
    by_process = Counter(sample.text for sample in samples)
    assert len(by_process) == 2
    assert min(by_process.values()) >= 80  # of 240: neither stood idle
    for unit in UNITS:
        keys = {(request.problem.key, request.draw) for request in unit}
        assert len({s.text for s in samples if (s.problem_key, s.draw) in keys}) == 1


def test_an_engine_that_is_killed_costs_nothing_but_time(engine: RayEngine) -> None:
    samples = []
    killed = ""
    for sample in engine.generate(deque(REQUESTS), SAMPLING):
        samples.append(sample)
        if len(samples) == 30:
            killed = sample.text
            os.kill(int(killed), signal.SIGKILL)
    assert names(samples) == ASKED
    assert Counter(sample.text for sample in samples[60:])[killed] <= 20  # what was on its way
    deadline = time.monotonic() + 120
    drawing: set[str] = set()
    while len(drawing) < 2:  # another one takes its place, as soon as it has started
        assert time.monotonic() < deadline
        drawing = {sample.text for sample in engine.generate(deque(REQUESTS[:80]), SAMPLING)}
    assert killed not in drawing


def test_after_a_loss_the_next_policy_is_drawn_by_all(engine: RayEngine) -> None:
    samples = engine.generate(deque(REQUESTS), SAMPLING)
    os.kill(int(next(samples).text), signal.SIGKILL)
    samples.close()
    engine.load("q", Path("there"))
    found = list(engine.generate(deque(REQUESTS), SAMPLING))
    assert names(found) == ASKED
    assert {sample.policy for sample in found} == {"q"}


def test_what_an_engine_raises_is_raised() -> None:
    with pytest.raises(checkpoint.BadCheckpoint, match="broken: does not load"):
        RayEngine("p", Path("broken"), scripted, 1, gpus=False)


def test_two_engines_draw_what_one_draws() -> None:
    tiny = Path(checkpoint.__file__).parent / "tiny"
    engine = RayEngine("p", tiny, exact, 2, gpus=False)
    together = {(s.problem_key, s.draw): s.text for s in engine.generate(deque(REQUESTS[:100]), SAMPLING)}
    engine.close()
    one = TransformersEngine("p", tiny)
    one._model.float()
    alone = {(s.problem_key, s.draw): s.text for s in one.generate(deque(REQUESTS[:100]), SAMPLING)}
    assert together.keys() == alone.keys()
    assert sum(together[key] == alone[key] for key in alone) >= 98


def test_a_worker_stops_when_told_and_what_comes_late_meets_nothing() -> None:
    worker = Worker(scripted)
    worker.load("p", Path("there"))
    worker.begin(1, SAMPLING)
    worker.ask(1, REQUESTS)
    assert worker.collect(1)
    started = time.monotonic()
    worker.end(1)
    assert time.monotonic() - started < 2
    assert worker.collect(1) == []
    worker.begin(2, SAMPLING)
    worker.ask(2, REQUESTS[:1])
    assert worker.collect(1) == []  # another stage's
    assert len(worker.collect(2)) == 1
    with pytest.raises(KeyError):
        worker.ask(1, REQUESTS)
    worker.end(2)


def test_requests_that_come_while_an_engine_takes_others_are_not_lost() -> None:
    """The transformers engine takes its queue apart for each unit; others are asked for at that very moment."""
    worker = Worker(TransformersEngine)
    worker.load("p", Path(checkpoint.__file__).parent / "tiny")
    worker.begin(1, Sampling(1.0, max_new_tokens=1))
    for unit in UNITS:
        worker.ask(1, unit)
    found: list[Sample] = []
    deadline = time.monotonic() + 60
    while len(found) < len(REQUESTS) and time.monotonic() < deadline:
        found += worker.collect(1)
    worker.end(1)
    assert names(found) == ASKED
