"""Is the candidate better, and has nothing been forgotten? Otherwise the incumbent stays.

Both policies answer the same held-out problems, so the test is paired: only problems that
one solves and the other does not say anything (McNemar's test, exact form). A cell once
mastered has a floor: it is forgotten when the whole interval of its rate lies under
MASTERED_AT. The interval shrinks with the number of problems, so the rule is as fair to
64 problems a cell as to 24, which a floor drawn from one lucky count would not be.
"""

from collections.abc import Iterable, Mapping, Set
from dataclasses import dataclass
from math import sqrt

from curriculum.standings import Cell

SIGNIFICANCE = 0.05
MASTERED_AT = 0.95


@dataclass(frozen=True, slots=True)
class Paired:
    """One held-out problem under both policies."""

    cell: Cell
    incumbent_right: bool
    candidate_right: bool


@dataclass(frozen=True, slots=True)
class Decision:
    """Promote or not, with the exact two-sided p-value and the problems gained and lost."""

    promoted: bool
    p_value: float
    gained: int
    lost: int
    reason: str


def decide(pairs: Iterable[Paired], mastered: Set[Cell]) -> Decision:
    """Promote a candidate that gains significantly and has forgotten no mastered cell."""
    pairs = list(pairs)
    gained = sum(pair.candidate_right and not pair.incumbent_right for pair in pairs)
    lost = sum(pair.incumbent_right and not pair.candidate_right for pair in pairs)
    p_value = mcnemar(gained, lost)
    forgotten = _forgotten(pairs, mastered)
    if forgotten:
        reason = f"mastered before, and now clearly under {MASTERED_AT:.0%}: " + ", ".join(forgotten)
    elif gained <= lost:
        reason = "no gain on the held-out problems"
    elif p_value >= SIGNIFICANCE:
        reason = f"a gain that chance explains (p >= {SIGNIFICANCE})"
    else:
        return Decision(True, p_value, gained, lost, "better on the held-out problems, nothing forgotten")
    return Decision(False, p_value, gained, lost, reason)


def mcnemar(gained: int, lost: int) -> float:
    """Exact two-sided p-value of McNemar's test (1947) from the two counts of discordant pairs."""
    n = gained + lost
    tail = ways = 1  # to lose none, one, two, ... of n
    for i in range(min(gained, lost)):
        ways = ways * (n - i) // (i + 1)
        tail += ways
    return min(1.0, 2 * tail / (1 << n))


def mastered(promoted: Iterable[Mapping[Cell, tuple[int, int]]]) -> set[Cell]:
    """The cells that some promoted policy mastered; a mapping a policy, from cell to (right, judged)."""
    return {
        cell
        for rates in promoted
        for cell, (right, judged) in rates.items()
        if judged and right >= MASTERED_AT * judged
    }


def wilson(right: int, judged: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's score interval (1927) of a rate; 95 % by default."""
    rate, spread = right / judged, z * z / judged
    middle = (rate + spread / 2) / (1 + spread)
    half = z * sqrt(rate * (1 - rate) / judged + spread / (4 * judged)) / (1 + spread)
    return max(0.0, min(rate, middle - half)), min(1.0, max(rate, middle + half))  # despite rounding


def _forgotten(pairs: list[Paired], mastered: Set[Cell]) -> list[str]:
    outcomes: dict[Cell, list[bool]] = {}
    for pair in pairs:
        outcomes.setdefault(pair.cell, []).append(pair.candidate_right)
    return [
        f"{cell.family} {cell.level} at {sum(rights)}/{len(rights)}"
        for cell, rights in sorted(outcomes.items())
        if cell in mastered and wilson(sum(rights), len(rights))[1] < MASTERED_AT
    ]
