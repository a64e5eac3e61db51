"""Admission: every reason by the smallest case that has it, the caps, and the rows of earlier rounds."""

from dataclasses import replace
from random import Random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from curriculum.admission import Candidate, Caps, Reason, Selection, as_trained, replay, select
from curriculum.standings import Cell

CELL = Cell("gcd", 3)
GOOD = Candidate("s0", "p0", CELL, "4=2*2+0\nA: 2", "stop", "train", "right", "right", shows_steps=True)

candidates = st.builds(
    Candidate,
    sample_key=st.uuids().map(str),
    problem_key=st.sampled_from(["p0", "p1", "p2"]),
    cell=st.sampled_from([CELL, Cell("gcd", 4)]),
    text=st.sampled_from(["A: 1", "A: 2", "A:  2", "1+1=2\nA: 2", "2=2*1+0\nA: 2"]),
    finish=st.sampled_from(["stop", "length", "recorded"]),
    split=st.sampled_from(["train", "train", "heldout"]),
    outcome=st.sampled_from(["right", "right", "right", "wrong", "no_answer", "not_judged"]),
    steps=st.sampled_from(["right", "right", "wrong", "no_answer"]),
    shows_steps=st.booleans(),
    easy_to_hack=st.booleans(),
    overlap=st.sampled_from([None, None, None, "leak", "near_duplicate"]),
)


def reasons(given: list[Candidate], caps: Caps | None = None) -> dict[str, Reason]:
    return {s.sample_key: s.reason for s in select(given, caps or Caps())}


def different(count: int, **fields: Any) -> list[Candidate]:
    """Good candidates, each for a problem of its own and longer than the one before."""
    return [
        replace(
            GOOD, sample_key=f"s{i:03}", **{"problem_key": f"p{i:03}", "text": GOOD.text + " " * i, **fields}
        )
        for i in range(count)
    ]


@pytest.mark.parametrize(
    ("fault", "reason"),
    [
        ({"split": "heldout"}, "heldout"),
        ({"split": "heldout", "overlap": "leak"}, "heldout"),
        ({"overlap": "leak"}, "leak"),
        ({"overlap": "near_heldout", "outcome": "wrong"}, "near_heldout"),
        ({"overlap": "exact_duplicate", "finish": "length"}, "exact_duplicate"),
        ({"overlap": "near_duplicate", "easy_to_hack": True}, "near_duplicate"),
        ({"finish": "length"}, "truncated"),
        ({"outcome": "not_judged"}, "not_judged"),
        ({"outcome": "no_answer"}, "no_answer"),
        ({"outcome": "wrong"}, "wrong"),
        ({"easy_to_hack": True}, "easy_to_hack"),
        ({"easy_to_hack": True, "outcome": "wrong"}, "wrong"),
        ({"easy_to_hack": True, "steps": "wrong"}, "easy_to_hack"),
        ({"steps": "wrong"}, "broken_steps"),
        ({"steps": "no_answer"}, "no_steps"),
        ({"steps": "not_judged"}, "no_steps"),
        ({"steps": "wrong", "shows_steps": False}, "broken_steps"),
    ],
)
def test_what_is_wrong_with_a_sample_by_itself(fault: dict[str, Any], reason: Reason) -> None:
    assert select([replace(GOOD, **fault)], Caps()) == [Selection("s0", False, reason, 0.0)]


@pytest.mark.parametrize(
    "merit",
    [{}, {"finish": "recorded"}, {"steps": "no_answer", "shows_steps": False}, {"shows_steps": False}],
)
def test_a_right_answer_for_right_reasons_is_admitted(merit: dict[str, Any]) -> None:
    assert select([replace(GOOD, **merit)], Caps()) == [Selection("s0", True, "admitted", 1.0)]


def test_a_path_that_differs_in_white_space_only_is_a_duplicate_within_its_problem() -> None:
    spaced = replace(GOOD, sample_key="s1", text="4 = 2*2 + 0\nA: 2")
    elsewhere = replace(GOOD, sample_key="s2", problem_key="p1")
    expected = {"s0": "admitted", "s1": "duplicate_path", "s2": "admitted"}
    assert reasons([spaced, elsewhere, GOOD]) == expected


