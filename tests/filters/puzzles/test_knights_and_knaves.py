"""Knights and knaves: right are exactly the assignments that fit what is said."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from itertools import pairwise, product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.filters.puzzles.examples import judged

NAMES = ("Ann", "Anna", "Bo", "Cy")
LOGIC: dict[str, Callable[[bool, bool], bool]] = {
    "&": lambda one, other: one and other,
    "|": lambda one, other: one or other,
    "^": lambda one, other: one != other,
    "->": lambda one, other: not one or other,
    "<->": lambda one, other: one == other,
}


@dataclass(frozen=True)
class Formula:
    """A formula's text, and its value worked out without it."""

    text: str
    holds: Callable[[dict[str, bool]], bool]


def name(text: str) -> Formula:
    return Formula(text, lambda knights: knights[text])


def negation(inner: Formula) -> Formula:
    return Formula(f"!{inner.text}", lambda knights: not inner.holds(knights))


def both(left: Formula, sign: str, right: Formula) -> Formula:
    logic = LOGIC[sign]
    return Formula(
        f"({left.text} {sign} {right.text})", lambda knights: logic(left.holds(knights), right.holds(knights))
    )


formulas = st.recursive(
    st.sampled_from(NAMES).map(name),
    lambda inner: st.one_of(inner.map(negation), st.builds(both, inner, st.sampled_from(list(LOGIC)), inner)),
    max_leaves=6,
)


@given(st.dictionaries(st.sampled_from(NAMES), formulas, max_size=4))
def test_right_are_exactly_the_assignments_that_fit(says: dict[str, Formula]) -> None:
    puzzle = {"people": NAMES, "says": {speaker: formula.text for speaker, formula in says.items()}}
    worlds = [dict(zip(NAMES, kinds, strict=True)) for kinds in product((True, False), repeat=len(NAMES))]
    fits = [
        all(formula.holds(world) == world[speaker] for speaker, formula in says.items()) for world in worlds
    ]
    if not any(fits):
        with pytest.raises(ValueError, match="fit its speaker"):
            judged("knights_and_knaves", puzzle, "A: Ann is a knight")
        return
    for world, fit in zip(worlds, fits, strict=True):
        said = ", ".join(f"{person} is a {'knight' if kind else 'knave'}" for person, kind in world.items())
        assert judged("knights_and_knaves", puzzle, f"A: {said}").outcome == ("right" if fit else "wrong")


@pytest.mark.parametrize(
    "puzzle",
    [
        "knights",
        {"people": [], "says": {}},
        {"people": ["A", "A"], "says": {}},
        {"people": ["A B"], "says": {}},
        {"people": [f"p{n}" for n in range(21)], "says": {}},
        {"people": ["A"], "says": {"B": "A"}},
        {"people": ["A"], "says": {"A": "B"}},
        {"people": ["A"], "says": {"A": 1}},
        {"people": ["A"], "says": {"A": "!A"}},
        {"people": ["A"]},
    ],
)
def test_a_puzzle_of_knights_that_is_none_raises(puzzle: object) -> None:
    with pytest.raises(
        ValueError, match=r"people|says|statement|names are|fit its speaker|must be a JSON object"
    ):
        judged("knights_and_knaves", puzzle, "A: A is a knight")


def test_twenty_people_are_judged_quickly() -> None:
    people = [f"p{n}" for n in range(20)]
    says = {person: f"{other} <-> {people[0]}" for person, other in pairwise(people)}
    said = "\n".join(f"{person}: knight" for person in people)
    start = time.process_time()
    assert judged("knights_and_knaves", {"people": people, "says": says}, f"A:\n{said}").outcome == "right"
    assert time.process_time() - start < 5.0
