"""Judge of countdown: any calculation that makes the target from the numbers, each used at most once, is right.

The problem's answer is `{"numbers": [3, 7, 8, 50], "target": 374}`, with `"use_all": true` where no number may
be left over. The model's answer is one line in the answer's region (see regions.py), a calculation as in
calculations.py.
"""

from collections import Counter
from dataclasses import dataclass
from functools import lru_cache

from curriculum.records import Problem, Sample, Verdict
from filters.grammar import MAX_CHARACTERS, TooLargeError, UnreadableError
from filters.puzzles.calculations import calculated
from filters.puzzles.findings import Finding, broken, satisfied, verdict_on
from filters.puzzles.regions import CLOSED, Region, Rejected
from filters.puzzles.runs import is_alternative
from filters.puzzles.specification import specification

JUDGE = "countdown/1"

MAX_NUMBERS = 20
MAX_NUMBER = 10**9

_WRAPPINGS = (("**", "**"), ("$$", "$$"), ("$", "$"), ("\\(", "\\)"), ("\\[", "\\]"), ("`", "`"))


@dataclass(frozen=True, slots=True)
class _Puzzle:
    numbers: tuple[int, ...]
    target: int
    use_all: bool


def judge(problem: Problem, sample: Sample) -> Verdict:
    """Reasons: satisfied; violated (extracted says how); unreadable, hedge. ValueError for a bad specification."""
    puzzle = _puzzle(problem)
    return verdict_on(sample, JUDGE, lambda region: _check(puzzle, region))


def _check(puzzle: _Puzzle, region: Region) -> Finding:
    answer = _only_line(region)
    try:
        calculation = calculated(answer)
    except (UnreadableError, TooLargeError) as error:
        raise Rejected("unreadable", answer) from error
    except ZeroDivisionError:
        return broken("divides by zero")
    offered, used = Counter(puzzle.numbers), Counter(calculation.used)
    for number, times in used.items():
        if times > offered[number]:
            return broken(f"uses {number} {times}x, which is there {offered[number]}x")
    left = sorted((offered - used).elements())
    if puzzle.use_all and left:
        return broken(f"leaves {left[0]} unused")
    if calculation.value != puzzle.target:
        return broken(f"makes {calculation.value}, not {puzzle.target}")
    if calculation.claimed not in (None, calculation.value):
        return broken(f"claims {calculation.claimed} for {calculation.value}")
    return satisfied(answer)


def _only_line(region: Region) -> str:
    """The region's line; where no mark closes the region, prose may follow, but no alternative."""
    lines = [line.strip() for line in region.text.splitlines() if line.strip()]
    if not lines or (region.found_in in CLOSED and len(lines) > 1):
        raise Rejected("unreadable")
    if len(lines) > 1 and is_alternative(lines[1]):
        raise Rejected("hedge")
    return _unwrapped(lines[0])


def _unwrapped(text: str) -> str:
    if len(text) > MAX_CHARACTERS:
        raise Rejected("unreadable")
    for left, right in _WRAPPINGS:
        if text.startswith(left) and text.rstrip(".").endswith(right) and len(text) > len(left + right):
            text = text.rstrip(".")[len(left) : -len(right)].strip()
    return text.removesuffix(".")


@lru_cache(maxsize=64)
def _puzzle(problem: Problem) -> _Puzzle:
    fields = specification(problem, {"numbers", "target", "use_all"})
    numbers, target, use_all = fields.get("numbers"), fields.get("target"), fields.get("use_all", False)
    if not isinstance(numbers, list) or not 1 <= len(numbers) <= MAX_NUMBERS:
        raise ValueError(f"a countdown has a list of 1 to {MAX_NUMBERS} numbers, not {numbers!r:.100}")
    for number in (*numbers, target):
        if type(number) is not int or not 0 <= number <= MAX_NUMBER:
            raise ValueError(
                f"numbers and target of a countdown are whole, from 0 to {MAX_NUMBER:,}; not {number!r:.100}"
            )
    if type(use_all) is not bool:
        raise ValueError(f"use_all of a countdown is true or false, not {use_all!r:.100}")
    assert type(target) is int  # by the loop above; for the type checker
    return _Puzzle(tuple(numbers), target, use_all)
