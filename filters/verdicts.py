"""The part that all answer judges share: find the answer, read it, compare it with the key."""

from collections.abc import Callable
from typing import TypeVar

from curriculum.records import Problem, Sample, Verdict
from filters.extraction import final_answer

SHOWN = 100  # characters of a model's text that a verdict keeps

Value = TypeVar("Value")


def compare(
    problem: Problem, sample: Sample, judge: str, kind: str, read: Callable[[str], Value | None]
) -> Verdict:
    """Right if `read` makes equal values of the sample's final answer and of the problem's.

    `read` returns None for what is not a `kind`. Unreadable text is `no_answer`; an unreadable answer key is
    our mistake and raises ValueError, before the text is looked at.
    """
    truth = read(problem.answer)
    if truth is None:
        raise ValueError(f"the answer of problem {problem.key} must be {kind}, not {shown(problem.answer)!r}")
    found = final_answer(sample.text, sample.finish)
    if found.answer is None:
        return Verdict(sample.key, judge, "no_answer", found.reason, found_in=found.found_in)
    value = read(found.answer)
    if value is None:
        return Verdict(sample.key, judge, "no_answer", "unreadable", shown(found.answer), found.found_in)
    if value != truth:
        return Verdict(sample.key, judge, "wrong", "differs", shown(found.answer), found.found_in)
    return Verdict(sample.key, judge, "right", "equal", shown(found.answer), found.found_in)


def shown(text: str) -> str:
    """The beginning of a text, such that it can be stored as UTF-8: lone surrogates become `?`."""
    return text[:SHOWN].encode("utf-8", "replace").decode()
