"""Lines of `edgework judge`: `{"check","answer","text"}` in, `{"outcome","reason","judge"}` out.

Any process may judge them: it imports the judges and little else.
"""

import json
from collections.abc import Sequence
from functools import lru_cache
from typing import NamedTuple

from curriculum.records import Problem, Sample, Verdict
from filters import VERSIONS, judge_named, judge_quickly
from flows.judging_workers import Judging
from generators.row_files import parse_object
from generators.row_values import answer, found, text

Line = bytes | None  # None stands for one too long to hold


class Judged(NamedTuple):
    """What came of some lines: for each what to write, or None where only the full judge can say.

    `complaints` says of the broken ones, by their index, what is wrong with them.
    """

    lines: list[str | None]
    complaints: dict[int, str]


@lru_cache(maxsize=4096)  # one object for all that say the same: it is pickled once
def written(outcome: str, reason: str, judge: str) -> str:
    return json.dumps({"outcome": outcome, "reason": reason, "judge": judge}) + "\n"


BROKEN = written("not_judged", "broken_line", "")


def judge_lines(lines: Sequence[Line]) -> Judged:
    """Judge what can be judged here and now. A judge's failure is the verdict `not_judged` of its line."""
    outputs: list[str | None] = []
    complaints: dict[int, str] = {}
    for index, line in enumerate(lines):
        try:
            outputs.append(_judge_here(line))
        except ValueError as error:
            outputs.append(BROKEN)
            complaints[index] = str(error)
    return Judged(outputs, complaints)


def judge_fully(line: Line) -> str:
    """What to write for a line that `judge_lines` left open; this may wait for other processes."""
    problem, sample = _read(line)
    try:
        return _written(judge_named(problem.check)(problem, sample))
    except Exception:  # whatever it is, it is a fault of ours and not of the text
        return failed(line)


def failed(line: Line) -> str:
    """What to write for a line over which its judge failed."""
    problem, _ = _read(line)
    return written("not_judged", "judge_failed", VERSIONS[problem.check])


def _deadly(line: Line) -> Judged:
    try:
        return Judged([failed(line)], {})
    except ValueError as error:
        return Judged([BROKEN], {0: str(error)})


def _together(parts: list[Judged]) -> Judged:
    complaints = {index: part.complaints[0] for index, part in enumerate(parts) if part.complaints}
    return Judged([part.lines[0] for part in parts], complaints)


LINES: Judging[Line, Judged] = Judging(judge_lines, _deadly, _together)


def _judge_here(line: Line) -> str | None:
    problem, sample = _read(line)
    try:
        verdict = judge_quickly(problem, sample)
    except ValueError:
        rule = f"answer is what the judge {problem.check!r} can read"
        raise ValueError(f"{rule}; found {found(problem.answer)}") from None
    except Exception:
        return failed(line)
    return None if verdict is None else _written(verdict)


def _read(line: Line) -> tuple[Problem, Sample]:
    values = parse_object(line)
    question = text(values, "question") if "question" in values else ""
    problem = Problem("", 1, question, answer(values), text(values, "check"))
    judge_named(problem.check)
    solution = values.get("text")
    if not isinstance(solution, str):
        raise ValueError(f"text is a text; found {found(solution)}")
    return problem, Sample("", "", 0, 0.0, solution, 0, "recorded")


def _written(verdict: Verdict) -> str:
    return written(verdict.outcome, verdict.reason, verdict.judge)
