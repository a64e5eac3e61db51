"""Verdicts on samples as they come: what can be said at once is, the rest by threads that wait for it.

Whatever happens to a judge costs no more than its own verdict: for an answer key that it cannot read, and for any
fault of ours, the sample is `not_judged`, which no rate counts.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from curriculum.records import Problem, Sample, Verdict
from filters import JUDGES, VERSIONS, check_steps, judge_quickly, program
from flows.judging_workers import Judging, chunk_judges

Said = TypeVar("Said", Verdict, Verdict | None)
AnswerJudge = Callable[[Problem, Sample], Future[Verdict]]
Pair = tuple[Problem, Sample]
Both = tuple[Verdict, Verdict]  # on the answer and on the steps
PairsJudge = Callable[[Sequence[Pair]], Callable[[], list[Both]]]

CORES = len(os.sched_getaffinity(0))
CORES_PER_PROCESS = 4  # of judging while an engine draws; one judges a thousand samples a second
CHUNK = 64  # samples; judging so many here takes less long than starting a process


@contextmanager
def answer_judge(unsandboxed: bool = False) -> Iterator[AnswerJudge]:
    """The verdict of the problem's own check, now or later: asking for it never waits.

    `unsandboxed` lets programs run without a sandbox. When this closes by an exception, what has not begun is
    given up.
    """
    with _full_judge(unsandboxed, CORES) as fully:

        def judge(problem: Problem, sample: Sample) -> Future[Verdict]:
            verdict = _said(problem.check, judge_quickly, problem, sample)
            return fully(problem, sample) if verdict is None else _done(verdict)

        yield judge


@contextmanager
def pairs_judge(unsandboxed: bool = False, cores: int = CORES) -> Iterator[PairsJudge]:
    """Both verdicts on each of some samples: asking does not wait, and what it returns does, when called.

    Whole CHUNKs go to other processes, so that an engine's Python need not share its interpreter with judges: one for
    each CORES_PER_PROCESS of `cores`. What only a full judge can say is said by so many at a time as there are cores.
    """
    processes = max(1, cores // CORES_PER_PROCESS)
    with _full_judge(unsandboxed, cores) as fully, chunk_judges(PAIRS, processes) as elsewhere:

        def settle(
            judge_chunk: Callable[[Sequence[Pair]], "Quick"], pairs: Sequence[Pair]
        ) -> "list[Settled]":
            return [
                (fully(*pair) if answer is None else _done(answer), steps)
                for pair, (answer, steps) in zip(pairs, judge_chunk(pairs), strict=True)
            ]

        def judge(pairs: Sequence[Pair]) -> Callable[[], list[Both]]:
            if len(pairs) < CHUNK:
                here = settle(judge_pairs, pairs)
                return lambda: _waited_for(here)
            there = elsewhere(partial(settle, pairs=pairs))
            return lambda: _waited_for(there.result())

        yield judge


def steps_verdict(problem: Problem, sample: Sample) -> Verdict:
    """What recomputing the steps says."""
    return _said("steps", check_steps, problem, sample)


Quick = list[tuple[Verdict | None, Verdict]]  # None where only a full judge can say
Settled = tuple[Future[Verdict], Verdict]


def judge_pairs(pairs: Sequence[Pair]) -> Quick:
    """Both verdicts on each, as far as any process can give them at once."""
    return [
        (_said(problem.check, judge_quickly, problem, sample), steps_verdict(problem, sample))
        for problem, sample in pairs
    ]


def _deadly(pair: Pair) -> Quick:
    problem, sample = pair
    return [(_failed(problem.check, sample), _failed("steps", sample))]


def _together(parts: list[Quick]) -> Quick:
    return [verdicts for part in parts for verdicts in part]


PAIRS: Judging[Pair, Quick] = Judging(judge_pairs, _deadly, _together)


@contextmanager
def _full_judge(unsandboxed: bool, at_a_time: int) -> Iterator[AnswerJudge]:
    """Each has a process of its own at work."""
    judges = JUDGES | ({"program": partial(program.judge, unsandboxed=True)} if unsandboxed else {})
    threads = ThreadPoolExecutor(at_a_time)
    try:
        yield lambda problem, sample: threads.submit(
            _said, problem.check, judges[problem.check], problem, sample
        )
    finally:
        threads.shutdown(cancel_futures=True)


def _said(
    name: str, judge: Callable[[Problem, Sample], Said], problem: Problem, sample: Sample
) -> Said | Verdict:
    try:
        return judge(problem, sample)
    except ValueError:
        return Verdict(sample.key, VERSIONS[name], "not_judged", "unreadable_key")
    except Exception:
        return _failed(name, sample)


def _failed(name: str, sample: Sample) -> Verdict:
    return Verdict(sample.key, VERSIONS[name], "not_judged", "judge_failed")


def _waited_for(settled: Sequence[Settled]) -> list[Both]:
    return [(answer.result(), steps) for answer, steps in settled]


def _done(verdict: Verdict) -> Future[Verdict]:
    future: Future[Verdict] = Future()
    future.set_result(verdict)
    return future
