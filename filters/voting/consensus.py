"""What several samples of one problem agree on, and how sure that is.

The winner has the most weight; ties go to more votes, then to the class that was seen first, as maj@k is
usually counted. So samples are passed in the order of their draws, not in that of their arrival.
"""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from math import fsum

from filters.intervals import Share, wilson

MAX_SCORE = 1e100


@dataclass(frozen=True, slots=True)
class Vote:
    """One class of answers: how many samples gave it, and the sum of their scores."""

    answer: str
    votes: int
    weight: float


@dataclass(frozen=True, slots=True)
class Consensus:
    """The classes, the strongest first. Shares are the winner's part of the weight: of the samples with an
    answer, and of all. Without any weight there is no winner, and no share."""

    votes: tuple[Vote, ...]
    answered: int
    asked: int
    of_answered: Share | None
    of_all: Share | None

    @property
    def winner(self) -> str | None:
        return self.votes[0].answer if self.of_answered else None

    @property
    def classes(self) -> int:
        return len(self.votes)


def tally(classes: Iterable[str | None], scores: Iterable[float] | None = None) -> Consensus:
    """Count the votes, each of weight one or of its sample's score; None is a sample without an answer.

    Intervals are Wilson's, 95 %. Scores weigh unequally, so there the number of trials is the effective sample
    size (sum w)^2 / sum w^2 (Kish 1965, Survey Sampling). Sums are rounded once, so that order changes nothing.
    ValueError for scores that are not numbers from 0 to 1e100, or not as many as there are samples.
    """
    if scores is None:
        return _plain_tally(Counter(classes))
    weights: defaultdict[str, list[float]] = defaultdict(list)
    silent: list[float] = []
    for name, score in zip(classes, scores, strict=True):
        if not 0 <= score <= MAX_SCORE:
            raise ValueError(f"a score is a number from 0 to {MAX_SCORE:g}, not {score}")
        (silent if name is None else weights[name]).append(score)
    votes = _ranked(Vote(name, len(own), fsum(own)) for name, own in weights.items())
    spoken = [score for own in weights.values() for score in own]
    return Consensus(
        votes,
        len(spoken),
        len(spoken) + len(silent),
        _weighted_share(votes, spoken),
        _weighted_share(votes, spoken + silent),
    )


def _plain_tally(counts: Counter[str | None]) -> Consensus:
    asked = counts.total()
    silent = counts.pop(None, 0)
    votes = _ranked(Vote(name, count, float(count)) for name, count in counts.items() if name is not None)
    answered = asked - silent
    if not answered:
        return Consensus(votes, 0, asked, None, None)
    best = votes[0].votes
    return Consensus(votes, answered, asked, wilson(best / answered, answered), wilson(best / asked, asked))


def _ranked(votes: Iterable[Vote]) -> tuple[Vote, ...]:
    return tuple(sorted(votes, key=lambda vote: (-vote.weight, -vote.votes)))


def _weighted_share(votes: tuple[Vote, ...], scores: list[float]) -> Share | None:
    if not votes or votes[0].weight == 0:
        return None
    top = max(scores)
    parts = [score / top for score in scores]  # so that no square vanishes or overflows
    trials = fsum(parts) ** 2 / fsum(part * part for part in parts)
    return wilson(min(1.0, votes[0].weight / fsum(scores)), trials)
