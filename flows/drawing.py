"""The samples of a stage (`sample`, `evaluate` or `guess`): drawn, judged as they finish, stored with their verdicts.

Here, by the one engine of the run; or by the workers of a cluster, which hand in whole shards. What is committed is
committed here, by the one writer to the home.
"""

import time
from collections.abc import Callable, Generator, Sequence
from contextlib import closing
from functools import partial
from typing import NamedTuple

from curriculum.records import Problem, Sample
from flows.practice import spend_row
from flows.progress import Meter
from flows.run import Policy, Run
from flows.sampling import SampleStream
from flows.settings import Config
from flows.shard_samples import ShardSamples, Work, draws, sampling, unit_name, waves
from flows.timeline import timeline_row
from warehouse.handing_in import HandedIn
from warehouse.rows import Rows
from warehouse.store import Warehouse

SHARD = 64  # problems to a shard: some hundreds of samples, seconds of work
TOGETHER = 1536  # samples, and at least a shard, that our own engine draws as a unit; the end of each is slow


class Finished(NamedTuple):
    """The rows of a shard: to be written, or written by a worker."""

    tables: dict[str, Rows]
    handed_in: HandedIn | None = None


class ShardJob:
    """A shard that has been drawn; `finish` waits until it is judged.

    `judge_and_commit` may be tried again after a file system was away: what is drawn is kept until it is committed.
    """

    def __init__(self, work: Work, store: Warehouse, finish: Callable[[], Finished]) -> None:
        self.work, self._store, self._finish = work, store, finish
        self._finished: Finished | None = None

    def judge_and_commit(self) -> None:
        if self._finished is None:
            self._finished = self._finish()
        self._store.commit(self.work.unit, self._finished.tables, self._finished.handed_in)
        self._finished = None


def sample_and_judge(
    run: Run,
    number: int,
    what: str,
    problems: Sequence[Problem],
    policy: Policy,
    meter: Meter,
    do: Callable[[ShardJob], None] = ShardJob.judge_and_commit,
) -> None:
    """Draw, judge and commit a stage, shard by shard; what is committed is left as it is.

    Of shards that are drawn together and were committed in part, all are drawn again, since who shares a batch
    decides how it rounds.
    """
    works = shards_of(run.config, number, what, problems)
    each = draws(run.config, what)
    left = [work for work in works if not run.store.has(work.unit)]
    meter.advance(each * (len(problems) - sum(len(work.problems) for work in left)))
    if not left:
        return
    units = {work.engine_unit for work in left}
    together = [work for work in works if work.engine_unit in units]
    draw = _on_cluster if run.config.policy.engines > 1 else _here
    with closing(draw(run, policy, together, left, meter)) as jobs:
        for job in jobs:
            do(job)


def shards_of(config: Config, number: int, what: str, problems: Sequence[Problem]) -> list[Work]:
    """The shards of a stage over these problems."""
    size = _shards_together(config, what)
    parts = [problems[start : start + SHARD] for start in range(0, len(problems), SHARD)]
    return [Work(number, what, place, part, place // size) for place, part in enumerate(parts)]


def unit_names(number: int, what: str, problems: Sequence[Problem]) -> list[str]:
    """The units of work of a stage over these problems."""
    return [unit_name(number, what, place) for place in range(-(-len(problems) // SHARD))]


def _here(
    run: Run, policy: Policy, works: Sequence[Work], left: Sequence[Work], meter: Meter
) -> Generator[ShardJob]:
    """By the engine of this run, each shard as it is drawn; its job waits for judges."""
    started = time.monotonic()  # making an engine, or giving it other weights, is part of it
    shards = {work.place: ShardSamples(work, run.judge) for work in left}

    def arrived(index: int, sample: Sample) -> None:
        if (shard := shards.get(works[index].place)) is not None:
            meter.advance(1, sample.tokens)
            shard.add(sample)

    def finish(work: Work) -> Finished:
        shard = shards[work.place]
        most = len(work.problems) * draws(run.config, work.what)
        tables = shard.tables()
        del shards[work.place]  # the jobs of a stage live as long as the stage
        meter.advance(most - shard.count)  # what a rule spared
        seconds, engine_seconds = stream.lap()
        return Finished(tables | _costs(work, shard.tokens, seconds, engine_seconds))

    stream = SampleStream(run.engine(policy), sampling(run.config, works[0].what), started, arrived)
    for work in works:
        stream.add(waves(run.config, work))
    with stream:
        for _ in works:
            work = works[stream.take()]
            if work.place in shards:
                yield ShardJob(work, run.store, partial(finish, work))


def _on_cluster(
    run: Run, policy: Policy, works: Sequence[Work], left: Sequence[Work], meter: Meter
) -> Generator[ShardJob]:
    """By the cluster's workers, in the order in which they hand in."""
    at = time.monotonic()
    for work, shard in run.cluster.draw(policy.name, policy.folder, left, meter):
        seconds, at = (now := time.monotonic()) - at, now
        worked = shard.engine_seconds / run.cluster.engines  # the stage's sum is that of the average engine
        costs = _costs(work, shard.tokens, seconds, worked, shard.memory, shard.rows.host)
        yield ShardJob(work, run.store, partial(Finished, costs, shard.rows))


def _costs(
    work: Work,
    tokens: int,
    seconds: float,
    engine_seconds: float,
    memory: int | None = None,
    host: str | None = None,
) -> dict[str, Rows]:
    stretch = timeline_row(work.number, work.what, seconds, engine_seconds, memory, host)
    return {"spend": [spend_row(work.number, work.what, tokens, seconds)], "timeline": [stretch]}


def _shards_together(config: Config, what: str) -> int:
    """Several engines want small units to share; vLLM and servers mix all that they are asked for anyway."""
    if config.policy.engine != "transformers" or config.policy.engines > 1:
        return 1
    return -(-TOGETHER // (SHARD * draws(config, what)))
