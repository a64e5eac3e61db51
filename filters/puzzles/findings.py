"""What a puzzle judge finds in the region of the answer, and the verdict that it makes."""

from collections.abc import Callable
from dataclasses import dataclass

from curriculum.records import Outcome, Sample, Verdict
from filters.puzzles.regions import Region, Rejected, always, answer_region
from filters.verdicts import shown


@dataclass(frozen=True, slots=True)
class Finding:
    """What a judge says of a region: right, or wrong with the first constraint that is broken."""

    outcome: Outcome
    reason: str
    said: str


def satisfied(solution: str) -> Finding:
    """The solution, as it was read, keeps every constraint."""
    return Finding("right", "satisfied", solution)


def broken(constraint: str, reason: str = "violated") -> Finding:
    """The first constraint that the solution breaks, in words."""
    return Finding("wrong", reason, constraint)


def verdict_on(
    sample: Sample,
    judge: str,
    find: Callable[[Region], Finding],
    is_answer: Callable[[str], bool] = always,
) -> Verdict:
    """The verdict of `find` on the region of the sample's answer; `find` may raise Rejected."""
    where, said = "", ""
    try:
        region = answer_region(sample.text, sample.finish, is_answer)
        where, said = region.found_in, region.text.strip()
        finding = find(region)
    except Rejected as rejected:
        finding = Finding(rejected.outcome, rejected.reason, rejected.said or said)
    return Verdict(sample.key, judge, finding.outcome, finding.reason, shown(finding.said), where)
