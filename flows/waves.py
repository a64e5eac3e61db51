"""The requests of one unit of work, dealt out in waves for as long as a stopping rule wants more."""

from collections.abc import Sequence
from itertools import islice

from curriculum.records import Sample
from flows.stopping import Rule
from policy.engine import Request

WAVE = 4  # draws of a problem at a time; the fewest that Adaptive-Consistency stops at


class Waves:
    """The first requests, and those that follow from each finished sample.

    The rule is asked when all draws of a problem that were asked for have come, so what is drawn does not depend
    on which sample came first. Without a rule all is asked for at once.
    """

    def __init__(self, requests: Sequence[Request], rule: Rule | None) -> None:
        self._rule = rule
        by_problem: dict[str, list[Request]] = {}
        for request in requests:
            by_problem.setdefault(request.problem.key, []).append(request)
        self._problems = {key: own[0].problem for key, own in by_problem.items()}
        self._left = {key: iter(own) for key, own in by_problem.items()}
        self._samples: dict[str, list[Sample]] = {key: [] for key in by_problem}
        self._under_way = dict.fromkeys(by_problem, 0)
        self.engine_unit = requests[0].unit

    @property
    def problem_keys(self) -> Sequence[str]:
        return list(self._problems)

    @property
    def finished(self) -> bool:
        return not any(self._under_way.values())

    def first(self) -> list[Request]:
        """What to ask for at the start."""
        return [request for key in self._left for request in self._next(key)]

    def after(self, sample: Sample) -> list[Request]:
        """What to ask for now that this sample has come."""
        key = sample.problem_key
        self._under_way[key] -= 1
        if self._rule is None:
            return []
        self._samples[key].append(sample)
        if self._under_way[key]:
            return []
        drawn = sorted(self._samples[key], key=lambda one: one.draw)
        return [] if self._rule(self._problems[key], drawn) else self._next(key)

    def _next(self, key: str) -> list[Request]:
        wave = list(islice(self._left[key], WAVE if self._rule else None))
        self._under_way[key] += len(wave)
        return wave
