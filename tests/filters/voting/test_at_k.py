"""maj@k and pass@k."""

from fractions import Fraction
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.voting import answer_class, class_of_answer, majority, pass_at_k


def test_majority_and_the_right_answer_make_maj_at_k() -> None:
    votes = [answer_class("integer", text) for text in ("A: 16", "A: 18", "A: 016", "what?")]
    assert majority(votes) == class_of_answer("integer", "16")
    assert majority(["b", "c", "c"][:1]) == "b"


@given(st.integers(1, 8).flatmap(lambda n: st.tuples(st.just(n), st.integers(0, n), st.integers(1, n))))
def test_pass_at_k_counts_the_draws_with_a_right_one(case: tuple[int, int, int]) -> None:
    samples, right, k = case
    draws = list(combinations(range(samples), k))
    assert pass_at_k(samples, right, k) == float(Fraction(sum(min(d) < right for d in draws), len(draws)))


@pytest.mark.parametrize(("samples", "right", "k"), [(8, 9, 1), (8, -1, 1), (8, 1, 0), (8, 1, 9)])
def test_pass_at_k_refuses_what_cannot_be(samples: int, right: int, k: int) -> None:
    with pytest.raises(ValueError, match="pass@k"):
        pass_at_k(samples, right, k)
