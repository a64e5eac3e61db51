"""The stream between an engine and the judges: who waits for whom, how far ahead, what a failure leaves."""

import threading
import time
from collections import defaultdict, deque
from collections.abc import Callable, Generator, Sequence

import pytest

from curriculum.records import Problem, Sample
from flows import sampling
from flows.sampling import SampleStream
from flows.stopping import Rule
from flows.waves import Waves
from policy.engine import Engine, Request, Sampling, requests_for
from policy.scripted_engine import ScriptedEngine

SAMPLING = Sampling(max_new_tokens=50)


def problems(unit: int, count: int) -> list[Problem]:
    return [Problem("sums", 1, f"{unit}.{i}", "5", "integer") for i in range(count)]


def units(count: int, each: int = 5, draws: int = 2, rule: Rule | None = None) -> list[Waves]:
    return [Waves(list(requests_for(problems(n, each), draws, unit=n)), rule) for n in range(count)]


def stream(
    work: Sequence[Waves], script: Callable[[Request], str] = lambda request: "A: 5", seconds: float = 0.0
) -> "Stream":
    def answer(request: Request) -> str:
        time.sleep(seconds)
        return script(request)

    return of_units(ScriptedEngine("p", answer), work)


class Stream(SampleStream):
    """One that keeps what has arrived."""

    def __init__(self, engine: Engine) -> None:
        self.arrived: defaultdict[int, list[Sample]] = defaultdict(list)
        keep = lambda place, sample: self.arrived[place].append(sample)  # noqa: E731
        super().__init__(engine, SAMPLING, time.monotonic(), keep)

    def unit(self, place: int) -> list[Sample]:
        """The next to be taken, which must be this one."""
        assert self.take() == place
        return self.arrived[place]

    def await_first(self) -> None:
        while not self.arrived:
            time.sleep(0.001)


def of_units(engine: Engine, work: Sequence[Waves]) -> Stream:
    stream = Stream(engine)
    for unit in work:
        stream.add(unit)
    return stream


def test_each_unit_gets_its_own_samples_each_once() -> None:
    with stream(units(7)) as samples:
        for place in range(7):
            found = samples.unit(place)
            assert sorted((s.problem_key, s.draw) for s in found) == sorted(
                (problem.key, draw) for problem in problems(place, 5) for draw in range(2)
            )


def test_the_engine_goes_on_while_a_unit_is_judged_and_committed() -> None:
    drawn: list[float] = []

    def script(request: Request) -> str:
        drawn.append(time.monotonic())
        return "A: 5"

    with stream(units(3), script, seconds=0.01) as samples:
        samples.unit(0)
        judged_from = time.monotonic()
        time.sleep(0.3)  # the judges' work
        judged_until = time.monotonic()
        assert sum(judged_from < at < judged_until for at in drawn) == 20
        assert len(samples.unit(1)) + len(samples.unit(2)) == 20
        wall, busy = samples.lap()
    assert busy <= wall
    assert 0.3 <= busy < 0.6  # thirty samples, and not the time in which all were drawn


def test_how_far_the_engine_runs_ahead_is_bounded(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "HELD", 40)  # four units of ten
    asked: list[int] = []

    def script(request: Request) -> str:
        asked.append(request.unit)
        return "A: 5"

    with stream(units(20), script) as samples:
        for place in range(20):
            time.sleep(0.02)
            assert max(asked, default=0) <= place + 4
            samples.unit(place)
    assert len(asked) == 200


class Slow(ScriptedEngine):
    """Answers what it is asked for at once, but for one request, which it answers when there is nothing else."""

    def __init__(self, slow: Request) -> None:
        super().__init__("p", lambda request: "A: 5")
        self._slow = slow

    def generate(self, requests: deque[Request], sampling: Sampling) -> Generator[Sample]:
        while requests:
            request = requests.popleft()
            if request == self._slow and requests:
                requests.append(request)
            else:
                yield from super().generate(deque([request]), sampling)


def test_one_long_thought_holds_up_neither_the_engine_nor_other_units(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sampling, "AHEAD", 30)
    work = units(20)
    slow = requests_for(problems(0, 5), 2, unit=0)[0]
    with of_units(Slow(slow), work) as samples:
        assert [samples.take() for _ in range(20)] == [*range(1, 20), 0]


