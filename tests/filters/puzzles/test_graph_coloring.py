"""Graph colouring: right until an edge is of one colour."""

from itertools import permutations
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.filters.puzzles.examples import judged, randoms


@given(st.integers(2, 8), randoms, st.sampled_from(["{}: {}", "{}={}", '"{}": "{}"', "{} is {}"]))
def test_a_colouring_is_right_until_an_edge_is_of_one_colour(nodes: int, rng: Random, form: str) -> None:
    names = [f"v{place}" for place in range(nodes)]
    colours = {name: rng.choice(["red", "green", "blue"]) for name in names}
    pairs = [(one, other) for one, other in permutations(names, 2) if colours[one] != colours[other]]
    edges = [list(pair) for pair in rng.sample(pairs, min(len(pairs), 2 * nodes))]
    said = [form.format(*item) for item in rng.sample(list(colours.items()), nodes)]
    for allowed in (3, ["red", "green", "blue"]):
        puzzle = {"nodes": names, "edges": edges, "colors": allowed}
        assert judged("graph_coloring", puzzle, f"A: {', '.join(said)}").outcome == "right"
        assert judged("graph_coloring", puzzle, "A:\n" + "\n".join(said)).outcome == "right"
        assert judged("graph_coloring", puzzle, f"A: {', '.join(said[1:])}").reason == "incomplete"
        assert judged("graph_coloring", puzzle, f"A: {', '.join([*said, said[0]])}").reason == "repeated"
        if edges:
            one, other = edges[0]
            changed = {**colours, one: colours[other]}
            text = ", ".join(form.format(*item) for item in changed.items())
            assert judged("graph_coloring", puzzle, f"A: {text}").reason == "violated"


@pytest.mark.parametrize(
    "puzzle",
    [
        "3",
        {"edges": [["A", "A"]], "colors": 2},
        {"edges": [["A", "B", "C"]], "colors": 2},
        {"edges": [["A", "B"]], "nodes": ["A"], "colors": 2},
        {"edges": [["A", "B"]], "nodes": ["A", "B", "A"], "colors": 2},
        {"edges": [["A", "B"]], "nodes": "AB", "colors": 2},
        {"edges": [["A", ""]], "colors": 2},
        {"edges": [["A", 1.5]], "colors": 2},
        {"edges": [["A", "B, C"]], "colors": 2},
        {"edges": [["A", "B"]], "colors": 0},
        {"edges": [["A", "B"]], "colors": True},
        {"edges": [["A", "B"]], "colors": []},
        {"edges": [["A", "B"]], "colors": ["red", "Red"]},
        {"edges": [["A", "B"]], "colors": ["red", ""]},
        {"edges": [["A", "B"]]},
        {"edges": [], "colors": 2},
    ],
)
def test_a_graph_that_is_none_raises(puzzle: object) -> None:
    with pytest.raises(ValueError, match=r"graph|node|edge|colo|must be a JSON object"):
        judged("graph_coloring", puzzle, "A: A: red, B: green")
