"""Pairs matched in length: the closest first, each sample once, one policy before two."""

from math import isclose, log

from hypothesis import given
from hypothesis import strategies as st

from warehouse.export.pairs import MOST_PAIRS, MOST_RATIO, Candidate, closest_first, match, matched_pairs


def candidate(key: str, is_right: bool, length: int, policy: str = "p", problem: str = "q") -> Candidate:
    return Candidate(problem, policy, key, is_right, length)


def keys(candidates: list[Candidate]) -> list[tuple[str, str]]:
    return [(pair.chosen.sample_key, pair.rejected.sample_key) for pair in match(candidates)]


def test_the_closest_lengths_go_together() -> None:
    assert keys([candidate("a", True, 100), candidate("b", False, 120), candidate("c", False, 95)]) == [
        ("a", "c")
    ]


def test_what_lies_between_two_pairs_does_not_keep_them_apart() -> None:
    # by length: d 97, a 100, b 101, c 103. After (a, b) went, d and c are neighbours
    line = [
        candidate("a", True, 100),
        candidate("c", True, 103),
        candidate("b", False, 101),
        candidate("d", False, 97),
    ]
    assert keys(line) == [("a", "b"), ("c", "d")]


def test_lengths_too_far_apart_are_no_pair() -> None:
    assert keys([candidate("a", True, 100), candidate("b", False, 126)]) == []
    assert keys([candidate("a", True, 100), candidate("b", False, 125)]) == [("a", "b")]


def test_one_policy_comes_before_two_and_what_is_left_is_paired_across() -> None:
    mixed = [
        candidate("a", True, 100, "one"),
        candidate("b", False, 110, "one"),
        candidate("c", False, 100, "two"),
        candidate("d", True, 105, "three"),
    ]
    assert keys(mixed) == [("a", "b"), ("d", "c")]


def test_a_problem_has_so_many_pairs_and_no_more() -> None:
    many = [candidate(f"{n}{right}", right, 100) for n in range(9) for right in (True, False)]
    assert len(match(many)) == MOST_PAIRS


def test_problems_are_not_mixed() -> None:
    rows = [candidate("a", True, 9, problem="x"), candidate("b", False, 9, problem="y")]
    assert list(matched_pairs(rows)) == []


def test_ten_thousand_solutions_of_one_problem_are_matched_in_no_time() -> None:
    many = [candidate(f"{n:05}", n % 2 == 0, 100 + n) for n in range(10_000)]
    found = list(closest_first(many))
    assert len(found) == 5_000


@given(st.lists(st.tuples(st.booleans(), st.integers(1, 60)), max_size=24))
def test_neighbours_alone_give_what_comparing_all_with_all_gives(drawn: list[tuple[bool, int]]) -> None:
    line = [candidate(f"{n:02}", right, length) for n, (right, length) in enumerate(drawn)]
    left, gaps = list(line), []
    while True:  # the closest of all that are left, again and again
        by_gap = [
            (abs(log(a.length / b.length)), a, b) for a in left for b in left if a.is_right and not b.is_right
        ]
        if not by_gap or min(by_gap)[0] > log(MOST_RATIO):
            break
        gap, a, b = min(by_gap)
        gaps.append(gap)
        left.remove(a)
        left.remove(b)
    found = list(closest_first(line))
    samples = [sample.sample_key for pair in found for sample in (pair.chosen, pair.rejected)]
    assert len(samples) == len(set(samples))
    assert all(pair.chosen.is_right and not pair.rejected.is_right for pair in found)
    assert all(pair.ratio <= MOST_RATIO * 1.000001 for pair in found)
    if len({length for _, length in drawn}) == len(drawn):  # equal lengths: which of them is taken is free
        assert all(isclose(log(pair.ratio), gap, abs_tol=1e-9) for pair, gap in zip(found, gaps, strict=True))
