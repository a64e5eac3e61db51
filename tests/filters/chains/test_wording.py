"""Arithmetic in words and typography: what has one reading is written in signs, all else stays as it is."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.chains.wording import in_signs


@pytest.mark.parametrize(
    ("text", "signs"),
    [
        ("So 3 plus 4 equals 7.", "So 3 + 4 = 7."),
        ("3 times 4 divided by 2 is equal to 6", "3 * 4 / 2 = 6"),
        ("(3 multiplied by $1,400.50 = $4201.50)", "(3 * $1,400.50 = $4201.50)"),
        ("3+4 equals 7", "3+4 = 7"),
        ("|3-7| equals 4", "|3-7| = 4"),
        ("so 17 mod 5 = 2", "so 17 % 5 = 2"),
        ("7*8 mod 11 equals 1", "7*8 % 11 = 1"),
        ("4 choose 2 = 6", "((4)C(2)) = 6"),
        ("Half of 10 = 5", "((1/2)*10) = 5"),
        ("20 / half of 4 = 10", "20 / ((1/2)*4) = 10"),
        ("2.5% of $200 = $5", "((2.5%)*$200) = $5"),
        ("3/4 of 20 equals 15", "((3/4)*20) = 15"),
        ("sqrt(9)+1", "√(9)+1"),
        ("2³ + (1+1)¹⁰ + 10⁻²", "2^3 + (1+1)^10 + 10^-2"),
        ("½ + 2¾", "(1/2) + (2+3/4)"),
        ("3 + 4 = **7**", "3 + 4 =  7 "),
        ("**3 + 4 = 7**", " 3 + 4 = 7 "),
    ],
)
def test_writes_signs(text: str, signs: str) -> None:
    assert in_signs(text) == signs


@pytest.mark.parametrize(
    "text",
    [
        "2 + 3 times 4 equals 14",
        "2 times 3 + 4 = 10",
        "3 plus 4 squared equals 19",
        "3 plus 4",
        "Does 3+4 equal 7?",
        "3/4 is equal to $15",
        "20% is equal to 10",
        "5 equals x",
        "3+4 equals about 7",
        "3 + 8 mod 11 = 0",
        "-7 mod 5 = 3",
        "17 = 12 mod 5 = 2",
        "7*8 = 1 mod 11",
        "10 - 4 choose 2 = 4",
        "half of 3+5 = 4",
        "half of 10 eggs",
        "1.5½ ½3 )½",
        "cm²",
        "2**3 + 2**4",
        "2 ** 3 = 2 ** 4",
        "1**2**3",
        "** 3 **",
    ],
)
def test_leaves_what_is_read_both_ways(text: str) -> None:
    assert in_signs(text) == text


@given(st.text(alphabet="abx 0123+=*/,.()$%\n"))
def test_signs_stay_as_they_are(text: str) -> None:
    assert "**" in text or in_signs(text) == text
