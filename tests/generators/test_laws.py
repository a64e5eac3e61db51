"""Laws that every family keeps at every level: a family that is added is under them at once."""

import hashlib
import os
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator

import pytest

from curriculum.records import Problem, Sample, Verdict
from filters import JUDGES, check_steps
from generators import FAMILIES, family_named

CELLS = [(name, level) for name, family in FAMILIES.items() for level in range(1, family.top_level + 1)]
SEEDS = range(5)

DIGEST = """
import hashlib
from generators import FAMILIES
together = hashlib.sha256()
for family in FAMILIES.values():
    for level in range(1, family.top_level + 1):
        for seed in (0, 1, 2**62):
            problem = family.generate(level, seed)
            together.update(f"{problem} {family.reference(problem)}".encode())
print(together.hexdigest())
"""

# The share of a cell's most frequent answer over 1,000 draws is at most this: what always giving one answer earns.
MOST_GUESSABLE = {
    "chain_sums": 0.06,
    "long_addition": 0.03,
    "multiplication": 0.03,
    "linear_equations": 0.14,
    "gcd": 0.27,  # four divisors at level 1
    "modular_arithmetic": 0.11,
    "boolean_simplification": 0.27,  # ten literals, of which T and F are the likeliest
    "sort_string": 0.01,
    "reverse_string": 0.01,
}


def problems(name: str, level: int) -> list[Problem]:
    return [FAMILIES[name].generate(level, seed) for seed in SEEDS]


def judge(problem: Problem, text: str) -> Verdict:
    return JUDGES[problem.check](problem, solution(problem, text))


def solution(problem: Problem, text: str) -> Sample:
    return Sample(problem.key, "reference", 0, 0.0, text, len(text), "stop")


def perturbed(problem: Problem) -> Iterator[str]:
    """Answers that resemble the right one."""
    if problem.check == "integer":
        value = int(problem.answer)
        yield from map(str, (value + 1, value - 1, -value, 10 * value))
    else:
        yield from (f"!{problem.answer}", f"{problem.answer}a", problem.answer.swapcase())


def test_a_family_is_listed_under_the_name_its_problems_bear() -> None:
    for name, family in FAMILIES.items():
        assert family.generate(1, 0).family == name
        assert family.top_level >= 12


@pytest.mark.parametrize(("name", "level"), CELLS)
def test_a_problem_says_what_made_it(name: str, level: int) -> None:
    for seed, problem in zip(SEEDS, problems(name, level), strict=True):
        assert (problem.family, problem.level, problem.seed) == (name, level, seed)
        assert problem.source == "generated"
        assert problem.check in JUDGES
        assert problem == FAMILIES[name].generate(level, seed)


@pytest.mark.parametrize("hash_seed", ["1", "2"])
def test_another_process_draws_the_same_problems(hash_seed: str) -> None:
    together = hashlib.sha256()
    for name, level in CELLS:
        for seed in (0, 1, 2**62):
            problem = FAMILIES[name].generate(level, seed)
            together.update(f"{problem} {FAMILIES[name].reference(problem)}".encode())
    elsewhere = subprocess.run(
        [sys.executable, "-c", DIGEST],
        env=os.environ | {"PYTHONHASHSEED": hash_seed},
        capture_output=True,
        text=True,
        check=True,
    )
    assert elsewhere.stdout.strip() == together.hexdigest()


@pytest.mark.parametrize(("name", "level"), CELLS)
def test_a_reference_is_right_in_answer_and_steps(name: str, level: int) -> None:
    for problem in problems(name, level):
        text = FAMILIES[name].reference(problem)
        assert text.endswith(f"\nA: {problem.answer}")
        assert judge(problem, text).outcome == "right"
        steps = check_steps(problem, solution(problem, text))
        assert steps.outcome == ("right" if FAMILIES[name].shows_steps else "no_answer")


@pytest.mark.parametrize(("name", "level"), CELLS)
def test_a_perturbed_answer_is_wrong(name: str, level: int) -> None:
    for problem in problems(name, level):
        steps, _, _ = FAMILIES[name].reference(problem).rpartition("\n")
        for answer in perturbed(problem):
            assert judge(problem, f"{steps}\nA: {answer}").outcome == "wrong", answer


@pytest.mark.parametrize(("name", "level"), CELLS)
def test_the_question_restated_is_never_right(name: str, level: int) -> None:
    for problem in problems(name, level):
        operands = problem.question.split(" ")[-1]
        assert judge(problem, problem.question).outcome == "no_answer"
        for said in (problem.question, operands):
            assert judge(problem, f"A: {said}").outcome != "right"
            assert judge(problem, f"\\boxed{{{said}}}").outcome != "right"
        assert check_steps(problem, solution(problem, problem.question)).outcome == "no_answer"


@pytest.mark.parametrize("text", ["", "\n", "A:", "A: ", "\\boxed{}"])
@pytest.mark.parametrize("name", FAMILIES)
def test_empty_text_is_no_answer(name: str, text: str) -> None:
    assert judge(FAMILIES[name].generate(1, 0), text).outcome == "no_answer"


@pytest.mark.parametrize(("name", "level"), CELLS)
def test_always_giving_one_answer_earns_little(name: str, level: int) -> None:
    answers = Counter(FAMILIES[name].generate(level, seed).answer for seed in range(1000))
    ((_, most),) = answers.most_common(1)
    assert most / 1000 <= MOST_GUESSABLE[name]


@pytest.mark.parametrize("name", FAMILIES)
def test_neighbouring_seeds_are_strangers(name: str) -> None:
    """At the top level, where every family has room, seeds 0, 1, 2, ... hardly ever ask the same."""
    top = FAMILIES[name].top_level
    questions = {FAMILIES[name].generate(top, seed).question for seed in range(500)}
    assert len(questions) > (430 if name == "gcd" else 490)


@pytest.mark.parametrize("name", FAMILIES)
@pytest.mark.parametrize("level", [0, 13, -1])
def test_a_level_off_the_range_is_refused_with_the_rule(name: str, level: int) -> None:
    with pytest.raises(ValueError, match=rf"^{name} has levels 1 to 12, not {level}$"):
        FAMILIES[name].generate(level, 0)


def test_an_unknown_family_is_refused_with_the_names_there_are() -> None:
    with pytest.raises(ValueError, match=r"^families are chain_sums, .*reverse_string; not 'chain_sum'$"):
        family_named("chain_sum")
    assert family_named("gcd") is FAMILIES["gcd"]
