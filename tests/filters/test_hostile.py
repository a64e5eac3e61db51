"""Texts made to break a judge: none is right, none takes longer than its limit, and the next text is judged well."""

import resource
import time
from collections.abc import Iterator

import pytest

from curriculum.records import Problem, Sample, Verdict
from filters import JUDGES, check_steps, judge_quickly
from filters.math import WALL_S
from tests.filters.hostile_texts import hostile_texts

KEYS = {
    "integer": "12",
    "number": "12",
    "math": "12",
    "text": "twelve",
    "choice": "B",
    "sudoku": '{"grid": "1234341221434321"}'.replace("1234", "....", 1),
    "countdown": '{"numbers": [3, 4, 5], "target": 12}',
    "graph_coloring": '{"edges": [["P", "Q"]], "colors": ["red", "blue"]}',
    "knights_and_knaves": '{"people": ["Zoey"], "says": {"Zoey": "Zoey"}}',
}
RIGHT = {
    **dict.fromkeys(["integer", "number", "math"], "A: 12"),
    "text": "A: twelve",
    "choice": "A: B",
    "sudoku": "A:\n1234\n3412\n2143\n4321",
    "countdown": "A: 3 * 4",
    "graph_coloring": "A: P: red, Q: blue",
    "knights_and_knaves": "A: Zoey is a knight",
}
SECONDS = 10.0  # for half a megabyte on a busy machine; what is quadratic takes minutes
BYTES = 300 * 2**20


def judged(check: str, text: str) -> Verdict | None:
    problem = Problem("hostile", 1, "", KEYS.get(check, "12"), check)
    sample = Sample(problem.key, "hostile", 0, 1.0, text, 0, "stop")
    return check_steps(problem, sample) if check == "steps" else judge_quickly(problem, sample)


@pytest.fixture(scope="module")
def texts() -> list[tuple[str, str]]:
    return list(hostile_texts())


@pytest.fixture(scope="module", autouse=True)
def _memory_stays_bounded(texts: list[tuple[str, str]]) -> Iterator[None]:
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    yield
    assert (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before) * 1024 < BYTES


def test_there_are_many(texts: list[tuple[str, str]]) -> None:
    assert len(texts) >= 300
    assert len({name for name, _ in texts}) == len(texts)


@pytest.mark.parametrize("check", [*KEYS, "steps"])
def test_none_is_right_or_slow_and_the_next_is_judged_well(check: str, texts: list[tuple[str, str]]) -> None:
    for name, text in texts:
        started = time.process_time()
        verdict = judged(check, text)
        assert time.process_time() - started < SECONDS, name
        if verdict is None:
            continue  # for sympy: below
        assert verdict.outcome != "right" or check == "steps", name
        assert len(verdict.extracted.encode()) <= 400, name
        if check in RIGHT:
            found = judged(check, RIGHT[check])
            assert found is not None
            assert found.outcome == "right", name


def test_what_goes_to_sympy_keeps_its_limit(texts: list[tuple[str, str]]) -> None:
    problem = Problem("hostile", 1, "", KEYS["math"], "math")
    samples = [Sample(problem.key, "hostile", 0, 1.0, text, 0, "stop") for _, text in texts]
    hard = [sample for sample in samples if judge_quickly(problem, sample) is None]
    assert hard
    for sample in hard:
        started = time.monotonic()
        verdict = JUDGES["math"](problem, sample)
        assert time.monotonic() - started < WALL_S + 1 + 10, sample.text[:80]  # and a worker's start
        assert verdict.outcome != "right", sample.text[:80]
    assert (
        JUDGES["math"](problem, Sample(problem.key, "next", 0, 1.0, RIGHT["math"], 0, "stop")).outcome
        == "right"
    )
