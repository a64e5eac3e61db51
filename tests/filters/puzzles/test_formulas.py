"""Formulas of knights and knaves as truth tables."""

import pytest

from filters.grammar import TooLargeError, UnreadableError
from filters.puzzles.formulas import table
from filters.truth_tables import tables

NAMES = ("Ann", "Anna", "Bo", "Cy")


def test_a_table_has_a_bit_for_each_assignment() -> None:
    names = tables(("a", "b"))
    assert [names["a"], names["b"], table("a & !b", names), table("a -> b", names)] == [
        0b1010,
        0b1100,
        0b0010,
        0b1101,
    ]


def test_operators_bind_in_their_order() -> None:
    names = tables(NAMES)
    whole = table("Ann <-> !Anna -> Bo | Cy ^ Ann & Bo", names)
    assert whole == table("Ann <-> ((!Anna) -> (Bo | (Cy ^ (Ann & Bo))))", names)
    assert table("Ann -> Bo -> Cy", names) == table("Ann -> (Bo -> Cy)", names)
    assert table("Ann -> Bo -> Cy", names) != table("(Ann -> Bo) -> Cy", names)


@pytest.mark.parametrize(
    "formula", ["", "Ann &", "Bob", "Ann Bo", "(Ann", "Ann)", "ann", "Ann - Bo", "1", "Ann=Bo"]
)
def test_a_formula_outside_the_grammar_raises(formula: str) -> None:
    with pytest.raises(UnreadableError):
        table(formula, tables(NAMES))


@pytest.mark.parametrize("formula", ["(" * 40 + "Ann" + ")" * 40, "Ann->" * 60 + "Bo", "!" * 501 + "Ann"])
def test_formulas_are_bounded(formula: str) -> None:
    with pytest.raises(TooLargeError):
        table(formula, tables(NAMES))
