"""What tries without reasoning say of a problem, and of a cell's problems."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.guessing import TRIES, GuessRecord, by_cell, easy_to_hack


def record(key: str, rights: int, tries: int = TRIES, level: int = 1, policy: str = "p") -> GuessRecord:
    return GuessRecord(key, policy, "sums", level, rights, tries)


def test_one_right_try_is_enough() -> None:
    assert [easy_to_hack(rights, 8) for rights in (0, 1, 8)] == [False, True, True]
    assert record("a", 1).easy_to_hack
    assert not record("a", 0).easy_to_hack


@pytest.mark.parametrize(("rights", "tries"), [(-1, 8), (9, 8), (0, 0), (1, 0)])
def test_impossible_counts_raise(rights: int, tries: int) -> None:
    with pytest.raises(ValueError, match="at least 1 try"):
        easy_to_hack(rights, tries)
    with pytest.raises(ValueError, match="at least 1 try"):
        record("a", rights, tries)


def test_a_cell_has_the_share_of_problems_that_fell_and_of_right_tries() -> None:
    [cell] = by_cell([record("a", 0), record("b", 1), record("c", 4), record("d", 0)])
    assert (cell.family, cell.level, cell.tries, cell.problems) == ("sums", 1, 8, 4)
    assert cell.easy.value == 0.5
    assert cell.right_tries == 5 / 32
    assert cell.easy.low == pytest.approx(0.15004, abs=1e-4)  # Wilson, 2 of 4
    assert cell.easy.high == pytest.approx(0.84996, abs=1e-4)


def test_policies_levels_and_numbers_of_tries_are_kept_apart() -> None:
    records = [record("a", 1), record("a", 0, policy="q"), record("b", 0, level=2), record("c", 0, tries=4)]
    cells = by_cell(records)
    assert [(cell.policy, cell.level, cell.tries) for cell in cells] == [
        ("p", 1, 4),
        ("p", 1, 8),
        ("p", 2, 8),
        ("q", 1, 8),
    ]
    assert by_cell(reversed(records)) == cells
    assert by_cell([]) == []


@given(st.lists(st.integers(0, 8), min_size=1, max_size=50))
def test_the_interval_holds_the_share(rights: list[int]) -> None:
    [cell] = by_cell(record(str(place), right) for place, right in enumerate(rights))
    assert 0 <= cell.easy.low <= cell.easy.value <= cell.easy.high <= 1
    assert cell.easy.value == sum(right > 0 for right in rights) / len(rights)
