"""The parser agrees with Python's own on random calculations, and refuses what is none."""

from fractions import Fraction
from math import comb

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.chains.arithmetic import evaluate
from filters.grammar import TooLargeError, UnreadableError

numbers = st.integers(0, 99).map(str)
calculations = st.recursive(
    numbers,
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from(("+", "-", "*", "/", " + ", " * ")), inner).map("".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"-({text})"),
    ),
    max_leaves=12,
)


def in_python(text: str) -> Fraction | None:
    """Python's value of a calculation made above, with every number a Fraction."""
    exact = "".join(f"Fraction({part})" if part.isdigit() else part for part in _split(text))
    try:
        return Fraction(eval(exact, {"Fraction": Fraction}))
    except ZeroDivisionError:
        return None


def _split(text: str) -> list[str]:
    for mark in "+-*/() ":
        text = text.replace(mark, f"|{mark}|")
    return text.split("|")


@given(calculations)
def test_agrees_with_python(text: str) -> None:
    truth = in_python(text)
    if truth is None:
        with pytest.raises(ZeroDivisionError):
            evaluate(text)
    else:
        assert evaluate(text) == truth


@given(st.integers(-999, 999), st.integers(1, 99), st.integers(1, 99))
def test_remainder_is_pythons_and_ranks_with_times(a: int, b: int, m: int) -> None:
    assert evaluate(f"{a}*{b}%{m}") == a * b % m
    assert evaluate(f"{a}+{b}%{m}") == a + b % m


@given(st.integers(0, 999), st.integers(1, 999))
def test_a_root_is_of_a_perfect_square(a: int, b: int) -> None:
    assert evaluate(f"√({a * a}/({b}*{b}))") == Fraction(a, b)
    with pytest.raises(UnreadableError):
        evaluate(f"√({b * b}+1)")
    with pytest.raises(UnreadableError):
        evaluate(f"√(-{b})")


@given(st.integers(0, 60), st.integers(0, 60))
def test_a_binomial_coefficient_is_pythons(n: int, k: int) -> None:
    assert evaluate(f"({n})C({k})") == comb(n, k)
    with pytest.raises(UnreadableError):
        evaluate(f"({n})C({k}-61)")


@given(st.decimals(0, 10**6, places=3))
def test_decimals_are_exact(value: object) -> None:
    assert evaluate(str(value)) == Fraction(str(value))


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("2^3^2", 512),
        ("2**3", 8),
        ("-2^2", -4),
        ("2^-1", Fraction(1, 2)),
        ("3*-2", -6),
        (".5+1.50", 2),
        ("2 x 3", 6),
        ("2x3", 6),
        ("6÷3×2", 4),
        ("$1,234+$1", 1235),
        ("7%4*2", 6),
        ("-7%3", 2),
        ("+3", 3),
        ("5+2(3)", 11),
        ("(2)(3)(4)", 24),
        ("2(3)^2", 18),
        ("-2(3)", -6),
        ("7//2", 3),
        ("50*20%", 10),
        ("20% x 50", 10),
        ("3*(2+150%)", Fraction(21, 2)),
        ("5%", Fraction(1, 20)),
        ("25 / 5", 5),
        ("|3-7|", 4),
        ("|3-7| * |-2|", 8),
        ("||3-7|-9|", 5),
        ("√(9)+1", 4),
        ("√16*2", 8),
        ("√(√(16))", 2),
        ("5-2√(9)", -1),
        ("((4)C(2))/2", 3),
        ("(4)C(5)", 0),
    ],
)
def test_reads(text: str, value: Fraction) -> None:
    assert evaluate(text) == value


@pytest.mark.parametrize(
    "text",
    [
        "|",
        "|3",
        "3|4",
        "| 3 |",
        "2|3|",
        "√",
        "√(",
        "C",
        "4C2",
        "(4)C",
        "(4)C2",
        "",
        " ",
        "1 2",
        "1+",
        "*1",
        "()",
        "(1",
        "1)",
        "--1",
        "$",
        "1\x00",
        "%5",
        "2^.5",
    ],
)
def test_refuses_what_is_incomplete(text: str) -> None:
    with pytest.raises(UnreadableError):
        evaluate(text)


@pytest.mark.parametrize(
    "text", ["x", "5x", "5x+1", "x5", "5x(", "1+a", "1.5%2", "7%(-2)", "1.5//2", "2 (3)"]
)
def test_refuses_algebra_and_remainders_of_fractions(text: str) -> None:
    with pytest.raises(UnreadableError):
        evaluate(text)


@pytest.mark.parametrize("text", ["12/2(3)", "12%5(2)", "25 / 1/3", "3/ 1/4", "√16+9", "√4^2", "6/2√(9)"])
def test_refuses_what_people_read_both_ways(text: str) -> None:
    with pytest.raises(UnreadableError):
        evaluate(text)


@given(st.integers(0, 999), st.integers(0, 999))
def test_a_percentage_counts_in_the_unit_asked_for(a: int, b: int) -> None:
    assert evaluate(f"{a}%*{b}") == Fraction(a * b, 100)
    assert evaluate(f"{a}%*{b}", per_cent=1) == a * b


@pytest.mark.parametrize("text", ["1,00", "12,3456", "1..2", "1.", "1e5", "1_0", "0b1", "٣", "１", "²", "½"])
def test_refuses_other_spellings_of_numbers(text: str) -> None:
    with pytest.raises(UnreadableError):
        evaluate(text)


@pytest.mark.parametrize(
    "text",
    [
        "9**9**9",
        "99999999999999999999^64",
        "2^65",
        "2^-65",
        "(1001)C(500)",
        "(" * 99 + "1" + ")" * 99,
        "1" * 501,
        "1" * 400,
        "2^" * 40 + "1",
    ],
)
def test_is_bounded(text: str) -> None:
    with pytest.raises(TooLargeError):
        evaluate(text)


@pytest.mark.parametrize("text", ["1/0", "0^-1", "5%0", "5//0", "1/(2-2)"])
def test_division_by_zero_has_no_value(text: str) -> None:
    with pytest.raises(ZeroDivisionError):
        evaluate(text)
