"""Which words behind a number are a unit, and that those which make it another number are none."""

import pytest

from filters.unit_words import changes_the_value, is_known_unit, is_unit
from filters.units import key_of, singular


@pytest.mark.parametrize(
    "text",
    [
        "cm", "in", "sq. ft.", "square inches", "ft^2", "m/s", "m", "km / h", "Newtons", "kWh", "light-years",
        "eggs", "duck eggs", "eggs per day", "miles an hour", "cups of water", "months", "dollars in total", "per day",
        "p.m.", "PM", "degrees Celsius", "USD", "more cookies", "dollars in profit", "years from now", "even numbers",
        "square tiles",
    ],
)  # fmt: skip
def test_units(text: str) -> None:
    assert is_unit(text)


@pytest.mark.parametrize(
    "text",
    [
        "", "-10", "+17", "/10", "e10", "sqrt3", "ln3", "xy", "AB", "ABC", "abcd", "xyz", "x", "eggs x", "cm^7", "½",
        "is wrong", "wrong", "fails", "cannot be", "(wrong)", "if even", "when positive", "out of ten", "(mod 7)",
        "in binary", "base two", "repeating", "recurring", "bar", "fifths", "tenth", "twentieths", "thirds", "halves",
        "tens", "crore", "lakh", "bn", "million", "dozens", "per mille", "twenty-one", "twelve", "eggs or more",
        "eggs of", "eggs per", "more", "more than ten", "short", "dollars short", "fivefold", "sixties", "kilo", "debt",
        "square", "even", "squared", "and a half", "theta", "log", "reciprocal",
        "one two three four five six seven",
    ],
)  # fmt: skip
def test_what_is_no_unit(text: str) -> None:
    assert not is_unit(text)


def test_without_a_blank_only_known_units_are_read() -> None:
    assert is_known_unit("cm")
    assert is_known_unit("square feet")
    assert not is_known_unit("eggs")


@pytest.mark.parametrize(
    "word", ["million", "Million", "or", "half", "fifths", "hundredths", "wrong", "thirties"]
)
def test_words_that_change_the_value(word: str) -> None:
    assert changes_the_value(word)


@pytest.mark.parametrize("word", ["months", "eggs", "depths", "cm", "parties", "tonnes", "canteens"])
def test_words_that_look_like_those_but_count_things(word: str) -> None:
    assert not changes_the_value(word)


def test_symbols_keep_their_case_and_names_do_not() -> None:
    assert key_of("mL") == key_of("Millilitres") == "ml"
    assert key_of("CM") is None
    assert key_of("bs") is None
    assert key_of("feet") == key_of("foot") == "ft"


@pytest.mark.parametrize(
    ("one", "several"), [("box", "boxes"), ("berry", "berries"), ("cookie", "cookies"), ("glass", "glasses")]
)
def test_plurals_share_a_form(one: str, several: str) -> None:
    assert singular(one) == singular(several)
