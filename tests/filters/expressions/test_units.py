"""Units of both sides, degree signs, percent signs, and letters that are units beside a key with one."""

import pytest

from filters.expressions import scalars
from filters.expressions.notation import read_answer
from filters.expressions.scalars.units import agree, unit_key
from filters.expressions.syntax import Quantity, Scalar, Words, is_scalar
from filters.grammar import UnreadableError


def scalar(text: str) -> Scalar:
    node = read_answer(text)
    assert is_scalar(node)
    return node


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("square feet", "ft^2"),
        ("miles per hour", "mph"),
        ("miles an hour", "mi/h"),
        ("duck eggs", "eggs"),
        ("cups", "cups of water"),
        ("years old", "years"),
        ("degrees C", "degrees Celsius"),
        ("cookie", "cookies"),
        ("per cent", "%"),
        ("dollars in total", "$"),
        ("$ per hour", "$"),
        ("$ per hour", "dollars per hour"),
        ("$ per hour", "per hour"),
    ],
)
def test_units_that_agree(a: str, b: str) -> None:
    assert agree(unit_key(a), unit_key(b))
    assert agree(unit_key(b), unit_key(a))


@pytest.mark.parametrize(
    ("a", "b"),
    [
        ("degrees Celsius", "degrees Fahrenheit"),
        ("degrees Celsius", "degrees"),
        ("newton meters", "kilogram meters"),
        ("newton meters", "meters"),
        ("light years", "years"),
        ("light-years", "years"),
        ("fluid ounces", "ounces"),
        ("red balls", "blue balls"),
        ("pounds of apples", "apples"),
        ("eggs per day", "eggs"),
        ("$ per hour", "$ per day"),
        ("$ per hour", "£"),
        ("cm^2", "cm"),
        ("kg", "mg"),
        ("MHz", "kHz"),
        ("begs", "eggs"),
    ],
)
def test_units_that_differ(a: str, b: str) -> None:
    assert not agree(unit_key(a), unit_key(b))
    assert not agree(unit_key(b), unit_key(a))


@pytest.mark.parametrize(
    ("one", "same"),
    [
        ("-30^\\circ", "-30"),
        ("\\frac{360^\\circ}{7}", "\\frac{360}{7}"),
        ("45^\\circ + 360^\\circ n", "(360n + 45)^\\circ"),
        ("2x^\\circ", "2x"),
        ("\\sin(2 \\cdot 15^\\circ)", "\\frac12"),
        ("20^\\circ\\text{C}", "20\\text{ degrees Celsius}"),
        ("5 m", "5\\text{ meters}"),
        ("5m/s^2", "5\\text{ m/s}^2"),
    ],
)
def test_one_quantity(one: str, same: str) -> None:
    assert scalars.compare(scalar(one), scalar(same)) == "equal"
    assert scalars.compare(scalar(same), scalar(one)) == "equal"


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("5 m", "5"),
        ("5m", "5\\text{ seconds}"),
        ("6m", "5\\text{ meters}"),
        ("5x", "5\\text{ meters}"),
        ("5m^2", "5\\text{ meters}"),
        ("0.5\\%", "0.5"),
        ("-0.5\\%", "-\\frac12"),
        ("\\frac{\\sqrt2}{2}\\%", "\\frac{\\sqrt2}{2}"),
    ],
)
def test_other_quantities(one: str, other: str) -> None:
    assert scalars.compare(scalar(one), scalar(other)) != "equal"
    assert scalars.compare(scalar(other), scalar(one)) != "equal"


@pytest.mark.parametrize(
    "text",
    [
        "\\pi/6^\\circ",
        "\\frac{60^\\circ}{30^\\circ}",
        "(30^\\circ)^2",
        "\\sqrt{4^\\circ}",
        "30^\\circ \\cdot 2^\\circ",
        "30^\\circ\\text{ apples}",
        "5\\text{-10}",
        "5\\text{ (mod 7)}",
        "5eggs",
    ],
)
def test_what_is_not_read(text: str) -> None:
    with pytest.raises(UnreadableError):
        read_answer(text)


def test_a_degree_sign_is_the_unit_of_the_whole() -> None:
    node = scalar("\\frac{360^\\circ}{n}")
    assert isinstance(node, Quantity)
    assert node.unit == "degrees"


@pytest.mark.parametrize(
    ("text", "meaning"),
    [
        ("NO", "no"),
        ("Yes", "yes"),
        ("TRUE", "true"),
        ("DNE", "undefined"),
        ("does not exist", "undefined"),
        ("Undefined", "undefined"),
        ("AB", "AB"),
    ],
)
def test_words(text: str, meaning: str) -> None:
    assert read_answer(text) == Words(meaning)


def test_two_letters_are_words_only_where_they_are_listed() -> None:
    assert not isinstance(read_answer("on"), Words)
