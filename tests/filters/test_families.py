"""The steps check meets the generators (tests/generators/test_laws.py holds the laws of the answer judges)."""

import re

import pytest

from curriculum.records import Problem, Sample, Verdict
from filters import JUDGES, check_steps
from generators import FAMILIES

STEPWISE = [name for name, family in FAMILIES.items() if family.shows_steps]
CASES = [(name, level, seed) for name in STEPWISE for level in (1, 6, 12) for seed in range(5)]


def judge(problem: Problem, text: str) -> Verdict:
    return JUDGES[problem.check](problem, Sample(problem.key, "reference", 0, 0.0, text, 0, "stop"))


def steps(problem: Problem, text: str) -> Verdict:
    return check_steps(problem, Sample(problem.key, "reference", 0, 0.0, text, 0, "stop"))


@pytest.mark.parametrize(("name", "level", "seed"), CASES)
def test_any_changed_result_breaks_the_steps(name: str, level: int, seed: int) -> None:
    problem = FAMILIES[name].generate(level, seed)
    text = FAMILIES[name].reference(problem)
    for result in re.finditer(r"=(\d+|!?[a-dTF])(?=\n|$)", text):
        changed = str(int(result[1]) + 1) if result[1].isdigit() else f"!{result[1]}"
        broken = text[: result.start(1)] + changed + text[result.end(1) :]
        verdict = steps(problem, broken)
        assert (verdict.outcome, verdict.reason) == ("wrong", "false_step")
        assert judge(problem, broken).outcome == "right"  # right for the wrong reason: what the check is for
