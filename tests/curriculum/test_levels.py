"""The draw of a round: exact totals, the shares of the slots, and which cells each slot favours."""

from collections import Counter
from math import sqrt

from hypothesis import given
from hypothesis import strategies as st

from curriculum.levels import SHARES, Assignment, Slot, assign
from curriculum.standings import Cell, Standing

FRONTIER, HOPELESS, MASTERED, RARE = (Cell("gcd", level) for level in (5, 12, 1, 8))
STANDINGS = {
    FRONTIER: Standing(200, 400),
    HOPELESS: Standing(0, 400),
    MASTERED: Standing(400, 400),
    RARE: Standing(40, 400),
}
PROBLEMS = 6000

known = st.tuples(st.integers(0, 40), st.integers(0, 40)).map(lambda rw: Standing(rw[0], sum(rw)))
cells = st.builds(Cell, st.sampled_from(["gcd", "chain_sums"]), st.integers(1, 12))


def drawn(slot: Slot, assignments: list[Assignment]) -> Counter[Cell]:
    return Counter({a.cell: a.problems for a in assignments if a.slot == slot})


def near(count: int, share: float, of: int) -> bool:
    """Within four standard deviations of a binomial count."""
    return abs(count - share * of) < 4 * sqrt(share * (1 - share) * of)


@given(st.dictionaries(cells, known, min_size=1, max_size=6), st.integers(0, 60), st.integers())
def test_all_problems_are_assigned_once_and_the_same_again(
    standings: dict[Cell, Standing], problems: int, seed: int
) -> None:
    assignments = assign(standings, problems, seed)
    assert sum(a.problems for a in assignments) == problems
    assert all(a.problems > 0 and a.cell in standings for a in assignments)
    assert len({(a.cell, a.slot) for a in assignments}) == len(assignments)
    assert assign(dict(reversed(standings.items())), problems, seed) == assignments


def test_another_seed_draws_otherwise() -> None:
    assert assign(STANDINGS, 100, 1) != assign(STANDINGS, 100, 2)


def test_the_slots_have_their_shares() -> None:
    assert SHARES == {"learnability": 0.7, "hard": 0.1, "uniform": 0.2}
    assignments = assign(STANDINGS, PROBLEMS, 0)
    for slot, share in SHARES.items():
        assert near(drawn(slot, assignments).total(), share, PROBLEMS)


def test_learnability_goes_where_the_model_succeeds_sometimes() -> None:
    chosen = drawn("learnability", assign(STANDINGS, PROBLEMS, 0))
    assert near(
        chosen[FRONTIER], 0.25 / (0.25 + 0.09 + 2 * 0.0025), chosen.total()
    )  # p(1-p) of .5, .1, and ~0
    assert chosen[HOPELESS] + chosen[MASTERED] < 0.03 * chosen.total()


def test_a_cell_never_seen_is_as_learnable_as_the_prior_says() -> None:
    unseen = Cell("gcd", 9)
    chosen = drawn("learnability", assign({unseen: Standing(), HOPELESS: Standing(0, 400)}, PROBLEMS, 0))
    assert chosen[unseen] > 0.9 * chosen.total()


def test_hard_takes_only_cells_with_both_outcomes_the_rarer_the_likelier() -> None:
    chosen = drawn("hard", assign(STANDINGS, PROBLEMS, 0))
    assert set(chosen) == {FRONTIER, RARE}
    rare = 1 - STANDINGS[RARE].mean
    assert near(chosen[RARE], rare / (rare + 0.5), chosen.total())


def test_hard_takes_any_cell_while_none_has_both_outcomes() -> None:
    chosen = drawn("hard", assign({HOPELESS: Standing(0, 8), MASTERED: Standing(8, 8)}, PROBLEMS, 0))
    assert near(chosen[HOPELESS], 0.5, chosen.total())


def test_uniform_takes_any() -> None:
    chosen = drawn("uniform", assign(STANDINGS, PROBLEMS, 0))
    assert all(near(chosen[cell], 0.25, chosen.total()) for cell in STANDINGS)
