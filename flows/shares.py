"""Who draws which shard: the next one goes to the worker that has the fewest tokens left to draw."""

from collections import Counter, deque
from collections.abc import Sequence
from dataclasses import dataclass, field

from curriculum.standings import Cell
from flows.settings import Config
from flows.shard_samples import Work, draws
from flows.stopping import RULES
from flows.waves import WAVE

SHARDS_AHEAD = 2  # of a worker: one to draw, one to go on with


@dataclass(slots=True)
class Given:
    """A shard that a worker has, the samples and tokens that are there of it, and the tokens that are expected."""

    work: Work
    expected: float
    samples: int = 0
    tokens: int = 0


@dataclass(slots=True, eq=False, kw_only=True)
class Share:
    """The shards that a worker draws, by their place; `to_ask` are those of them that it has not yet been told of."""

    has: dict[int, Given] = field(default_factory=dict)
    to_ask: list[Work] = field(default_factory=list)

    def outstanding(self) -> float:
        """The tokens that are still expected; a shard that has more than were expected takes none off the others."""
        return sum(max(0.0, given.expected - given.tokens) for given in self.has.values())


class Shares:
    """Gives out shards by how long the samples of each cell have been so far."""

    def __init__(self, config: Config) -> None:
        self._config = config
        self._samples: Counter[Cell] = Counter()
        self._tokens: Counter[Cell] = Counter()

    def drawn(self, cell: Cell, samples: int, tokens: int) -> None:
        self._samples[cell] += samples
        self._tokens[cell] += tokens

    def give_out(self, waiting: deque[Work], shares: Sequence[Share]) -> None:
        """From the left, as long as somebody has room."""
        while waiting and (free := [share for share in shares if self._has_room(share, waiting[0])]):
            least = min(free, key=Share.outstanding)
            work = waiting.popleft()
            least.has[work.place] = Given(work, self._expected(work))
            least.to_ask.append(work)

    def _has_room(self, share: Share, work: Work) -> bool:
        """Two shards; an engine that mixes all that it is asked for gets as many as it takes to keep it full."""
        if len(share.has) < SHARDS_AHEAD:
            return True
        first = draws(self._config, work.what)
        if work.what == "sample" and RULES[self._config.curriculum.stopping]:
            first = min(first, WAVE)  # what comes after that, if anything, is of few problems
        left = sum(max(0, first * len(given.work.problems) - given.samples) for given in share.has.values())
        return self._config.policy.engine == "vllm" and left < 2 * self._config.vllm.concurrent

    def _expected(self, work: Work) -> float:
        """Tokens: of each sample the mean of its cell, or what it may take at most."""
        most = self._config.policy.max_new_tokens
        cells = Counter(Cell(problem.family, problem.level) for problem in work.problems)
        each = draws(self._config, work.what)
        return sum(
            each * count * (self._tokens[cell] / self._samples[cell] if self._samples[cell] else most)
            for cell, count in cells.items()
        )
