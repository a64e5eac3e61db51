"""Pairs of a right and a wrong solution of one problem, matched in length.

A trainer on preferences learns whatever tells the chosen from the rejected, and length is the easiest: wrong
solutions tend to be longer (Singhal et al. 2023, "A Long Way to Go"). So within a problem the two whose lengths
are closest go together first, those of one policy before those of two; each sample is in one pair at most.
"""

import heapq
from collections.abc import Iterable, Iterator, Sequence
from itertools import groupby, islice, pairwise
from math import log
from operator import attrgetter
from typing import NamedTuple

MOST_PAIRS = 4  # of a problem, as many as rows of it train by default
MOST_RATIO = 1.25  # of the longer to the shorter


class Candidate(NamedTuple):
    """A sample that may stand in a pair; `length` is in characters, at least 1."""

    problem_key: str
    policy: str
    sample_key: str
    is_right: bool
    length: int


class Pair(NamedTuple):
    """`ratio` is of the longer length to the shorter."""

    ratio: float
    chosen: Candidate
    rejected: Candidate


def matched_pairs(candidates: Iterable[Candidate]) -> Iterator[Pair]:
    """The pairs of each problem, whose candidates follow each other."""
    for _, of_problem in groupby(candidates, key=attrgetter("problem_key")):
        yield from match(list(of_problem))


def match(candidates: Sequence[Candidate]) -> list[Pair]:
    """At most MOST_PAIRS pairs of one problem's candidates, the closest first; none further apart than MOST_RATIO."""
    by_policy = sorted(candidates, key=attrgetter("policy"))
    found = sorted(
        pair
        for _, of_policy in groupby(by_policy, key=attrgetter("policy"))
        for pair in islice(closest_first(list(of_policy)), MOST_PAIRS)
    )[:MOST_PAIRS]
    taken = {sample.sample_key for pair in found for sample in (pair.chosen, pair.rejected)}
    rest = [candidate for candidate in candidates if candidate.sample_key not in taken]
    return found + list(islice(closest_first(rest), MOST_PAIRS - len(found)))


def closest_first(candidates: Sequence[Candidate]) -> Iterator[Pair]:
    """Pair the right and the wrong one whose lengths are closest, then those of what is left, and so on.

    On a line the closest two of different kind are neighbours, so only neighbours are compared: n log n for
    n candidates, and some thousand imported solutions of one problem are no trouble.
    """
    line = sorted(candidates, key=lambda candidate: (candidate.length, candidate.sample_key))
    before, after = list(range(-1, len(line) - 1)), list(range(1, len(line) + 1))
    heap = [
        (_gap(line[a], line[b]), a, b) for a, b in pairwise(range(len(line))) if _differ(line[a], line[b])
    ]
    heapq.heapify(heap)
    paired: set[int] = set()
    while heap:
        gap, a, b = heapq.heappop(heap)
        if gap > log(MOST_RATIO):
            return
        if a in paired or b in paired:
            continue
        paired |= {a, b}
        yield _pair(line[a], line[b])
        left, right = before[a], after[b]
        if left >= 0:
            after[left] = right
        if right < len(line):
            before[right] = left
        if left >= 0 and right < len(line) and _differ(line[left], line[right]):
            heapq.heappush(heap, (_gap(line[left], line[right]), left, right))


def _differ(one: Candidate, other: Candidate) -> bool:
    return one.is_right is not other.is_right


def _gap(shorter: Candidate, longer: Candidate) -> float:
    return log(longer.length / shorter.length)


def _pair(shorter: Candidate, longer: Candidate) -> Pair:
    chosen, rejected = (shorter, longer) if shorter.is_right else (longer, shorter)
    return Pair(longer.length / shorter.length, chosen, rejected)
