"""Verdicts on samples as they come: what can be said at once is, the rest by threads that wait for it.

Whatever happens to a judge costs no more than its own verdict: for an answer key that it cannot read, and for any
fault of ours, the sample is `not_judged`, which no rate counts.
"""

import os
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from functools import partial
from typing import TypeVar

from curriculum.records import Problem, Sample, Verdict
from filters import JUDGES, VERSIONS, check_steps, judge_quickly, program

Said = TypeVar("Said", Verdict, Verdict | None)
AnswerJudge = Callable[[Problem, Sample], Future[Verdict]]

FULL_JUDGES = os.cpu_count() or 1  # at a time; each has a process of its own at work


@contextmanager
def answer_judge(unsandboxed: bool = False) -> Iterator[AnswerJudge]:
    """The verdict of the problem's own check, now or later: asking for it never waits.

    `unsandboxed` lets programs run without a sandbox. When this closes by an exception, what has not begun is
    given up.
    """
    judges = JUDGES | ({"program": partial(program.judge, unsandboxed=True)} if unsandboxed else {})
    threads = ThreadPoolExecutor(FULL_JUDGES)

    def judge(problem: Problem, sample: Sample) -> Future[Verdict]:
        verdict = _said(problem.check, judge_quickly, problem, sample)
        if verdict is None:
            return threads.submit(_said, problem.check, judges[problem.check], problem, sample)
        return _done(verdict)

    try:
        yield judge
    finally:
        threads.shutdown(cancel_futures=True)


def steps_verdict(problem: Problem, sample: Sample) -> Verdict:
    """What recomputing the steps says."""
    return _said("steps", check_steps, problem, sample)


def _said(
    name: str, judge: Callable[[Problem, Sample], Said], problem: Problem, sample: Sample
) -> Said | Verdict:
    try:
        return judge(problem, sample)
    except ValueError:
        return Verdict(sample.key, VERSIONS[name], "not_judged", "unreadable_key")
    except Exception:
        return Verdict(sample.key, VERSIONS[name], "not_judged", "judge_failed")


def _done(verdict: Verdict) -> Future[Verdict]:
    future: Future[Verdict] = Future()
    future.set_result(verdict)
    return future
