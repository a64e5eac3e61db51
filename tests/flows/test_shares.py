"""Which of many engines is given the next shard: the one with the fewest tokens left to draw, not the fewest shards."""

from collections import deque
from itertools import permutations

import pytest

from curriculum.records import Problem
from curriculum.standings import Cell
from flows.settings import Config, CurriculumConfig, PolicyConfig, VllmConfig
from flows.shard_samples import Work
from flows.shares import Given, Share, Shares

DRAWS, MOST = 8, 100
CONFIG = Config(policy=PolicyConfig(max_new_tokens=MOST), curriculum=CurriculumConfig(draws=DRAWS))
MIXING = Config(
    policy=PolicyConfig(engine="vllm", max_new_tokens=MOST),
    vllm=VllmConfig(concurrent=32),
    curriculum=CurriculumConfig(draws=DRAWS),
)


def shard(place: int, problems: int = 1, level: int = 1, what: str = "sample") -> Work:
    asked = [Problem("gcd", level, f"{place}.{number}", "", "integer") for number in range(problems)]
    return Work(1, what, place, asked, 1)


def share(*expected_and_drawn: tuple[float, int]) -> Share:
    """A worker's, with shards of so many tokens expected and drawn; their places are beyond 100."""
    share = Share()
    for place, (expected, drawn) in enumerate(expected_and_drawn, start=101):
        share.has[place] = Given(shard(place), expected, tokens=drawn)
    return share


def takers(config: Config, shares: list[Share], *works: Work) -> list[int | None]:
    """Of each shard, the place of whoever is given it; None if it waits on."""
    waiting = deque(works)
    Shares(config).give_out(waiting, shares)
    told = {work.place: number for number, share in enumerate(shares) for work in share.to_ask}
    assert [work.place for work in waiting] == [work.place for work in works if work.place not in told]
    assert all(place in shares[number].has for place, number in told.items())
    return [told.get(work.place) for work in works]


@pytest.mark.parametrize(
    "held",
    [
        [[(500, 0)], [(501, 0)], [(900, 100)]],
        [[(900, 700)], [(400, 0)], [(201, 0)]],
        [[], [(1, 0)], [(900, 899)]],
        [[(100, 90), (100, 90), (100, 90)], [(100, 0)], [(31, 0)]],
        [[(450, 0)], [(100, 700), (500, 0)], [(451, 0)]],
    ],
    ids=["fewest expected", "most drawn", "idle", "many shards", "one longer than expected"],
)
def test_the_next_shard_goes_to_whoever_has_the_fewest_tokens_left(
    held: list[list[tuple[float, int]]],
) -> None:
    """The first of these, wherever it stands; a shard that was longer than expected takes nothing off another."""
    for order in permutations(held):
        shares = [share(*shards) for shards in order]
        assert takers(MIXING, shares, shard(0)) == [order.index(held[0])]


def test_what_is_given_counts_at_once() -> None:
    """A long shard for one, and the short ones for the other."""
    shares = [Share(), Share()]
    works = [shard(0, problems=4), shard(1), shard(2), shard(3), shard(4)]
    assert takers(MIXING, shares, *works) == [0, 1, 1, 1, 1]
    assert [share.outstanding() for share in shares] == [4 * DRAWS * MOST, 4 * DRAWS * MOST]


def test_an_engine_of_ours_has_two_shards_at_a_time_however_short() -> None:
    assert takers(CONFIG, [share((1, 0), (1, 0)), share((900, 0))], shard(0), shard(1)) == [1, None]
    assert takers(CONFIG, [Share()], shard(0), shard(1), shard(2)) == [0, 0, None]


def test_vllm_is_given_as_many_as_keep_it_full() -> None:
    """Two times 32 samples, at 8 a problem, are asked for by 8 shards of one problem."""
    assert takers(MIXING, [Share()], *map(shard, range(10))) == [0] * 8 + [None] * 2
    alike = [shard(place, what="evaluate") for place in range(70)]  # one sample a problem
    assert takers(MIXING, [Share()], *alike) == [0] * 64 + [None] * 6


def test_vllm_is_kept_full_by_what_is_left_and_not_by_what_a_rule_may_spare() -> None:
    """At first a rule asks for 4 draws of a problem; of a shard that waits for one long thought one sample is left."""
    rule = MIXING.model_copy(update={"curriculum": CurriculumConfig(draws=DRAWS, stopping="agreement")})
    assert takers(rule, [Share()], *map(shard, range(20))) == [0] * 16 + [None] * 4
    waits = Share()
    waits.has = {place: Given(shard(place), 800, samples=DRAWS - 1) for place in range(100, 108)}
    assert takers(MIXING, [waits], *map(shard, range(10))) == [0] * 7 + [None] * 3


def test_tokens_are_expected_by_what_samples_of_the_cell_have_taken() -> None:
    shares = Shares(CONFIG)
    shares.drawn(Cell("gcd", 1), samples=4, tokens=60)
    shares.drawn(Cell("gcd", 1), samples=6, tokens=40)
    one = Share()
    mixed = Work(1, "sample", 0, [*shard(0, 3).problems, *shard(0, 2, level=2).problems], 1)
    shares.give_out(deque([mixed, shard(1, what="evaluate")]), [one])
    assert one.has[0].expected == DRAWS * (3 * 10 + 2 * MOST)  # of level 2 there is none yet
    assert one.has[1].expected == 10


def test_cells_that_turn_out_long_are_balanced_by_it() -> None:
    """One shard of a cell whose samples take 90 tokens against nine of one whose samples take 10."""
    shares, workers = Shares(MIXING), [Share(), Share()]
    shares.drawn(Cell("gcd", 1), samples=10, tokens=100)
    shares.drawn(Cell("gcd", 9), samples=10, tokens=900)
    shares.give_out(deque([shard(0, level=9), *map(shard, range(1, 8))]), workers)
    assert [sorted(worker.has) for worker in workers] == [[0], [1, 2, 3, 4, 5, 6, 7]]
