"""Questions that were written to cost time: each is read in time that grows with its length alone."""

import time

import numpy as np
import pytest

from filters.overlap.comparison import compare
from filters.overlap.instances import instance
from filters.overlap.sketches import Text, read, sketch

SIZE = 2_000_000  # characters; a fault that is quadratic in them would take hours
HOSTILE = {
    "dots": "." * SIZE + "x",
    "commas": "ab" + ",:" * (SIZE // 2) + "x",
    "one word": "a" * SIZE,
    "one word again and again": "la " * (SIZE // 3),
    "accents": "a" + "\u0300\u0327" * (SIZE // 2),
    "thousands": "111," * (SIZE // 4) + "x",
    "parentheses": "(" * (SIZE // 2) + ")" * (SIZE // 2),
    "hyphens": "ab-" * (SIZE // 3),
    "long ligatures": "\ufdfa" * SIZE,
    "half a surrogate pair": "\ud800" * SIZE,
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_long_question_is_read_in_seconds(name: str) -> None:
    started = time.process_time()
    sketches = sketch([read(Text(HOSTILE[name], "1"))])
    instance("gcd", HOSTILE[name], frozenset({"gcd"}))
    assert len(sketches.whole) == 1
    assert time.process_time() - started < 30


def test_a_10_mb_question_is_compared() -> None:
    question = "Once more the lamp went out and nobody in the whole house found it odd. " * (10 * 2**20 // 72)
    texts = [Text(question, "1"), Text(f"Well, {question}", "1")]
    started = time.process_time()
    sketches = sketch([read(text) for text in texts])
    overlaps = compare(sketches, 0, np.ones(2, bool), {}, lambda rows: [texts[row].question for row in rows])
    assert [overlap[:3] for overlap in overlaps] == [(1, 0, "near")]
    assert time.process_time() - started < 120


def test_many_questions_that_are_all_alike_stay_linear() -> None:
    """4,000 variations on one story: 8 million pairs, of which only a few for each are looked at."""
    looks = 0
    texts = [
        Text(f"The keeper of the tower lights the lamp at dusk and calls ship {a} {b}", "1") for a, b in NAMES
    ]

    def questions(rows: list[int]) -> list[str]:
        nonlocal looks
        looks += len(rows)
        return [texts[row].question for row in rows]

    sketches = sketch([read(text) for text in texts])
    overlaps = compare(sketches, 0, np.ones(len(texts), bool), {}, questions)
    assert len(overlaps) > 3900
    assert looks < 40 * len(texts)


NAMES = [
    (f"north{chr(97 + n // 64)}{chr(97 + n % 26)}", f"star{chr(97 + n % 64 // 3)}{n % 3 * 'e'}")
    for n in range(4000)
]
