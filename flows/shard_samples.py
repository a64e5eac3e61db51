"""One shard of a stage: what is asked of an engine for it, and the rows that its samples make, judged as they come.

Practice (`sample`) draws several samples a problem at the config's temperature; `evaluate` draws one, greedily;
`guess` tries the answer alone.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from curriculum.records import Problem, Sample
from flows.outcomes import outcome_row
from flows.practice import sample_row
from flows.settings import Config
from flows.stopping import RULES
from flows.verdicts import CHUNK, Both, PairsJudge
from flows.waves import Waves
from policy.engine import Sampling, requests_for
from warehouse.rows import Rows, as_row

ANSWER_MARKER = "A: "
GUESS_TOKENS = 48  # room for an answer, and for little before it


@dataclass(frozen=True, slots=True)
class Work:
    """The problems of a shard, at its place in a stage; our own engine draws those of an `engine_unit` together."""

    number: int
    what: str
    place: int
    problems: Sequence[Problem]
    engine_unit: int

    @property
    def unit(self) -> str:
        return unit_name(self.number, self.what, self.place)

    def __str__(self) -> str:
        return f"round {self.number}: {self.what} shard {self.place}"


def unit_name(number: int, what: str, place: int) -> str:
    return f"r{number:04}/{what}/{place:04}"


def draws(config: Config, what: str) -> int:
    """Samples a problem, if no rule stops earlier."""
    if what == "evaluate":
        return 1
    return config.judging.guess_tries if what == "guess" else config.curriculum.draws


def sampling(config: Config, what: str) -> Sampling:
    settings = config.policy
    asked = Sampling(
        temperature=0.0 if what == "evaluate" else settings.temperature,
        top_p=settings.top_p,
        max_new_tokens=settings.max_new_tokens,
        instruction=settings.instruction,
        logprobs=settings.logprobs,
    )
    if what == "guess":
        tokens = min(GUESS_TOKENS, settings.max_new_tokens)
        return replace(asked, max_new_tokens=tokens, opening=ANSWER_MARKER)
    return asked


def waves(config: Config, work: Work) -> Waves:
    """The requests of a shard, as far as the stopping rule wants them."""
    first = config.curriculum.draws if work.what == "guess" else 0  # no draw goes by another's number
    each, seed = draws(config, work.what), (config.seed, work.what)
    requests = requests_for(work.problems, each, *seed, first=first, unit=work.engine_unit)
    return Waves(requests, RULES[config.curriculum.stopping if work.what == "sample" else "none"])


class ShardSamples:
    """The samples of a shard as they come, and what judges say of them."""

    def __init__(self, work: Work, judge: PairsJudge) -> None:
        self._work, self._ask = work, judge
        self._by_key = {problem.key: problem for problem in work.problems}
        self._drawn: list[Sample] = []
        self._verdicts: list[Callable[[], list[Both]]] = []

    @property
    def count(self) -> int:
        return len(self._drawn)

    @property
    def tokens(self) -> int:
        return sum(sample.tokens for sample in self._drawn)

    def add(self, sample: Sample) -> None:
        """Have it judged once there are CHUNK of them, however long the shard still takes."""
        if self._work.what == "guess":
            sample = replace(sample, text=_guess(sample.text))
        self._drawn.append(sample)
        if len(self._drawn) % CHUNK == 0:
            self._judge(self._drawn[-CHUNK:])

    def tables(self) -> dict[str, Rows]:
        """The rows of all samples, which have come; waits for the judges."""
        drawn, number, what = self._drawn, self._work.number, self._work.what
        self._judge(drawn[len(drawn) // CHUNK * CHUNK :])
        said = [both for wait in self._verdicts for both in wait()]
        rows = [
            outcome_row(self._by_key[sample.problem_key], sample, number, what, answer, checked)
            for sample, (answer, checked) in zip(drawn, said, strict=True)
        ]
        logprobs = [
            {"sample_key": sample.key, "logprob": sample.logprob}
            for sample in drawn
            if sample.logprob is not None
        ]
        return {
            "samples": [sample_row(sample, number, what) for sample in drawn],
            "verdicts": [as_row(verdict) for both in said for verdict in both],
            "outcome_revisions": rows,
            "logprobs": logprobs,
        }

    def _judge(self, samples: Sequence[Sample]) -> None:
        self._verdicts.append(self._ask([(self._by_key[sample.problem_key], sample) for sample in samples]))


def _guess(text: str) -> str:
    """What a policy writes below its guess is the reasoning that it was not to do, and may lead to another answer."""
    before, marker, behind = text.partition(ANSWER_MARKER)
    return before + marker + behind.partition("\n")[0]
