"""Drawing: fresh problems of one split, and no more than the cell has."""

import pytest

from curriculum.records import Split
from generators import FAMILIES
from generators.drawing import draw

CELLS = [(name, level) for name in FAMILIES for level in (1, 6, 12)]


@pytest.mark.parametrize(("name", "level"), CELLS)
def test_two_rounds_draw_disjoint_problems(name: str, level: int) -> None:
    first = {problem.key for problem in draw(name, level, 40, 1, "train")}
    second = {problem.key for problem in draw(name, level, 40, 2, "train", first)}
    assert len(first) == len(second) == 40
    assert not first & second


@pytest.mark.parametrize("split", ["train", "heldout"])
@pytest.mark.parametrize("name", FAMILIES)
def test_only_the_asked_split_comes(name: str, split: Split) -> None:
    drawn = draw(name, 5, 30, 7, split)
    assert len({problem.key for problem in drawn}) == 30
    assert {(problem.family, problem.level, problem.split) for problem in drawn} == {(name, 5, split)}


def test_the_same_arguments_draw_the_same_and_a_longer_draw_begins_with_the_shorter() -> None:
    longer = draw("chain_sums", 4, 20, 3, "train")
    assert draw("chain_sums", 4, 20, 3, "train") == longer
    assert draw("chain_sums", 4, 8, 3, "train") == longer[:8]
    assert not set(draw("chain_sums", 4, 20, 4, "train")) & set(longer)


def test_a_small_cell_runs_dry() -> None:
    everything = draw("long_addition", 1, 810, 1, "heldout")  # 90 x 9 sums, about a fifth of them held out
    assert 100 < len(everything) < 220
    assert draw("long_addition", 1, 5, 2, "heldout", {problem.key for problem in everything}) == []
    assert draw("long_addition", 1, 0, 1, "heldout") == []


def test_an_unknown_cell_is_refused() -> None:
    with pytest.raises(ValueError, match="families are"):
        draw("sums", 1, 1, 0, "train")
    with pytest.raises(ValueError, match="gcd has levels 1 to 12, not 13"):
        draw("gcd", 13, 1, 0, "train")
