"""Names of records: the same for ever and everywhere, different for whatever differs."""

from dataclasses import FrozenInstanceError, replace
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.records import HELDOUT_SHARE, Problem, Sample, Verdict, content_key, hashed_seed

PROBLEM = Problem("chain_sums", 1, "Add 1+2", "3", "integer", seed=7)
SAMPLE = Sample(PROBLEM.key, "base-01234567", 3, 0.8, "1+2=3\nA: 3", 11, "stop")
VERDICT = Verdict(SAMPLE.key, "integer/1", "right", "equal")


def test_keys_that_stand_in_every_home_do_not_change() -> None:
    assert content_key("ä", 1, 2.5, None, [1, "x"]) == "034b1286b933cd44bdc35db91be3f9b9"
    assert (
        PROBLEM.key == content_key("problem", "integer", "Add 1+2", "3") == "ab9972154b8455b63b2361113a2415a1"
    )
    sample = Sample("abc", "base-01234567", 3, 0.8, "any text", 1, "stop")
    assert sample.key == "27664af88b809e40db58afb355fb78ca"
    assert hashed_seed("round", 1) == 8159731748460165509


def test_keys_tell_parts_apart() -> None:
    assert (
        len({content_key("ab", "c"), content_key("a", "bc"), content_key("abc"), content_key(["ab", "c"])})
        == 4
    )
    assert content_key(1) != content_key("1")


@given(st.lists(st.one_of(st.text(), st.integers(), st.floats(allow_nan=False))))
def test_a_seed_fits_a_signed_64_bit_column_and_is_no_key(parts: list[object]) -> None:
    assert 0 <= hashed_seed(*parts) < 2**63
    assert hashed_seed(*parts) != int(content_key(*parts)[:16], 16) >> 1


def test_consecutive_seeds_are_strangers() -> None:
    seeds = [hashed_seed("round", number) for number in range(1000)]
    gaps = {abs(a - b) for a, b in pairwise(seeds)}
    assert len(set(seeds)) == 1000
    assert min(gaps) > 2**40


def test_a_problem_is_named_by_what_is_asked_and_how_it_is_checked() -> None:
    same = replace(PROBLEM, family="sums", level=2, seed=8, source="imported")
    assert same.key == PROBLEM.key
    assert replace(PROBLEM, question="Add 2+1").key != PROBLEM.key
    assert replace(PROBLEM, answer="4").key != PROBLEM.key
    assert replace(PROBLEM, check="number").key != PROBLEM.key


def test_a_sample_is_named_by_who_drew_it_and_not_by_what_came() -> None:
    assert replace(SAMPLE, text="A: 4", tokens=1, finish="length").key == SAMPLE.key
    others = [
        replace(SAMPLE, problem_key="x"),
        replace(SAMPLE, policy="r1-01234567"),
        replace(SAMPLE, draw=4),
        replace(SAMPLE, temperature=0.0),
    ]
    assert len({sample.key for sample in (SAMPLE, *others)}) == 5


def test_temperature_zero_is_one_temperature() -> None:
    assert replace(SAMPLE, temperature=0).key == replace(SAMPLE, temperature=0.0).key


def test_the_split_follows_the_question_alone() -> None:
    questions = [f"Add {a}+{b}" for a in range(100) for b in range(200)]
    split = {question: replace(PROBLEM, question=question).split for question in questions}
    heldout = sum(side == "heldout" for side in split.values()) / len(split)
    assert abs(heldout - HELDOUT_SHARE) < 0.0113  # four standard deviations of 20,000
    for question in questions[:200]:
        assert Problem("other", 9, question, "x", "text", "imported", 5).split == split[question]


@pytest.mark.parametrize(("record", "field"), [(PROBLEM, "answer"), (SAMPLE, "text"), (VERDICT, "outcome")])
def test_records_are_frozen_and_hold_nothing_else(record: Any, field: str) -> None:
    with pytest.raises(FrozenInstanceError):
        setattr(record, field, "wrong")
    assert not hasattr(record, "__dict__")
