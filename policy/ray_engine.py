"""Many engines as one: a Ray actor a GPU, anywhere in the cluster, each with a copy of the policy.

A unit of work goes whole to the engine that has the fewest tokens left to draw, by what samples of like problems
took so far. What an engine that is lost had not answered is asked of the others, and another one is started in
its place, where the cluster still has room.
"""

import logging
from collections import defaultdict, deque
from collections.abc import Generator, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeAlias

import ray
from ray.exceptions import GetTimeoutError, RayActorError, RayTaskError

from curriculum.errors import InputError, WorkFailed
from curriculum.records import Sample
from policy.engine import Request, Sampling
from policy.ray_worker import OpenEngine, Worker

UNITS_AHEAD = 2  # of an engine: one to draw, one to go on with
LOSSES = 3  # in a row without a sample: it is not the machine
START_S = 600.0  # for an engine to load; a cluster without room for it waits that long

CALLS_AT_ONCE = 4  # of one actor: drawing goes on beside `ask` and `collect`

Cell: TypeAlias = tuple[str, int]

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class _Member:
    """One actor, the call to it that is waited for, and what it was asked and has not answered.

    It is asked nothing until it has `loaded` the policy (one that takes a lost one's place may wait for room for
    ever) and has `begun` the stage: calls of an actor come in any order.
    """

    actor: Any
    call: Any
    loaded: bool = False
    begun: bool = False
    under_way: dict[tuple[str, int], Request] = field(default_factory=dict)

    @property
    def units(self) -> set[int]:
        return {request.unit for request in self.under_way.values()}


