"""The samples of a stage (`sample`, `evaluate` or `guess`): drawn, judged as they finish, stored with their verdicts.

Practice (`sample`) draws several at the config's temperature; `evaluate` draws one, greedily; `guess` tries the
answer alone.
"""

import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

from curriculum.records import Problem
from flows.outcomes import outcome_row
from flows.practice import sample_row, spend_row
from flows.progress import Meter
from flows.run import Policy, Run
from flows.sampling import SampleStream
from flows.stopping import RULES
from flows.timeline import timeline_row
from flows.verdicts import answer_judge, steps_verdict
from flows.waves import Waves
from policy.engine import Request, Sampling, requests_for

ANSWER_MARKER = "A: "
GUESS_TOKENS = 48  # room for an answer, and for little before it
SHARD = 64  # problems to a shard: some hundreds of samples, seconds of work


class ShardJob:
    """A unit of work: some problems of a stage, whose samples are being drawn."""

    def __init__(
        self, run: Run, number: int, what: str, place: int, problems: Sequence[Problem], meter: Meter
    ) -> None:
        self._run, self._meter = run, meter
        self._number, self._what, self._place = number, what, place
        self._problems = problems
        self.unit = unit_name(number, what, place)
        self.most = len(problems) * draws(run, what)  # samples, if no rule stops earlier

    def __str__(self) -> str:
        return f"round {self._number}: {self._what} shard {self._place}"

    def requests(self) -> Sequence[Request]:
        settings = self._run.config
        first = settings.curriculum.draws if self._what == "guess" else 0  # no draw goes by another's number
        each, seed = draws(self._run, self._what), (settings.seed, self._what)
        return requests_for(self._problems, each, *seed, first=first, unit=self._place)

    def judge_and_commit(self, stream: SampleStream, place: int) -> None:
        """Judge each sample of that place in the stream as it comes; commit samples and verdicts together."""
        drawn, answers, steps = [], [], []
        by_key = {problem.key: problem for problem in self._problems}
        with answer_judge(self._run.config.judging.unsandboxed_programs) as judge:
            for sample in stream.unit(place):
                problem = by_key[sample.problem_key]
                if self._what == "guess":
                    sample = replace(sample, text=_guess(sample.text))
                drawn.append(sample)
                answers.append(judge(problem, sample))
                steps.append(steps_verdict(problem, sample))
                self._meter.advance(1, sample.tokens)
            said = [future.result() for future in answers]
        self._meter.advance(self.most - len(drawn))  # what a rule spared
        rows = [
            outcome_row(by_key[sample.problem_key], sample, self._number, self._what, answer, checked)
            for sample, answer, checked in zip(drawn, said, steps, strict=True)
        ]
        tokens = sum(sample.tokens for sample in drawn)
        seconds, engine_seconds = stream.lap()
        tables = {
            "samples": [sample_row(sample, self._number, self._what) for sample in drawn],
            "verdicts": [asdict(verdict) for verdict in (*said, *steps)],
            "outcome_revisions": rows,
            "logprobs": [
                {"sample_key": sample.key, "logprob": sample.logprob}
                for sample in drawn
                if sample.logprob is not None
            ],
            "spend": [spend_row(self._number, self._what, tokens, seconds)],
            "timeline": [timeline_row(self._number, self._what, seconds, engine_seconds)],
        }
        self._run.store.commit(self.unit, tables)


def sample_and_judge(
    run: Run,
    number: int,
    what: str,
    problems: Sequence[Problem],
    policy: Policy,
    meter: Meter,
    do: Callable[[ShardJob, SampleStream, int], None] = ShardJob.judge_and_commit,
) -> None:
    """Draw, judge and commit a stage, shard by shard; what is committed is left as it is."""
    parts = [problems[start : start + SHARD] for start in range(0, len(problems), SHARD)]
    jobs = [ShardJob(run, number, what, place, part, meter) for place, part in enumerate(parts)]
    left = [job for job in jobs if not run.store.has(job.unit)]
    meter.advance(sum(job.most for job in jobs) - sum(job.most for job in left))
    if not left:
        return
    started = time.monotonic()  # making an engine, or giving it other weights, is part of it
    rule = RULES[run.config.curriculum.stopping if what == "sample" else "none"]
    units = [Waves(job.requests(), rule) for job in left]
    engine, engines = run.engine(policy), run.config.policy.engines
    with SampleStream(engine, _sampling(run, what), units, started, engines) as stream:
        for place, job in enumerate(left):
            do(job, stream, place)


def unit_name(number: int, what: str, place: int) -> str:
    return f"r{number:04}/{what}/{place:04}"


def unit_names(number: int, what: str, problems: Sequence[Problem]) -> list[str]:
    """The units of work of a stage over these problems."""
    return [unit_name(number, what, place) for place in range(-(-len(problems) // SHARD))]


def draws(run: Run, what: str) -> int:
    """Samples a problem."""
    if what == "evaluate":
        return 1
    return run.config.judging.guess_tries if what == "guess" else run.config.curriculum.draws


def _sampling(run: Run, what: str) -> Sampling:
    settings = run.config.policy
    sampling = Sampling(
        temperature=0.0 if what == "evaluate" else settings.temperature,
        top_p=settings.top_p,
        max_new_tokens=settings.max_new_tokens,
        instruction=settings.instruction,
        logprobs=settings.logprobs,
    )
    if what == "guess":
        tokens = min(GUESS_TOKENS, settings.max_new_tokens)
        return replace(sampling, max_new_tokens=tokens, opening=ANSWER_MARKER)
    return sampling


def _guess(text: str) -> str:
    """What a policy writes below its guess is the reasoning that it was not to do, and may lead to another answer."""
    before, marker, behind = text.partition(ANSWER_MARKER)
    return before + marker + behind.partition("\n")[0]
