"""Texts made to break a judge: no exception, no long wait, and never right."""

import time

import pytest

from curriculum.records import Problem, Sample
from filters import JUDGES, check_steps
from filters.extraction import MAX_TEXT

BOMBS = {
    "a megabyte of open braces": "{" * 2**20,
    "a megabyte of boxes": "\\boxed{" * 2**17,
    "braces within the limit": "\\boxed{" * (MAX_TEXT // 7),
    "nested braces": "\\boxed{" + "{" * 9999 + "12" + "}" * 9999 + "}",
    "deep parentheses": "(" * 100_000 + "12" + ")" * 100_000 + "=12",
    "many negations": "!" * 100_000 + "a=b&T",
    "a tower of powers": "9**9**9=1\nA: 9**9**9",
    "a tower of carets": "9^9^9^9^9=1\nA: 9^9",
    "long digits": "A: " + "9" * 100_000,
    "long sums": "1+" * 100_000 + "1=2",
    "long products": "\n".join(["99999999" + "*99999999" * 40 + "=1%7"] * 500),
    "many sides": "=".join(["2^9"] * 100_000) + "=3",
    "many lines": "1+1=3\n" * 80_000,
    "words around": "so (3 = " * 60_000,
    "angle brackets": "<<" * 200_000,
    "open annotations": "<<1+1=" * 60_000,
    "only commas": "A: " + "1," * 100_000 + "=",
    "only blanks": "A: 1" + " " * 400_000 + "=2",
    "null bytes": "A: 12\x00\n1+1=2\x00",
    "Arabic digits": "A: ١٢\n١+١=٢",
    "full-width digits": "A: １２\n１+１=２",
    "superscripts": "A: ¹²\n1²=1",
    "a lone surrogate": "A: 12\ud800\n1+1=\ud800",
    "a surrogate in a false step": "1+1=3 \udfff",
    "a right-to-left mark": "A: \u202e12\n1+1=3",
    "a zero-width space": "A: 1\u200b2",
    "carriage returns": "\r" * 10_000 + "A: 1\r2",
    "code": "A: __import__('os').system('true') or 12\n__import__('os')=1",
    "not a number": "A: nan",
    "infinity": "A: 1e999",
}


@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
@pytest.mark.parametrize("check", [*JUDGES, "steps"])
def test_is_not_right_and_not_slow(check: str, bomb: str) -> None:
    problem = Problem("hostile", 1, "", "12", check)
    sample = Sample(problem.key, "hostile", 0, 1.0, bomb, 0, "stop")
    start = time.process_time()
    verdict = (check_steps if check == "steps" else JUDGES[check])(problem, sample)
    assert time.process_time() - start < 15.0  # quadratic would be minutes
    assert verdict.outcome in ("wrong", "no_answer")
    assert len(verdict.extracted.encode()) <= 400