class RayEngine:
    """`engines` engines that `open_engine` makes, with one GPU each if `gpus`, else one CPU.

    Joins the cluster that RAY_ADDRESS names, or starts one on this machine. WorkFailed where the cluster has no
    room for all at the start, or none is left; and as `open_engine` raises.
    """

    def __init__(self, policy: str, folder: Path, open_engine: OpenEngine, engines: int, gpus: bool) -> None:
        self._open = open_engine
        self._resources = {"num_cpus": 1, "num_gpus": int(gpus)}
        self._took: defaultdict[Cell, list[int]] = defaultdict(lambda: [0, 0])  # tokens and samples
        self._policy, self._folder = policy, folder
        self._stage = self._losses = 0
        if not ray.is_initialized():
            ray.init(include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
        self._members = [self._started() for _ in range(engines)]
        for member in self._members:
            self._await_start(member)

    @property
    def policy(self) -> str:
        return self._policy

    def load(self, policy: str, folder: Path) -> None:
        self._policy, self._folder = policy, folder
        for member in [member for member in self._members if not member.loaded]:
            self._replace(member)  # it would begin with the old policy
        self._tell_all("load", policy, folder)

    def rest(self) -> None:
        self._tell_all("rest")

    def close(self) -> None:
        for member in self._members:
            ray.kill(member.actor)
        self._members = []

    def generate(self, requests: deque[Request], sampling: Sampling) -> Generator[Sample]:
        self._stage += 1
        self._losses = 0
        for member in self._loaded():
            self._begin(member, sampling)
        try:
            while requests or any(member.under_way for member in self._members):
                self._assign(requests, sampling)
                for member, samples in self._collect(requests, sampling):
                    for sample in samples:
                        yield self._received(member, sample)
        finally:
            for member in self._members:
                member.under_way.clear()
                member.begun = False
            self._tell_all("end", self._stage)

    def _assign(self, requests: deque[Request], sampling: Sampling) -> None:
        """Hand out whole units, each to the engine with the fewest tokens left to draw."""
        while True:
            free = [m for m in self._members if m.begun and len(m.units) < UNITS_AHEAD]
            begun = set().union(*(member.units for member in self._members))
            unit = next((request.unit for request in requests if request.unit not in begun), None)
            if (
                not free or unit is None
            ):  # what follows of a unit waits until all that was asked of it has come
                return
            member = min(free, key=lambda one: self._outstanding(one, sampling))
            taken = [request for request in requests if request.unit == unit]
            others = [request for request in requests if request.unit != unit]
            requests.clear()
            requests.extend(others)
            member.under_way |= {(request.problem.key, request.draw): request for request in taken}
            member.actor.ask.remote(self._stage, taken)

    def _outstanding(self, member: _Member, sampling: Sampling) -> float:
        """Tokens: for each request the mean of its family and level, or what it may take at most."""
        expected = {cell: tokens / samples for cell, (tokens, samples) in self._took.items() if samples}
        return sum(
            expected.get(_cell(request), sampling.max_new_tokens) for request in member.under_way.values()
        )

    def _collect(
        self, requests: deque[Request], sampling: Sampling
    ) -> Iterator[tuple[_Member, list[Sample]]]:
        """What has finished since; what a lost engine was asked goes back to the requests."""
        waiting = {member.call: member for member in self._members}
        done, _ = ray.wait(list(waiting), timeout=START_S)
        if not done:
            raise WorkFailed(
                f"a run needs one engine at least, and in {START_S:.0f} s none of its own answered"
            )
        for call in done:
            member = waiting[call]
            try:
                samples = ray.get(call)
            except (RayActorError, RayTaskError) as error:
                _raise_if_asked_wrongly(error)
                self._count_loss(error, len(member.under_way))
                requests.extendleft(reversed(member.under_way.values()))
                self._replace(member)
                continue
            if not member.loaded:
                member.loaded = True
                self._begin(member, sampling)
                continue
            member.call = member.actor.collect.remote(self._stage)
            if member.begun:
                yield member, samples
            member.begun = True

    def _received(self, member: _Member, sample: Sample) -> Sample:
        if sample.policy != self._policy:
            raise AssertionError(
                f"an engine was told to draw from {self._policy}, and draws from {sample.policy}"
            )
        took = self._took[_cell(member.under_way.pop((sample.problem_key, sample.draw)))]
        took[0], took[1] = took[0] + sample.tokens, took[1] + 1
        self._losses = 0
        return sample

    def _count_loss(self, error: Exception, left: int) -> None:
        self._losses += 1
        log.warning("an engine was lost, and its %d samples are drawn elsewhere: %.300s", left, error)
        if self._losses > LOSSES:
            raise WorkFailed(f"{self._losses} engines were lost without a sample between: {error}") from error

    def _begin(self, member: _Member, sampling: Sampling) -> None:
        member.begun = False
        member.call = member.actor.begin.remote(self._stage, sampling)

    def _started(self) -> _Member:
        made = ray.remote(Worker).options(max_concurrency=CALLS_AT_ONCE, **self._resources)
        actor = made.remote(self._open)
        return _Member(actor, actor.load.remote(self._policy, self._folder))

    def _await_start(self, member: _Member) -> None:
        try:
            ray.get(member.call, timeout=START_S)
        except RayTaskError as error:
            raise error.cause from None
        except (RayActorError, GetTimeoutError) as error:
            raise WorkFailed(
                f"{len(self._members)} engines start within {START_S:.0f} s, each with {self._resources}, and of"
                f" {ray.cluster_resources()} one has not: {error}"
            ) from error
        member.loaded = True

    def _loaded(self) -> list[_Member]:
        return [member for member in self._members if member.loaded]

    def _replace(self, lost: _Member) -> _Member:
        ray.kill(lost.actor)
        new = self._started()
        self._members[self._members.index(lost)] = new
        return new

    def _tell_all(self, call: str, *arguments: object) -> None:
        """Make a call to all that have loaded and wait for it; a lost one is replaced."""
        calls = [(member, getattr(member.actor, call).remote(*arguments)) for member in self._loaded()]
        for member, made in calls:
            try:
                ray.get(made)
            except (RayActorError, RayTaskError) as error:
                _raise_if_asked_wrongly(error)
                self._count_loss(error, 0)
                self._replace(member)


def _raise_if_asked_wrongly(error: Exception) -> None:
    """Raise what another engine would say just so; anything else is a loss of this one."""
    cause = error.cause if isinstance(error, RayTaskError) else None
    if isinstance(cause, InputError | ValueError):
        raise cause from None


def _cell(request: Request) -> Cell:
    return request.problem.family, request.problem.level
