"""Judge of knights and knaves: any assignment under which exactly the knights tell the truth is right.

The problem's answer is `{"people": ["Zoey", "Liam"], "says": {"Zoey": "!Liam", "Liam": "Zoey & Liam"}}`, where a
name stands for "is a knight" and the statements follow formulas.py. Who says nothing is free.

The model's answer names each person exactly once in the answer's region (see regions.py and assignments.py):
`Zoey is a knight, and Liam is a knave`, also with `:` or as JSON. Names keep their case. Where a person is called
A, a line `A: B is a knave` is what A says, and marks no answer.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from curriculum.records import Problem, Sample, Verdict
from filters.puzzles.assignments import Form, assignments, form, unmarked
from filters.puzzles.findings import Finding, broken, satisfied, verdict_on
from filters.puzzles.formulas import table
from filters.puzzles.regions import Region
from filters.puzzles.specification import specification
from filters.truth_tables import everywhere, tables

JUDGE = "knights_and_knaves/1"

MAX_PEOPLE = 20

_NAME = re.compile(r"[^\W\d]\w{0,39}")
_KIND = r"(?:(?i:an?|the)[ \t]+)?(?i:knight|knave)"


@dataclass(frozen=True, slots=True)
class _Puzzle:
    people: tuple[str, ...]
    says: dict[str, str]
    truths: dict[str, int]  # of each statement, as a truth table over the people
    entries: Form

    def is_answer(self, rest: str) -> bool:
        """Whether a line `A:` marks an answer: what a person A says is none."""
        return "A" not in self.people or not unmarked(rest).strip()


def judge(problem: Problem, sample: Sample) -> Verdict:
    """Reasons: satisfied; violated, contradictory (extracted says how); incomplete, repeated, unreadable, hedge.

    Raises ValueError for a specification that is none, or that no assignment satisfies.
    """
    puzzle = _puzzle(problem)
    return verdict_on(sample, JUDGE, lambda region: _check(puzzle, region), puzzle.is_answer)


def _check(puzzle: _Puzzle, region: Region) -> Finding:
    kinds = assignments(region.text, puzzle.people, puzzle.entries, _kind)
    row = sum((kinds[person] == "knight") << place for place, person in enumerate(puzzle.people))
    for speaker, truth in puzzle.truths.items():
        if bool(truth >> row & 1) != (kinds[speaker] == "knight"):
            return broken(f"{speaker}, a {kinds[speaker]}, says {puzzle.says[speaker]}")
    return satisfied(", ".join(f"{person}: {kind}" for person, kind in kinds.items()))


def _kind(said: str) -> str:
    return said.split()[-1].lower()


@lru_cache(maxsize=16)  # 20 tables of 2^20 bits are 2.5 MB
def _puzzle(problem: Problem) -> _Puzzle:
    fields = specification(problem, {"people", "says"})
    people, says = fields.get("people"), fields.get("says")
    if not isinstance(people, list) or not 1 <= len(people) <= MAX_PEOPLE or not all(map(_is_name, people)):
        raise ValueError(f"people are a list of 1 to {MAX_PEOPLE} names of one word, not {people!r:.100}")
    if len(set(people)) < len(people):
        raise ValueError(f"people have different names, not {people!r:.100}")
    if not isinstance(says, dict) or not says.keys() <= set(people):
        raise ValueError(f"says maps people to statements, not {says!r:.100}")
    names = tables(tuple(people))
    truths = {speaker: _truth(statement, names) for speaker, statement in says.items()}
    consistent = everywhere(people)
    for speaker, truth in truths.items():
        consistent &= everywhere(people) ^ truth ^ names[speaker]
    if not consistent:
        raise ValueError(
            f"some assignment makes every statement fit its speaker, but none does in {says!r:.100}"
        )
    return _Puzzle(tuple(people), says, truths, form(tuple(people), _KIND, "person"))


def _truth(statement: object, names: dict[str, int]) -> int:
    if not isinstance(statement, str):
        raise ValueError(f"a statement is a formula, not {statement!r:.100}")
    return table(statement, names)


def _is_name(name: object) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None
