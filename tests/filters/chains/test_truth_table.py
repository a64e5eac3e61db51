"""Truth tables agree with Python's `and`, `or`, `not` on every assignment."""

from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.chains.truth_table import LETTERS, truth_table
from filters.grammar import TooLargeError, UnreadableError

expressions = st.recursive(
    st.sampled_from([*LETTERS, "T", "F"]),
    lambda inner: st.one_of(
        st.tuples(inner, st.sampled_from("&|"), inner).map("".join),
        inner.map(lambda text: f"({text})"),
        inner.map(lambda text: f"!({text})"),
    ),
    max_leaves=10,
)
_IN_PYTHON = str.maketrans({"&": " and ", "|": " or ", "!": " not "})


def in_python(text: str) -> list[bool]:
    code = compile(text.translate(_IN_PYTHON).strip(), "<made above>", "eval")
    rows = product((False, True), repeat=len(LETTERS))
    return [eval(code, {**dict(zip(LETTERS, row, strict=True)), "T": True, "F": False}) for row in rows]


@given(expressions, expressions)
def test_equal_tables_mean_equal_on_every_assignment(one: str, other: str) -> None:
    assert (truth_table(one) == truth_table(other)) == (in_python(one) == in_python(other))


@given(expressions)
def test_tables_fill_32_rows(text: str) -> None:
    assert truth_table(text).bit_count() == sum(in_python(text))


def test_not_binds_before_and_before_or() -> None:
    assert truth_table("!a&b|c") == truth_table("((!a)&b)|c")
    assert truth_table("a|b&c") != truth_table("(a|b)&c")
    assert truth_table("!!a") == truth_table(" a ")


@pytest.mark.parametrize(
    "text", ["", "f", "ab", "a&", "&a", "a!", "(a", "a)", "()", "a==b", "1", "t", "a\x00"]
)
def test_refuses(text: str) -> None:
    with pytest.raises(UnreadableError):
        truth_table(text)


@pytest.mark.parametrize("text", ["(" * 99 + "a" + ")" * 99, "a|" * 300 + "a"])
def test_is_bounded(text: str) -> None:
    with pytest.raises(TooLargeError):
        truth_table(text)
