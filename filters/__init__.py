"""Judges turn (problem, sample) into a verdict; `Problem.check` names the one that can.

To add one: write `<kind>.py` with JUDGE (its name and version) and `judge`, list it here, and add rows
to `tests/golden/`, more rejections than acceptances. Whoever changes what a judge says raises its version.

The judges of answers:

    integer, number, text    one file each, all by `verdicts.compare`
    choice        one file
    math          mathematics: `math_reading` reads, `expressions` compares, `symbolic` where that cannot
    program       Python against tests: `programs` is what it is made of, `sandbox` where it runs
    puzzles       sudoku, countdown, graph colouring, knights and knaves, and what they share

The judge of the way to them:

    steps         every arithmetic claim recomputed: `chains` is what it is made of

Of several samples:

    voting        classes of equal answers, consensus, when to stop, maj@k and pass@k

What they share:

    extraction    where a text says its final answer is: `markers` and `boxes` find what marks it, `denials` what
                  takes it back, `surroundings` whether a box is but a part of a formula
    verdicts      find, read, compare with the key
    numerals      how people write one number
    unit_words    which words behind a number are its unit; `units` has their spellings
    grammar       the bounds of all parsers, and their two ways to refuse
    matching      members of collections, paired off
    truth_tables  boolean expressions
    intervals     how sure a share is
    workers       processes that can be killed
"""

from collections.abc import Callable

from curriculum.records import Problem, Sample, Verdict
from filters import choice, integer, math, number, program, steps, text
from filters.puzzles import countdown, graph_coloring, knights_and_knaves, sudoku

Judge = Callable[[Problem, Sample], Verdict]

_MODULES = {
    "integer": integer,
    "number": number,
    "math": math,
    "text": text,
    "choice": choice,
    "program": program,
    "sudoku": sudoku,
    "countdown": countdown,
    "graph_coloring": graph_coloring,
    "knights_and_knaves": knights_and_knaves,
}

JUDGES: dict[str, Judge] = {check: module.judge for check, module in _MODULES.items()}
VERSIONS: dict[str, str] = {check: module.JUDGE for check, module in _MODULES.items()} | {
    "steps": steps.JUDGE
}

check_steps: Judge = steps.judge


def judge_named(check: str) -> Judge:
    """The judge of that kind of answer; ValueError that lists the kinds there are."""
    if check not in JUDGES:
        raise ValueError(f"checks are {', '.join(JUDGES)}; not {check!r}")
    return JUDGES[check]


def judge_quickly(problem: Problem, sample: Sample) -> Verdict | None:
    """The verdict if this process can give it in microseconds, None if only the full judge can.

    That one may wait for worker processes or a sandbox. Raises ValueError as the judges do.
    """
    if problem.check == "math":
        return math.judge_quickly(problem, sample)
    return None if problem.check == "program" else judge_named(problem.check)(problem, sample)
