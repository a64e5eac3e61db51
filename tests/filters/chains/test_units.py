"""Units that cancel: gone where both sides have the same one, kept where the numbers alone may not be equal."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.chains.units import without_like_units


@pytest.mark.parametrize(
    ("text", "without"),
    [
        ("3 eggs + 4 eggs = 7 eggs", "3 + 4 = 7 eggs"),
        ("1 egg + 4 eggs = 5 eggs", "1 + 4 = 5 eggs"),
        ("1 class + 2 classes = 3 classes", "1 + 2 = 3 classes"),
        ("2 * 3 eggs - 4 eggs = 2 eggs", "2 * 3 - 4 = 2 eggs"),
        ("3 dollars * 4 = 12 dollars", "3 * 4 = 12 dollars"),
        ("12 dollars / 4 * 2 = 6 dollars", "12 / 4 * 2 = 6 dollars"),
        ("3 * 4 dollars = 12 dollars", "3 * 4 = 12 dollars"),
        ("1/2 cups + 1/2 cups = 1 cup", "1/2 + 1/2 = 1 cup"),
        ("3 million + 4 million = 7 million", "3 + 4 = 7 million"),
        ("3cm+4cm=7cm", "3+4=7 cm"),
        ("3+4 = 7kg", "3+4 = 7 kg"),
        ("3  cm  + 4  cm  = 7  cm", "3  + 4  = 7  cm"),
    ],
)
def test_goes_where_it_cancels(text: str, without: str) -> None:
    assert without_like_units(text) == without


@pytest.mark.parametrize(
    "text",
    [
        "5 feet * 12 = 60 inches",
        "5 feet = 60 inches",
        "30 minutes + 2 hours = 150 minutes",
        "2 hours * 60 = 120",
        "3 million * 4 = 12000000",
        "3 quarters + 4 quarters = 1.75",
        "3x + 4x = 7x",
        "3ab + 4ab = 7ab",
        "3 + 4 = 7m",
        "3 + 4 = 7kgs2",
    ],
)
def test_stays_where_it_may_count(text: str) -> None:
    assert without_like_units(text) == text


@given(st.integers(0, 999), st.integers(0, 999), st.sampled_from(("+", "-")), st.integers(0, 999))
def test_only_words_go(a: int, b: int, sign: str, claimed: int) -> None:
    text = f"{a} apples {sign} {b} apples = {claimed} apples"
    assert without_like_units(text) == f"{a} {sign} {b} = {claimed} apples"
