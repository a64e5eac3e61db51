"""A stage spread over a cluster: each shard goes to the worker that has the fewest tokens left to draw.

Workers hand in whole shards; of samples the driver sees how many there are. The shards of a worker that is lost go to
others, and what it may still write is never looked at.
"""

from collections import Counter, deque
from collections.abc import Generator, Sequence
from pathlib import Path

import ray

from curriculum.errors import WorkFailed
from curriculum.records import Problem
from curriculum.standings import Cell
from flows.cluster_members import LOSSES, Member, Members
from flows.cluster_worker import DrawnShard, Report
from flows.progress import Meter
from flows.settings import Config
from flows.shard_samples import Work, draws
from flows.shares import Shares
from flows.slots import Slot, by_cell, join


class Cluster:
    """The workers of a run, started when first needed; raises as `Members` does."""

    def __init__(self, config: Config, home: Path) -> None:
        self._config = config
        self._members = Members(config, home)
        self._shares = Shares(config)

    @property
    def engines(self) -> int:
        """Those that are there now, with or without something to draw."""
        return len(self._members.there())

    def rest(self) -> None:
        self._members.rest()

    def close(self) -> None:
        self._members.close()

    def draw(
        self, policy: str, folder: Path, works: Sequence[Work], meter: Meter
    ) -> Generator[tuple[Work, DrawnShard]]:
        """The shards of a stage, each as it is handed in."""
        stage = works[0].what, policy, folder.resolve()
        waiting, left = deque(works), len(works)
        losses: Counter[int] = Counter()  # by the shard's place
        self._members.forget_calls()
        while left:
            for member in self._members.there():
                if not member.begun and member.call is None:
                    member.call = member.actor.begin.remote(*stage)
            answers, lost = self._members.answers()
            handed_in = []
            for member, report in answers:
                if member.begun:
                    handed_in += self._taken(member, report, meter)
                member.begun = True
            for given in (given for member in lost for given in member.has.values()):
                meter.advance(-given.samples, -given.tokens)
                waiting.appendleft(given.work)
                losses[given.work.place] += 1
                if losses[given.work.place] > LOSSES:
                    raise WorkFailed(f"{given.work} went to {LOSSES + 1} engines, and each was lost over it")
            self._share_out(waiting)
            for work, shard in handed_in:
                left -= 1
                meter.advance(len(work.problems) * draws(self._config, work.what) - shard.samples)
                yield work, shard

    def draw_slots(self, slots: Sequence[Slot], taken: frozenset[str]) -> list[list[Problem]]:
        """As `slots.draw_slots`, a cell at a time on each worker."""
        waiting = deque(by_cell(slots).items())
        at: dict[Member, tuple[Cell, list[Slot]]] = {}
        drawn: dict[Cell, Sequence[list[Problem]]] = {}
        held = ray.put(taken)  # sent to each machine once
        self._members.forget_calls()
        while waiting or at:
            for member in self._members.there():
                if waiting and member.call is None:
                    at[member] = waiting.popleft()
                    member.call = member.actor.draw_problems.remote(at[member][1], held)
            answers, lost = self._members.answers()
            for member, found in answers:
                drawn[at.pop(member)[0]] = found
                member.losses = 0
            waiting.extend(at.pop(member) for member in lost if member in at)
        return join(slots, drawn, taken)

    def _taken(self, member: Member, report: Report, meter: Meter) -> list[tuple[Work, DrawnShard]]:
        """Take note of what a worker reports; the shards that it hands in."""
        for (place, cell), samples in report.samples.items():
            tokens = report.tokens[place, cell]
            given = member.has[place]
            given.samples, given.tokens = given.samples + samples, given.tokens + tokens
            self._shares.drawn(cell, samples, tokens)
            meter.advance(samples, tokens)
        if report.shards:
            member.losses = 0
        return [(member.has.pop(shard.place).work, shard) for shard in report.shards]

    def _share_out(self, waiting: deque[Work]) -> None:
        """Give out shards as long as somebody has room, and let those go on that wait for our call."""
        begun = [member for member in self._members if member.begun]
        self._shares.give_out(waiting, begun)
        for member in begun:
            if member.call is None:
                member.call = member.actor.go_on.remote(member.to_ask)
                member.to_ask = []
