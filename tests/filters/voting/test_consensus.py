"""Votes by classes of equal answers: who wins, and how sure that is."""

import math
import time
from collections import Counter
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from filters.intervals import wilson
from filters.voting import tally

classes = st.lists(st.one_of(st.none(), st.sampled_from("abcd")), max_size=40)
scores = st.floats(0, 1e100, allow_nan=False)


def test_a_plain_tally() -> None:
    result = tally(["16", "18", "16", None, "16"])
    assert (result.winner, result.answered, result.asked, result.classes) == ("16", 4, 5, 2)
    assert result.of_answered == wilson(3 / 4, 4)
    assert result.of_all == wilson(3 / 5, 5)


def test_scores_can_overrule_votes() -> None:
    result = tally(["a", "a", "b"], [0.1, 0.2, 0.9])
    assert result.winner == "b"
    assert [(vote.answer, vote.votes) for vote in result.votes] == [("b", 1), ("a", 2)]
    assert result.of_answered is not None
    assert result.of_answered.value == pytest.approx(0.9 / 1.2)
    effective = 1.2**2 / (0.1**2 + 0.2**2 + 0.9**2)
    assert result.of_answered.low == pytest.approx(wilson(0.75, effective).low)


def test_ties_go_to_more_votes_and_then_to_the_class_seen_first() -> None:
    assert tally(["b", "a", "a", "b"]).winner == "b"
    assert tally(["a", "b", "b"], [1.0, 0.5, 0.5]).winner == "b"


@pytest.mark.parametrize("votes", [[], [None, None]])
def test_no_answers_have_no_winner(votes: list[str | None]) -> None:
    result = tally(votes)
    assert (result.winner, result.of_answered, result.of_all) == (None, None, None)
    assert tally(votes, [1.0] * len(votes)) == result


def test_without_weight_there_is_no_winner() -> None:
    result = tally(["a", "b", None], [0.0, 0.0, 1.0])
    assert (result.winner, result.of_answered, result.classes) == (None, None, 2)


@pytest.mark.parametrize("score", [math.nan, math.inf, -math.inf, -0.1, 1e101])
def test_a_score_that_is_none_raises(score: float) -> None:
    with pytest.raises(ValueError, match="from 0 to 1e\\+100"):
        tally(["a", "b"], [1.0, score])


def test_scores_are_as_many_as_samples() -> None:
    with pytest.raises(ValueError, match="argument"):
        tally(["a", "b"], [1.0])


@given(st.lists(st.tuples(st.one_of(st.none(), st.sampled_from("abc")), scores)), st.randoms())
def test_the_order_of_samples_decides_only_ties(pairs: list[tuple[str | None, float]], rng: Random) -> None:
    shuffled = pairs.copy()
    rng.shuffle(shuffled)
    ways = (pairs, shuffled)
    for tallies in (
        [tally(name for name, _ in way) for way in ways],
        [tally([name for name, _ in way], [score for _, score in way]) for way in ways],
    ):
        one, other = (replace(found, votes=tuple(sorted(found.votes, key=str))) for found in tallies)
        assert one == other


@given(classes, st.floats(1e-100, 1e100))
def test_equal_scores_vote_as_no_scores_do(names: list[str | None], score: float) -> None:
    plain, weighted = tally(names), tally(names, [score] * len(names))
    assert (weighted.winner, weighted.answered, weighted.asked) == (plain.winner, plain.answered, plain.asked)
    for one, other in ((plain.of_answered, weighted.of_answered), (plain.of_all, weighted.of_all)):
        assert (one is None) == (other is None)
        if one and other:
            assert (other.value, other.low, other.high) == pytest.approx((one.value, one.low, one.high))


@given(st.lists(st.tuples(st.sampled_from("abc"), scores), min_size=1))
def test_shares_lie_in_their_intervals(pairs: list[tuple[str, float]]) -> None:
    result = tally([name for name, _ in pairs], [score for _, score in pairs])
    if result.of_answered:
        assert 0 <= result.of_answered.low <= result.of_answered.value <= result.of_answered.high <= 1


def test_the_work_grows_with_the_votes_alone() -> None:
    rng = Random("votes")
    names = [str(rng.randrange(100_000)) for _ in range(200_000)]  # pairs would be 10^10
    start = time.process_time()
    result = tally(names, [1.0] * len(names))
    assert time.process_time() - start < 10.0
    assert result.votes[0].votes == max(Counter(names).values())