def test_of_a_problem_the_shortest_are_kept() -> None:
    same = [
        replace(c, text=f"{i + 1}={i}+1\n" * (i + 1)) for i, c in enumerate(different(4, problem_key="p0"))
    ]
    assert reasons(same[::-1], Caps(per_problem=2)) == {
        "s000": "admitted",
        "s001": "admitted",
        "s002": "over_cap",
        "s003": "over_cap",
    }


def test_a_mastered_cell_gives_few_and_another_all() -> None:
    other = [
        replace(c, sample_key=f"t{i}", problem_key=f"q{i}", cell=Cell("gcd", 4))
        for i, c in enumerate(different(6))
    ]
    missed = [replace(GOOD, sample_key="t9", problem_key="p9", cell=Cell("gcd", 4), outcome="wrong")]
    found = reasons(different(6) + other + missed, Caps(per_mastered_cell=2))
    assert [found[f"s{i:03}"] for i in range(6)] == ["admitted"] * 2 + ["mastered_cap"] * 4
    assert [found[f"t{i}"] for i in range(6)] == ["admitted"] * 6  # 6 of 7 right: not mastered


@pytest.mark.parametrize(("wrong", "capped"), [(1, True), (2, False)])
def test_a_cell_is_mastered_from_95_percent_of_the_judged(wrong: int, capped: bool) -> None:
    faults = [replace(GOOD, sample_key=f"w{i}", outcome="wrong") for i in range(wrong)]
    ignored = [replace(GOOD, sample_key=f"n{i}", outcome="not_judged") for i in range(9)]
    found = reasons(different(20 - wrong) + faults + ignored, Caps(per_mastered_cell=5))
    assert ("mastered_cap" in found.values()) is capped


@given(st.lists(candidates, max_size=25, unique_by=lambda c: c.sample_key), st.randoms(use_true_random=False))
def test_order_does_not_matter_and_caps_hold(given: list[Candidate], rng: Random) -> None:
    caps = Caps(per_problem=2, per_mastered_cell=1)
    selections = select(given, caps)
    assert select(rng.sample(given, len(given)), caps) == selections
    assert sorted(s.sample_key for s in selections) == sorted(c.sample_key for c in given)
    admitted = [c for c in given for s in selections if s.sample_key == c.sample_key and s.admitted]
    for problem in ("p0", "p1", "p2"):
        kept = [c for c in admitted if c.problem_key == problem]
        assert len(kept) <= 2
        assert len({"".join(c.text.split()) for c in kept}) == len(kept)
    for c in admitted:
        assert (c.split, c.overlap, c.outcome) == ("train", None, "right")
        assert c.finish != "length"
        assert c.steps == "right" or (c.steps == "no_answer" and not c.shows_steps)
    assert all(s.weight == float(s.admitted) and (s.reason == "admitted") is s.admitted for s in selections)


def test_replay_draws_as_many_old_rows_as_new_ones() -> None:
    earlier = [f"s{i}" for i in range(100)]
    old = replay(30, earlier, seed=5)
    assert len({s.sample_key for s in old}) == 30
    assert {s.sample_key for s in old} <= set(earlier)
    assert {(s.admitted, s.reason, s.weight) for s in old} == {(True, "replayed", 1.0)}
    assert replay(30, earlier[::-1], seed=5) == old != replay(30, earlier, seed=6)


def test_replay_gives_what_there_is() -> None:
    assert {s.sample_key for s in replay(9, ["a", "b"], 0)} == {"a", "b"}
    assert replay(9, [], 0) == []
    assert replay(0, ["a", "b"], 0) == []


def test_what_trained_a_checkpoint_stays_admitted_whatever_is_judged_since() -> None:
    today = [
        Selection("stays", True, "admitted", 1.0),
        Selection("lost", False, "wrong", 0.0),
        Selection("gained", True, "admitted", 1.0),
        Selection("out", False, "no_answer", 0.0),
    ]
    assert as_trained(today, {"old": 0.5, "lost": 1.0, "stays": 1.0}) == [
        Selection("stays", True, "admitted", 1.0),
        Selection("lost", True, "admitted", 1.0),
        Selection("gained", False, "not_trained", 0.0),
        Selection("out", False, "no_answer", 0.0),
        Selection("old", True, "replayed", 0.5),
    ]
