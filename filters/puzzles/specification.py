"""A puzzle as the answer of its problem: a JSON object that the problem's author wrote."""

import json
from typing import Any

from curriculum.records import Problem
from filters.verdicts import shown

MAX_SPECIFICATION = 200_000  # characters


def specification(problem: Problem, fields: set[str]) -> dict[str, Any]:
    """The JSON object in a problem's answer. ValueError for anything else, and for a field that is unknown."""
    rule = f"the answer of problem {problem.key} must be a JSON object of {', '.join(sorted(fields))}"
    if len(problem.answer) > MAX_SPECIFICATION:
        raise ValueError(f"{rule}, of at most {MAX_SPECIFICATION:,} characters, not {len(problem.answer):,}")
    try:
        found = json.loads(problem.answer, object_pairs_hook=_without_repeats)
    except (ValueError, RecursionError) as error:
        raise ValueError(f"{rule}: {error}, in {shown(problem.answer)!r}") from error
    if not isinstance(found, dict) or not found.keys() <= fields:
        raise ValueError(f"{rule}, not {shown(problem.answer)!r}")
    return found


def _without_repeats(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) < len(pairs):
        raise ValueError("names a field twice")
    return found
