"""Which judged samples may train, and in what mix; every one left out has a reason.

Right answers only, and only for right reasons: a false step keeps a sample out, and so does a
problem whose answer falls to a guess, or that repeats another one or a test. Of one
problem few are kept, each with a path of its own, the shortest first (RFT, Yuan et al.
2023; ReST-EM caps a problem at 10). Earlier rounds' rows stay in the mix: replacing them
lets the model drift, accumulating keeps it bounded (Gerstgrasser et al. 2024).
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Literal

from curriculum.records import Finish, Outcome, Split
from curriculum.standings import Cell

Reason = Literal[
    "admitted",
    "replayed",
    "heldout",
    "leak",
    "near_heldout",
    "exact_duplicate",
    "near_duplicate",
    "not_judged",
    "no_answer",
    "wrong",
    "truncated",
    "easy_to_hack",
    "broken_steps",
    "no_steps",
    "duplicate_path",
    "over_cap",
    "mastered_cap",
    "unpaired",  # right, but beside no wrong one of like length, where pairs train
    "dispreferred",  # the wrong one of a pair that trains
    "not_trained",
]


OverlapReason = Literal["leak", "near_heldout", "exact_duplicate", "near_duplicate"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A judged sample: what its answer judge said, what the steps check said, and where it belongs."""

    sample_key: str
    problem_key: str
    cell: Cell
    text: str
    finish: Finish
    split: Split
    outcome: Outcome
    steps: Outcome
    shows_steps: bool  # whether problems of this kind are solved in steps that can be recomputed
    easy_to_hack: bool = False  # whether the problem's answer was guessed without reasoning
    overlap: OverlapReason | None = None  # whether the problem says what another one, or a test, says


@dataclass(frozen=True, slots=True)
class Caps:
    """At most `per_problem` rows of a problem, and of a mastered cell at most `per_mastered_cell` a round."""

    per_problem: int = 4
    per_mastered_cell: int = 16
    mastered_at: float = 0.95


@dataclass(frozen=True, slots=True)
class Selection:
    """One sample's fate in one round: admitted with a weight in the loss, or not, and why."""

    sample_key: str
    admitted: bool
    reason: Reason
    weight: float


def select(candidates: Iterable[Candidate], caps: Caps) -> list[Selection]:
    """One Selection a candidate. The order in which candidates come does not matter."""
    ordered = sorted(candidates, key=lambda c: (len(c.text), c.sample_key))
    mastered = _mastered_cells(ordered, caps.mastered_at)
    paths: set[tuple[str, str]] = set()
    of_problem: Counter[str] = Counter()
    of_cell: Counter[Cell] = Counter()
    selections = []
    for candidate in ordered:
        reason = _disqualified(candidate)
        path = (candidate.problem_key, "".join(candidate.text.split()))
        if reason is None and path in paths:
            reason = "duplicate_path"
        if reason is None and of_problem[candidate.problem_key] >= caps.per_problem:
            reason = "over_cap"
        if (
            reason is None
            and candidate.cell in mastered
            and of_cell[candidate.cell] >= caps.per_mastered_cell
        ):
            reason = "mastered_cap"
        if reason is None:
            paths.add(path)
            of_problem[candidate.problem_key] += 1
            of_cell[candidate.cell] += 1
        selections.append(
            Selection(candidate.sample_key, reason is None, reason or "admitted", 0.0 if reason else 1.0)
        )
    return selections


def replay(new: int, earlier: Sequence[str], seed: int) -> list[Selection]:
    """As many rows of earlier rounds as there are new ones (all, if there are fewer), drawn by the seed."""
    drawn = Random(seed).sample(sorted(earlier), min(new, len(earlier)))
    return [Selection(sample_key, True, "replayed", 1.0) for sample_key in drawn]


def as_trained(fresh: Iterable[Selection], trained: Mapping[str, float]) -> list[Selection]:
    """The selections of a round whose candidate is there already, from the weights of the samples that trained it.

    What verdicts say since then changes nothing in that: a sample that they would admit now is `not_trained`. The wrong
    side of a pair has a weight below 0.
    """
    considered = [_as_trained(selection, trained) for selection in fresh]
    known = {selection.sample_key for selection in considered}
    replayed = [_trained(k, "replayed", weight) for k, weight in trained.items() if k not in known]
    return considered + replayed


def _as_trained(selection: Selection, trained: Mapping[str, float]) -> Selection:
    if selection.sample_key in trained:
        return _trained(selection.sample_key, "admitted", trained[selection.sample_key])
    return Selection(selection.sample_key, False, "not_trained", 0.0) if selection.admitted else selection


def _trained(sample_key: str, reason: Reason, weight: float) -> Selection:
    if weight < 0:
        return Selection(sample_key, False, "dispreferred", 0.0)
    return Selection(sample_key, True, reason, weight)


def _disqualified(candidate: Candidate) -> Reason | None:
    """The first rule that the sample breaks by itself, if any."""
    if candidate.split == "heldout":
        return "heldout"
    if candidate.overlap is not None:
        return candidate.overlap
    if candidate.finish == "length":
        return "truncated"
    if candidate.outcome != "right":
        return candidate.outcome
    if candidate.easy_to_hack:
        return "easy_to_hack"  # a right answer here says little of the reasoning above it
    if candidate.steps == "wrong":
        return "broken_steps"
    if candidate.shows_steps and candidate.steps != "right":
        return "no_steps"  # else leaving the steps out would be the way past the check
    return None


def _mastered_cells(candidates: Iterable[Candidate], mastered_at: float) -> set[Cell]:
    right: Counter[Cell] = Counter()
    judged: Counter[Cell] = Counter()
    for candidate in candidates:
        if candidate.outcome != "not_judged":
            judged[candidate.cell] += 1
            right[candidate.cell] += candidate.outcome == "right"
    return {cell for cell in judged if right[cell] >= mastered_at * judged[cell]}
