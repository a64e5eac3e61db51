"""What moved: the last promoted policy against the base, on the cells that were the base's frontier.

The frontier is every cell whose held-out pass rate under the base lay strictly between 0.05 and 0.95;
a cell at 0.95 or above was mastered, and is forgotten when its whole interval now lies under 0.95.
"""

from dataclasses import dataclass

import duckdb
import numpy as np

from warehouse.report.facts import Cell, Decision, Rate, base_policy, decisions, pairs, rates, tokens
from warehouse.report.intervals import Gain, paired_bootstrap, wilson

FRONTIER = (0.05, 0.95)


@dataclass(frozen=True, slots=True)
class Headline:
    """Everything the first screen says. `gain` is None until two policies share a frontier problem."""

    base: str
    now: str
    decisions: list[Decision]
    base_rates: dict[Cell, Rate]
    now_rates: dict[Cell, Rate]
    frontier: list[Cell]
    gain: Gain | None
    before: float
    after: float
    problems: int
    mastered: int
    forgotten: list[Cell]
    sampled_tokens: int
    trained_tokens: int

    @property
    def promoted(self) -> int:
        return sum(d.promoted for d in self.decisions)

    @property
    def moved(self) -> bool:
        """Some candidate has been promoted, so there is a 'now' beside the base."""
        return self.now != self.base


def is_frontier(rate: Rate) -> bool:
    return FRONTIER[0] < rate.share < FRONTIER[1]


def incumbents(base: str, made: list[Decision]) -> list[tuple[int, str]]:
    """(round, the policy that stood after it), from the base at round 0."""
    standing = [(0, base)]
    for decision in made:
        standing.append((decision.round, decision.candidate if decision.promoted else standing[-1][1]))
    return standing


def headline(con: duckdb.DuckDBPyConnection) -> Headline | None:
    """The headline, or None where no base policy has been evaluated."""
    base = base_policy(con)
    base_rates = rates(con, base) if base else {}
    if not base or not base_rates:
        return None
    made = decisions(con)
    now = incumbents(base, made)[-1][1]
    now_rates = rates(con, now)
    frontier = [cell for cell, rate in base_rates.items() if is_frontier(rate)]
    shared = pairs(con, base, now)
    chosen = np.array([cell in set(frontier) for cell in shared.cells], dtype=bool)
    before, after = shared.before[chosen], shared.after[chosen]
    mastered = [cell for cell, rate in base_rates.items() if rate.share >= FRONTIER[1]]
    sampled, trained = tokens(con)
    return Headline(
        base=base,
        now=now,
        decisions=made,
        base_rates=base_rates,
        now_rates=now_rates,
        frontier=frontier,
        gain=paired_bootstrap(before, after) if len(before) and now != base else None,
        before=float(before.mean()) if len(before) else 0.0,
        after=float(after.mean()) if len(after) else 0.0,
        problems=len(before),
        mastered=len(mastered),
        forgotten=[cell for cell in mastered if _forgotten(now_rates.get(cell))],
        sampled_tokens=sampled,
        trained_tokens=trained,
    )


def _forgotten(now: Rate | None) -> bool:
    """Clearly under mastery, by the 95 % Wilson interval: the rule that a promotion keeps."""
    return now is not None and wilson(now.correct, now.judged)[1] < FRONTIER[1]


def sentence(found: Headline) -> str:
    """The finding in one line of plain text."""
    if not found.problems:
        return "The base has no frontier: no cell lies between 5% and 95% held-out accuracy."
    where = f"on {len(found.frontier)} frontier cells ({found.problems:,} held-out problems)"
    if found.gain is None:
        played = f"{found.promoted} of {len(found.decisions)} candidates promoted"
        state = played if found.decisions else "no round decided yet"
        return f"The base stands at {found.before:.1%} {where}; {state}."
    verb = "rose" if found.gain.low > 0 else "fell" if found.gain.high < 0 else "did not clearly move"
    return f"Accuracy {where} {verb}: {found.before:.1%} → {found.after:.1%}, {points(found.gain)}."


def points(gain: Gain) -> str:
    """+13.2 points (95% interval +11.0 to +15.4)"""
    return f"{100 * gain.mean:+.1f} points (95% interval {100 * gain.low:+.1f} to {100 * gain.high:+.1f})"
