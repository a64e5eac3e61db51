"""The samples of a stage (`sample`, `evaluate` or `guess`): drawn, judged as they finish, stored with their verdicts.

Practice (`sample`) draws several at the config's temperature; `evaluate` draws one, greedily; `guess` tries the
answer alone.
"""

import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import asdict, replace

from curriculum.records import Problem, Sample
from flows.outcomes import outcome_row
from flows.practice import sample_row, spend_row
from flows.progress import Meter
from flows.run import Policy, Run
from flows.sampling import SampleStream
from flows.stopping import RULES
from flows.timeline import timeline_row
from flows.verdicts import CHUNK, Both
from flows.waves import Waves
from policy.engine import Request, Sampling, requests_for

ANSWER_MARKER = "A: "
GUESS_TOKENS = 48  # room for an answer, and for little before it
SHARD = 64  # problems to a shard: some hundreds of samples, seconds of work
TOGETHER = 512  # samples, and at least a shard, that an engine of our own draws as one unit: fewer leave it half empty


class ShardJob:
    """A unit of work: some problems of a stage, whose samples are being drawn."""

    def __init__(
        self, run: Run, number: int, what: str, place: int, problems: Sequence[Problem], meter: Meter
    ) -> None:
        self._run, self._meter = run, meter
        self._number, self._what, self._place = number, what, place
        self._problems = problems
        self._by_key = {problem.key: problem for problem in problems}
        self._drawn: list[Sample] = []
        self._verdicts: list[Callable[[], list[Both]]] = []
        self.unit = unit_name(number, what, place)
        self.most = len(problems) * draws(run, what)  # samples, if no rule stops earlier
        self.engine_unit = place // _shards_together(run, what)

    def __str__(self) -> str:
        return f"round {self._number}: {self._what} shard {self._place}"

    def requests(self) -> Sequence[Request]:
        settings = self._run.config
        first = settings.curriculum.draws if self._what == "guess" else 0  # no draw goes by another's number
        each, seed = draws(self._run, self._what), (settings.seed, self._what)
        return requests_for(self._problems, each, *seed, first=first, unit=self.engine_unit)

    def arrived(self, sample: Sample) -> None:
        """Have it judged once there are CHUNK of them, however long the shard still takes."""
        self._meter.advance(1, sample.tokens)
        if self._what == "guess":
            sample = replace(sample, text=_guess(sample.text))
        self._drawn.append(sample)
        if len(self._drawn) % CHUNK == 0:
            self._judge(self._drawn[-CHUNK:])

    def judge_and_commit(self, stream: SampleStream, place: int) -> None:
        """Once all samples of that place in the stream have come, commit them with their verdicts."""
        deque(stream.unit(place), maxlen=0)
        drawn, by_key = self._drawn, self._by_key
        self._judge(drawn[len(drawn) // CHUNK * CHUNK :])
        said = [both for wait in self._verdicts for both in wait()]
        self._meter.advance(self.most - len(drawn))  # what a rule spared
        rows = [
            outcome_row(by_key[sample.problem_key], sample, self._number, self._what, answer, checked)
            for sample, (answer, checked) in zip(drawn, said, strict=True)
        ]
        tokens = sum(sample.tokens for sample in drawn)
        seconds, engine_seconds = stream.lap()
        tables = {
            "samples": [sample_row(sample, self._number, self._what) for sample in drawn],
            "verdicts": [asdict(verdict) for both in said for verdict in both],
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
        self._drawn, self._verdicts = [], []  # the jobs of a stage live as long as the stage

    def _judge(self, samples: Sequence[Sample]) -> None:
        pairs = [(self._by_key[sample.problem_key], sample) for sample in samples]
        self._verdicts.append(self._run.judge(pairs))


def sample_and_judge(
    run: Run,
    number: int,
    what: str,
    problems: Sequence[Problem],
    policy: Policy,
    meter: Meter,
    do: Callable[[ShardJob, SampleStream, int], None] = ShardJob.judge_and_commit,
) -> None:
    """Draw, judge and commit a stage, shard by shard; what is committed is left as it is.

    Of shards that are drawn together and were committed in part, all are drawn again, since who shares a batch
    decides how it rounds.
    """
    parts = [problems[start : start + SHARD] for start in range(0, len(problems), SHARD)]
    jobs = [ShardJob(run, number, what, place, part, meter) for place, part in enumerate(parts)]
    left = {job for job in jobs if not run.store.has(job.unit)}
    meter.advance(sum(job.most for job in jobs) - sum(job.most for job in left))
    if not left:
        return
    started = time.monotonic()  # making an engine, or giving it other weights, is part of it
    rule = RULES[run.config.curriculum.stopping if what == "sample" else "none"]
    wanted = {job.engine_unit for job in left}
    drawn = [job for job in jobs if job.engine_unit in wanted]
    units = [Waves(job.requests(), rule) for job in drawn]
    engine, engines = run.engine(policy), run.config.policy.engines

    def arrived(place: int, sample: Sample) -> None:
        if drawn[place] in left:
            drawn[place].arrived(sample)

    with SampleStream(engine, _sampling(run, what), units, started, engines, arrived) as stream:
        for place, job in enumerate(drawn):
            if job in left:
                do(job, stream, place)
            else:
                deque(stream.unit(place), maxlen=0)


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


def _shards_together(run: Run, what: str) -> int:
    """Several engines want small units to share; vLLM and servers mix all that they are asked for anyway."""
    settings = run.config.policy
    if settings.engine != "transformers" or settings.engines > 1:
        return 1
    return -(-TOGETHER // (SHARD * draws(run, what)))


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