def test_a_rule_that_may_want_more_keeps_no_engine_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for counts, and not what a rule could still ask for."""
    monkeypatch.setattr(sampling, "AHEAD", 300)
    asked: list[int] = []

    class Looking(ScriptedEngine):
        def generate(self, requests: deque[Request], sampling: Sampling) -> Generator[Sample]:
            asked.append(len(requests))
            return super().generate(requests, sampling)

    work = units(40, draws=100, rule=lambda *_: True)  # 5 problems, of which 4 draws each are made
    with of_units(Looking("p", lambda request: "A: 5"), work) as samples:
        assert sorted(samples.take() for _ in work) == [*range(40)]
    assert asked[0] >= 300


def test_units_that_are_drawn_together_are_asked_for_together(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sampling, "AHEAD", 1)
    monkeypatch.setattr(sampling, "HELD", 1)
    asked: list[int] = []

    class Looking(ScriptedEngine):
        def generate(self, requests: deque[Request], sampling: Sampling) -> Generator[Sample]:
            asked.append(len(requests))
            return super().generate(requests, sampling)

    work = [Waves(list(requests_for(problems(n, 5), 2, unit=n // 6)), None) for n in range(9)]
    with of_units(Looking("p", lambda request: "A: 5"), work) as samples:
        for place in range(9):
            assert len(samples.unit(place)) == 10
    assert asked[0] == 60  # six units, though three are enough to have ahead


def test_units_can_be_added_while_others_are_drawn() -> None:
    asked: list[int] = []

    class Listening(ScriptedEngine):
        """Waits, before it says that it is done, for what follows."""

        def generate(self, requests: deque[Request], sampling: Sampling) -> Generator[Sample]:
            asked.append(requests[0].unit)
            yield from super().generate(requests, sampling)

    first, second, third = units(3)
    with of_units(Listening("p", lambda request: time.sleep(0.01) or "A: 5"), [first]) as samples:
        samples.await_first()
        assert samples.add(second) == 1
        assert len(samples.unit(0)) + len(samples.unit(1)) == 20
        time.sleep(0.05)  # the engine has nothing to do
        assert samples.add(third) == 2
        assert len(samples.unit(2)) == 10
    assert asked == [0, 2]  # the second was with the engine before the first had ended


def test_whoever_waits_when_a_stream_is_stopped_is_told() -> None:
    with stream(units(1), seconds=0.05) as samples:
        samples.await_first()
        samples.stop()
        with pytest.raises(sampling.GivenUp):
            samples.take()
        samples.add(units(2)[1])
        with pytest.raises(sampling.GivenUp):
            samples.take()


def test_a_failure_of_the_engine_reaches_the_one_who_waits() -> None:
    def script(request: Request) -> str:
        if request.unit == 1:
            raise MemoryError("no room")
        return "A: 5"

    with stream(units(3), script) as samples:
        assert len(samples.unit(0)) == 10
        for _ in range(2):
            with pytest.raises(MemoryError, match="no room"):
                samples.take()


def test_a_failure_of_the_consumer_ends_the_engine() -> None:
    closed = threading.Event()

    class Endless(ScriptedEngine):
        def generate(self, requests: deque[Request], sampling: Sampling) -> Generator[Sample]:
            first = requests.popleft()
            try:
                while True:
                    time.sleep(0.001)
                    requests.append(first)
                    yield next(super().generate(deque([first]), sampling))
            finally:
                closed.set()

    def judge_and_commit() -> None:
        with of_units(Endless("p", lambda request: ""), units(1, 50, 50)) as samples:
            samples.await_first()
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        judge_and_commit()
    assert closed.is_set()
    assert not [thread for thread in threading.enumerate() if thread.name == "sampling"]


def agreed(problem: Problem, samples: Sequence[Sample]) -> bool:
    return sum(sample.text == "A: 5" for sample in samples) >= 4


def test_a_rule_ends_the_draws_of_its_problem_alone_and_sees_them_in_order() -> None:
    """Problems that end in 0 agree at once; the others never do."""
    seen: list[list[int]] = []

    def rule(problem: Problem, samples: Sequence[Sample]) -> bool:
        seen.append([sample.draw for sample in samples])
        return agreed(problem, samples)

    def script(request: Request) -> str:
        return "A: 5" if request.problem.question.endswith(".0") else f"A: {request.draw}"

    with stream(units(2, each=3, draws=10, rule=rule), script) as samples:
        for place in range(2):
            drawn = [(s.problem_key, s.draw) for s in samples.unit(place)]
            counts = {p.question: sum(key == p.key for key, _ in drawn) for p in problems(place, 3)}
            assert list(counts.values()) == [4, 10, 10]
    assert all(draws == list(range(len(draws))) for draws in seen)
    assert {len(draws) for draws in seen} == {4, 8, 10}


def test_what_is_drawn_does_not_depend_on_what_comes_first() -> None:
    def drawn(order: Callable[[list[Request]], Request]) -> set[tuple[str, int]]:
        unit = Waves(list(requests_for(problems(0, 6), 12)), agreed)
        waiting = unit.first()
        found = set()
        while waiting:
            request = order(waiting)
            waiting.remove(request)
            right = request.seed % 3 > 0
            sample = Sample(
                request.problem.key, "p", request.draw, 1.0, "A: 5" if right else "A: 6", 1, "stop"
            )
            found.add((sample.problem_key, sample.draw))
            waiting += unit.after(sample)
        assert unit.finished
        return found

    first = drawn(lambda waiting: waiting[0])
    assert (
        first
        == drawn(lambda waiting: waiting[-1])
        == drawn(lambda waiting: min(waiting, key=lambda r: r.seed))
    )
    assert 6 * 4 < len(first) < 6 * 12
