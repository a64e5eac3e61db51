"""The judges and the generators meet: references are right in answer and steps, perturbed ones are not."""

import re

import pytest

from curriculum.records import Problem, Sample, Verdict
from filters import JUDGES, check_steps
from generators import FAMILIES

STEPLESS = {"sort_string", "reverse_string"}  # their worked solutions are letters, with nothing to recompute

CASES = [(name, level, seed) for name in FAMILIES for level in (1, 6, 12) for seed in range(5)]


def judge(problem: Problem, text: str) -> Verdict:
    return JUDGES[problem.check](problem, Sample(problem.key, "reference", 0, 0.0, text, 0, "stop"))


def steps(problem: Problem, text: str) -> Verdict:
    return check_steps(problem, Sample(problem.key, "reference", 0, 0.0, text, 0, "stop"))


@pytest.mark.parametrize(("name", "level", "seed"), CASES)
def test_a_reference_is_right_in_answer_and_steps(name: str, level: int, seed: int) -> None:
    problem = FAMILIES[name].generate(level, seed)
    text = FAMILIES[name].reference(problem)
    assert judge(problem, text).outcome == "right"
    assert steps(problem, text).outcome == ("no_answer" if name in STEPLESS else "right")


@pytest.mark.parametrize(("name", "level", "seed"), CASES)
def test_the_question_is_not_its_own_answer(name: str, level: int, seed: int) -> None:
    problem = FAMILIES[name].generate(level, seed)
    assert judge(problem, problem.question).outcome == "no_answer"
    assert judge(problem, f"A: {problem.question}").outcome != "right"
    assert steps(problem, problem.question).outcome == "no_answer"


@pytest.mark.parametrize(("name", "level", "seed"), [case for case in CASES if case[0] not in STEPLESS])
def test_any_changed_result_breaks_the_steps(name: str, level: int, seed: int) -> None:
    problem = FAMILIES[name].generate(level, seed)
    text = FAMILIES[name].reference(problem)
    for result in re.finditer(r"=(\d+|!?[a-dTF])(?=\n|$)", text):
        changed = str(int(result[1]) + 1) if result[1].isdigit() else f"!{result[1]}"
        broken = text[: result.start(1)] + changed + text[result.end(1) :]
        verdict = steps(problem, broken)
        assert (verdict.outcome, verdict.reason) == ("wrong", "false_step")
        assert judge(problem, broken).outcome == "right"  # right for the wrong reason: what the check is for
