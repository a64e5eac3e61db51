"""LaTeX arithmetic in plain signs: the value of a fraction stays, and what is no arithmetic stays unreadable."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.chains.arithmetic import evaluate
from filters.chains.markup import plain
from filters.grammar import UnreadableError

fractions = st.recursive(
    st.integers(1, 99).map(lambda n: (str(n), Fraction(n))),
    lambda inner: st.tuples(st.sampled_from(("frac", "dfrac", "tfrac")), inner, inner).map(
        lambda parts: (f"\\{parts[0]}{{{parts[1][0]}}}{{{parts[2][0]}}}", parts[1][1] / parts[2][1])
    ),
    max_leaves=8,
)


@given(fractions)
def test_nested_fractions_keep_their_value(fraction: tuple[str, Fraction]) -> None:
    text, value = fraction
    assert evaluate(plain(text)) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        (r"3 \times 4 \cdot 5", 60),
        (r"12 \div 3", 4),
        (r"\frac12", Fraction(1, 2)),
        (r"6\left(-\frac{2}{3}\right)", -4),
        (r"2^{10}", 1024),
        (r"1{,}000 + 1", 1001),
        (r"\$3 + \$4", 7),
        (r"10\% \times 50", 5),
        (r"180^\circ - 40^{\circ}", 140),
        (r"\boxed{12}", 12),
        (r"$7$", 7),
        (r"5\,000", None),
        (r"2\frac{1}{3}", None),
        (r"\sqrt{9}", 3),
        (r"\sqrt{\frac{1}{4}} + 1", Fraction(3, 2)),
        (r"2\sqrt{9}", 6),
        (r"\binom{9}{2}", 36),
        (r"\dbinom{4}{2} \cdot 2", 12),
        (r"\left|3-7\right| + \lvert 3-7 \rvert", 8),
        (r"\sqrt{2}", None),
        (r"\sqrt[3]{8}", None),
        (r"\sqrt9", None),
        (r"144\pi", None),
        (r"0.\overline{3}", None),
        (r"\frac{1}{", None),
        (r"\frac{1}2", None),
        (r"}{", None),
    ],
)
def test_plain(text: str, value: Fraction | None) -> None:
    if value is None:
        with pytest.raises(UnreadableError):
            evaluate(plain(text).strip())
    else:
        assert evaluate(plain(text).strip()) == value


@given(st.text(alphabet="abc 0123+=,.()\n"))
def test_plain_text_stays_as_it_is(text: str) -> None:
    assert plain(text) == text
