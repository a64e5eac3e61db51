"""Judges turn (problem, sample) into a verdict; `Problem.check` names the one that can.

To add one: write `<kind>.py` with JUDGE (its name and version) and `judge`, list it here, and add rows
to `tests/golden/answers.jsonl`, more rejections than acceptances. Whoever changes what a judge says
raises its version.
"""

from collections.abc import Callable

from curriculum.records import Problem, Sample, Verdict
from filters import integer, number, steps, text

Judge = Callable[[Problem, Sample], Verdict]

JUDGES: dict[str, Judge] = {
    "integer": integer.judge,
    "number": number.judge,
    "text": text.judge,
}

check_steps: Judge = steps.judge


def judge_named(check: str) -> Judge:
    """The judge of that kind of answer; ValueError that lists the kinds there are."""
    if check not in JUDGES:
        raise ValueError(f"checks are {', '.join(JUDGES)}; not {check!r}")
    return JUDGES[check]
