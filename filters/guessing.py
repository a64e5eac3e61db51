"""Guess detection: a problem whose answer falls to a few tries without reasoning teaches guessing.

A policy is asked for the answer alone, some 8 times (Kimi k1.5, 2025, removes what falls within 8 such tries).
One right try marks the problem easy to hack: true-or-false questions, short multiple choice, small answers, and
questions that give their answer away. Drawing the tries is a flow's work; here is what it counts.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

from filters.intervals import Share, wilson

TRIES = 8


@dataclass(frozen=True, slots=True)
class GuessRecord:
    """How one problem fared against one policy's tries without reasoning; unjudged tries are no tries.

    Grain: one row per (problem_key, policy). ValueError unless 0 <= rights <= tries and tries >= 1.
    """

    problem_key: str
    policy: str
    family: str
    level: int
    rights: int
    tries: int

    def __post_init__(self) -> None:
        easy_to_hack(self.rights, self.tries)  # raises

    @property
    def easy_to_hack(self) -> bool:
        return easy_to_hack(self.rights, self.tries)


@dataclass(frozen=True, slots=True)
class Guessability:
    """How guessable a cell's problems are. Grain: one row per (policy, family, level, tries).

    `easy` is the share of problems that fell, with its 95 % Wilson interval; `right_tries` is the share of
    single tries, which has none, because tries on one problem are not independent.
    """

    policy: str
    family: str
    level: int
    tries: int
    problems: int
    easy: Share
    right_tries: float


def easy_to_hack(rights: int, tries: int = TRIES) -> bool:
    """Whether any of the tries was right. ValueError unless 0 <= rights <= tries and tries >= 1."""
    if not (0 <= rights <= tries and tries >= 1):
        raise ValueError(f"of at least 1 try, between 0 and all are right; not {rights} of {tries}")
    return rights > 0


def by_cell(records: Iterable[GuessRecord]) -> list[Guessability]:
    """The rates of each policy, family and level, in that order.

    Problems with unequal numbers of tries are kept apart: more tries make more problems fall.
    """
    cells: defaultdict[tuple[str, str, int, int], list[int]] = defaultdict(list)
    for record in records:
        cells[record.policy, record.family, record.level, record.tries].append(record.rights)
    return [_guessability(*cell, rights) for cell, rights in sorted(cells.items())]


def _guessability(policy: str, family: str, level: int, tries: int, rights: list[int]) -> Guessability:
    problems = len(rights)
    fallen = sum(easy_to_hack(right, tries) for right in rights)
    return Guessability(
        policy,
        family,
        level,
        tries,
        problems,
        wilson(fallen / problems, problems),
        sum(rights) / (problems * tries),
    )
