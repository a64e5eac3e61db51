"""Judge of mathematical answers: numbers, fractions, surds, polynomials, sets, intervals, matrices, equations.

Three stages. A whole number is compared as it stands. What the closed grammar of `filters.expressions` reads is
compared there, exactly or to fifty digits, in microseconds. What it does not read goes to sympy in a
worker process that is killed at its limit, and counts as right only where an independent check confirms it.
"""

import re
from dataclasses import replace

from curriculum.records import Outcome, Problem, Sample, Verdict
from filters.expressions.canonical import canonical_form
from filters.expressions.equality import compare
from filters.expressions.notation import read_answer
from filters.expressions.syntax import Braced, Listing, Node, Words
from filters.extraction import Extraction, final_answer
from filters.grammar import TooLargeError, UnreadableError
from filters.math_reading import as_prose, is_nothing_but_an_answer, key_of, read_given, read_key, restates
from filters.verdicts import shown

JUDGE = "math/2"
WALL_S = 5.0  # for one answer in a worker

_WHOLE = re.compile(r"-?[1-9][0-9]{0,17}|0", re.ASCII)
_OUTCOMES: dict[str, Outcome] = {
    "equal": "right",
    "differs": "wrong",
    "undone": "wrong",
    "unit_differs": "wrong",
    "other_kind": "wrong",
    "unconfirmed": "not_judged",
}  # for any other finding, no_answer


def judge_quickly(problem: Problem, sample: Sample) -> Verdict | None:
    """The verdict where the closed grammar can say; None where only `judge` can. ValueError for a blank key."""
    key, found = key_of(problem), final_answer(sample.text, sample.finish, lone=True)
    if found.answer is None:
        return _judge_parts(sample, read_key(problem, key), found)
    if _WHOLE.fullmatch(key) and _WHOLE.fullmatch(found.answer):
        return _verdict(sample, found, "equal" if key == found.answer else "differs")
    gold, given = read_key(problem, key), read_given(found.answer)
    if isinstance(gold, Words) and isinstance(given, str):
        given = as_prose(found.answer) or given
    if found.found_in == "whole_text" and not is_nothing_but_an_answer(found.answer, given, gold):
        return Verdict(sample.key, JUDGE, "no_answer", "no_marker")
    if restates(problem, found.answer, gold, given):
        return Verdict(sample.key, JUDGE, "wrong", "restates_question", shown(found.answer), found.found_in)
    if isinstance(given, str):
        return _verdict(sample, found, given)
    if gold is None or given is None:
        return None
    return _verdict(sample, found, compare(gold, given))


def judge(problem: Problem, sample: Sample) -> Verdict:
    """The verdict. ValueError where nothing can be made of the problem's own answer."""
    verdict = judge_quickly(problem, sample)
    return verdict if verdict is not None else _judge_symbolically(problem, sample)


def canonical(answer: str) -> str | None:
    """One text for all forms of an answer that the closed grammar reads, for voting; None for the others."""
    try:
        return canonical_form(read_answer(answer))
    except (UnreadableError, TooLargeError):
        return None


def _judge_parts(sample: Sample, gold: Node | None, found: Extraction) -> Verdict:
    """Without one answer: several boxes on a line are a list where the key is a list, and else say too much."""
    said_nothing = Verdict(sample.key, JUDGE, "no_answer", found.reason, found_in=found.found_in)
    if not found.parts or not isinstance(gold, Listing | Braced):
        return said_nothing
    parts: list[Node] = []
    for part in map(read_given, found.parts):
        if part is None or isinstance(part, str):
            return said_nothing
        parts.append(part)
    together = replace(found, answer=", ".join(found.parts))
    return _verdict(sample, together, compare(gold, Listing(tuple(parts), ",")))


def _judge_symbolically(problem: Problem, sample: Sample) -> Verdict:
    from filters import symbolic, workers  # they bring pebble, which most answers do not need

    found = final_answer(sample.text, sample.finish, lone=True)
    answer = found.answer or ""
    try:
        finding = symbolic.equal(problem.answer, answer, wall_s=WALL_S)
    except workers.WorkerFailure as failure:
        return Verdict(sample.key, JUDGE, "not_judged", failure.reason, shown(answer), found.found_in)
    return _verdict(sample, found, finding, "equal_by_sympy" if finding == "equal" else finding)


def _verdict(sample: Sample, found: Extraction, finding: str, reason: str = "") -> Verdict:
    outcome = _OUTCOMES.get(finding, "no_answer")
    return Verdict(sample.key, JUDGE, outcome, reason or finding, shown(found.answer or ""), found.found_in)
