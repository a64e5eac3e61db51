"""The computed views against values worked out by hand."""

import re
import time
from pathlib import Path
from typing import Any

import pytest

import warehouse
from tests.warehouse.story import (
    BASE,
    FIRST,
    assignment,
    outcome,
    overlap,
    policy,
    problem,
    promotion,
    sample,
    selection,
    spend,
    standing,
    stretch,
    verdict,
)
from warehouse.kinds import kinds
from warehouse.query import grains
from warehouse.report.intervals import wilson
from warehouse.store import Warehouse

FILES = sorted((Path(warehouse.__file__).parent / "views").glob("*.sql"))
VIEWS = [path for path in FILES if "create or replace view" in path.read_text()]
SECOND = "r2-22222222"


@pytest.fixture
def store(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path)


def rows(store: Warehouse, sql: str) -> list[tuple[Any, ...]]:
    return [tuple(row.values()) for row in store.query(sql)]


def test_the_newest_revision_is_what_counts(store: Warehouse) -> None:
    first = [outcome("a", "p"), outcome("b", "p", "not_judged"), outcome("c", "p", steps=None)]
    later = [
        outcome("a", "p", "wrong", revision=1, judge="integer/2"),
        outcome("a", "p", "no_answer", revision=2, judge="integer/3"),
        outcome("b", "p", "right", revision=1),
    ]
    store.commit("rejudge/2", {"outcome_revisions": later})
    store.commit("r1/sample", {"outcome_revisions": first})
    assert rows(store, "select sample_key, outcome, judge, steps, revision from outcomes order by all") == [
        ("a", "no_answer", "integer/3", "right", 2),
        ("b", "right", "integer/1", "right", 1),
        ("c", "right", "integer/1", None, 0),
    ]


def test_pass_rates_by_hand(store: Warehouse) -> None:
    facts = [
        outcome("a", "p"),
        outcome("b", "p", "wrong"),
        outcome("c", "p", "no_answer"),
        outcome("d", "p", "not_judged"),  # leaves the denominator
        outcome("e", "p", policy=FIRST),
        outcome("f", "q", "wrong", stage="import", judge="text/1"),
        outcome("g", "p", stage="evaluate", split="heldout"),
        outcome("h", "p", stage="guess"),
        outcome("i", "p", "wrong"),
        outcome("i", "p", "right", revision=1),
    ]
    store.commit("r1/all", {"outcome_revisions": facts})
    found = rows(store, "select * exclude (low, high) from pass_rates order by all")
    assert found == [
        ("p", BASE, "integer/1", 4, 2, 0.5),
        ("p", FIRST, "integer/1", 1, 1, 1.0),
        ("q", BASE, "text/1", 1, 0, 0.0),
    ]
    for row in store.query("from pass_rates"):
        assert (row["low"], row["high"]) == pytest.approx(wilson(row["correct"], row["judged"]), abs=1e-9)


def test_wilsons_interval_is_the_reports(store: Warehouse) -> None:
    counts = "range(1, 60) n(n), range(60) k(k) where k <= n"
    cases = f"select k, n, wilson(k, n).low, wilson(k, n).high from {counts}"
    for correct, judged, low, high in rows(store, cases):
        assert (low, high) == pytest.approx(wilson(correct, judged), abs=1e-7)
    assert rows(store, "select wilson(0, 0).low, wilson(null, null).high") == [(None, None)]


def test_evaluations_by_hand(store: Warehouse) -> None:
    heldout: dict[str, Any] = {"stage": "evaluate", "split": "heldout", "round": 0}
    facts = [
        outcome("bp", "p", **heldout),
        outcome("bq", "q", "wrong", **heldout),
        outcome("bt", "t", "no_answer", **heldout | {"split": "train"}),
        outcome("bs", "s", "wrong", **heldout | {"family": "sort_string", "level": 3}),
        outcome("cp", "p", **heldout | {"round": 1, "policy": FIRST}),
        outcome("cq", "q", "not_judged", **heldout | {"round": 1, "policy": FIRST}),
        outcome("xp", "p", "wrong", policy=FIRST),  # drawn for training: no part of this
    ]
    store.commit("r0/all", {"outcome_revisions": facts})
    assert rows(store, "select * exclude (low, high) from evaluations order by all") == [
        (0, BASE, "gcd", 1, "heldout", 2, 1, 0.5),
        (0, BASE, "gcd", 1, "train", 1, 0, 0.0),
        (0, BASE, "sort_string", 3, "heldout", 1, 0, 0.0),
        (1, FIRST, "gcd", 1, "heldout", 1, 1, 1.0),
    ]
    assert store.query("from evaluations where judged = 2")[0]["high"] == pytest.approx(wilson(1, 2)[1])


def test_checkpoints_by_hand(store: Warehouse) -> None:
    heldout: dict[str, Any] = {"stage": "evaluate", "split": "heldout"}
    facts = [
        outcome(f"b{i}", f"p{i}", "right" if i else "wrong", round=0, level=i, **heldout) for i in range(4)
    ]
    facts += [outcome(f"c{i}", f"p{i}", policy=FIRST, level=i, **heldout) for i in range(4)]
    tables = {
        "policies": [policy(BASE, 0, None), policy(FIRST, 1, BASE), policy(SECOND, 2, FIRST)],
        "promotions": [promotion(1, FIRST, BASE, True), promotion(3, "", FIRST, False)],
        "outcome_revisions": facts,
    }
    store.commit("all", tables)
    columns = "policy, parent, decision, p_value, gained, lost, judged, correct, pass_rate, parent_pass_rate"
    assert rows(store, f"select {columns} from checkpoints order by round") == [
        (BASE, None, "base", None, None, None, 4, 3, 0.75, None),
        (FIRST, BASE, "promoted", 0.25, 3, 1, 4, 4, 1.0, 0.75),
        (SECOND, FIRST, None, None, None, None, None, None, None, 1.0),  # not yet evaluated, nor decided on
    ]
    assert store.query("from checkpoints where round = 0")[0]["low"] == pytest.approx(wilson(3, 4)[0])


def test_the_frontier_is_where_the_newest_standing_is_neither_near_0_nor_near_1(store: Warehouse) -> None:
    older = [standing(1, level, 50, 100, 0.5) for level in range(1, 6)]
    newer = [
        standing(2, 1, 99, 100, 0.98),
        standing(2, 2, 93, 100, 0.92),
        standing(2, 3, 1, 10, 0.17),
        standing(2, 4, 1, 100, 0.02),
        standing(2, 5, 0, 0, 0.5),  # never tried
    ]
    store.commit("r1/generate", {"standings": older})
    store.commit("r2/generate", {"standings": newer})
    assert rows(store, "from frontier order by all") == [
        ("gcd", 2, 2, 100.0, 0.92, 0.46, 0.96),
        ("gcd", 3, 2, 10.0, 0.17, 0.085, 0.585),
    ]


def test_the_curriculum_has_the_standing_that_a_draw_went_by(store: Warehouse) -> None:
    tables = {
        "assignments": [
            assignment(1, 2, "hard", 5),
            assignment(1, 2, "uniform", 3),
            assignment(1, 3, "hard", 1),
        ],
        "standings": [standing(1, 2, 1, 10, 0.25), standing(2, 2, 9, 10, 0.75)],
    }
    store.commit("r1/generate", tables)
    assert rows(store, "from curriculum order by all") == [
        (1, "gcd", 2, "hard", 5, 10.0, 0.25, 0.125, 0.625),
        (1, "gcd", 2, "uniform", 3, 10.0, 0.25, 0.125, 0.625),
        (1, "gcd", 3, "hard", 1, None, None, None, None),  # of a home from before standings were kept
    ]


def test_rejections_by_hand(store: Warehouse) -> None:
    reasons = {1: ["admitted", "wrong", "wrong", "over_cap", "replayed"], 2: ["wrong", "admitted"]}
    found = [selection(r, f"{r}-{i}", why) for r, whys in reasons.items() for i, why in enumerate(whys)]
    store.commit("r1/select", {"selections": found})
    assert rows(store, "from rejections order by all") == [
        (1, "over_cap", 1, 0.25),
        (1, "wrong", 2, 0.5),
        (2, "wrong", 1, 0.5),
    ]


def test_costs_by_hand(store: Warehouse) -> None:
    spent = [spend(1, "sample", 100, 2.0), spend(1, "sample", 200, 4.0), spend(1, "select", 0, 0.0)]
    store.commit("r1/spend", {"spend": spent})
    assert rows(store, "from costs order by all") == [
        (1, "sample", 300, 6.0, 50.0),
        (1, "select", 0, 0.0, None),
    ]


@pytest.fixture
def trained(store: Warehouse) -> Warehouse:
    """Base, a promoted first, a refused second, and a third made of the first: its parent is not the second."""
    third = "r3-33333333"
    line = [policy(BASE, 0, None), policy(FIRST, 1, BASE), policy(SECOND, 2, FIRST), policy(third, 3, FIRST)]
    fates = [
        selection(1, "a", "admitted"),
        selection(1, "b", "wrong", "q"),
        selection(2, "c", "admitted", "q"),
        selection(2, "a", "replayed"),
        selection(3, "d", "admitted", None),  # of a home from before selections had their problem
    ]
    facts = [
        outcome("a", "p", steps="right"),
        outcome("b", "q", "wrong"),
        outcome("c", "q", round=2, policy=FIRST),
        outcome("d", "q", round=3, policy=FIRST, level=2),
    ]
    store.commit("all", {"policies": line, "selections": fates, "outcome_revisions": facts})
    return store


def test_training_rows_by_hand(trained: Warehouse) -> None:
    columns = (
        "round, sample_key, problem_key, level, source, weight, drawn_by, drawn_in, judge, answer, steps"
    )
    assert rows(trained, f"select {columns} from training_rows order by all") == [
        (1, "a", "p", 1, "fresh", 1.0, BASE, 1, "integer/1", "7", "right"),
        (2, "a", "p", 1, "replayed", 1.0, BASE, 1, "integer/1", "7", "right"),
        (2, "c", "q", 1, "fresh", 1.0, FIRST, 2, "integer/1", "7", "right"),
        (3, "d", "q", 2, "fresh", 1.0, FIRST, 3, "integer/1", "7", "right"),
    ]


def test_lineage_goes_both_ways(trained: Warehouse) -> None:
    made_it = "select generation, trained, round, sample_key, drawn_by from lineage where policy like 'r3%'"
    assert rows(trained, f"{made_it} order by all") == [
        (0, "r3-33333333", 3, "d", FIRST),
        (1, FIRST, 1, "a", BASE),
    ]
    helped = "select policy, round, sample_key, source from lineage where problem_key = 'p' order by all"
    assert rows(trained, helped) == [
        (FIRST, 1, "a", "fresh"),
        (SECOND, 1, "a", "fresh"),
        (SECOND, 2, "a", "replayed"),
        ("r3-33333333", 1, "a", "fresh"),
    ]
    assert rows(trained, "select distinct policy from lineage where problem_key = 'q' order by all") == [
        (SECOND,),
        ("r3-33333333",),
    ]


def test_ancestors_end_at_the_base_whatever_the_rows_say(store: Warehouse) -> None:
    """A parent that is no older, which no run writes, must not send the recursion round in circles."""
    circle = [policy(BASE, 0, None), policy(FIRST, 1, BASE), policy("x", 2, "y"), policy("y", 2, "x")]
    store.commit("all", {"policies": circle})
    assert rows(store, "select policy, ancestor, generation from ancestors order by all") == [
        (BASE, BASE, 0),
        (FIRST, BASE, 1),
        (FIRST, FIRST, 0),
        ("x", "x", 0),
        ("y", "y", 0),
    ]


def test_judges_and_what_the_newest_version_says(store: Warehouse) -> None:
    later = [
        verdict("a", "wrong", "integer/10"),  # ten is after nine
        verdict("a", "right", "math/1"),
        verdict("b", "not_judged", "integer/10", "timed_out"),
        verdict("c", "right", "integer/9"),  # a repetition of what could not be judged
        verdict("d", "wrong", "steps/1"),
    ]
    earlier = [
        verdict("a", "right", "integer/9"),
        verdict("a", "right", "steps/2"),
        verdict("a", "wrong", "steps/1"),
        verdict("b", "right", "integer/9"),
        verdict("c", "not_judged", "integer/9", "timed_out"),
    ]
    store.commit("r1/judge/1", {"verdicts": later})
    store.commit("r1/judge/0", {"verdicts": earlier})
    assert rows(store, "select sample_key, name, judge, outcome from current_verdicts order by all") == [
        ("a", "integer", "integer/10", "wrong"),
        ("a", "math", "math/1", "right"),
        ("a", "steps", "steps/2", "right"),
        ("b", "integer", "integer/10", "not_judged"),
        ("c", "integer", "integer/9", "right"),
        ("d", "steps", "steps/1", "wrong"),
    ]
    assert rows(store, "select judge, version, verdicts, correct, succeeds from judges order by all") == [
        ("integer/10", 10, 2, 0, True),
        ("integer/9", 9, 4, 3, False),
        ("math/1", 1, 1, 1, False),
        ("steps/1", 1, 2, 0, False),
        ("steps/2", 2, 1, 1, True),
    ]


def test_flips_by_hand(store: Warehouse) -> None:
    versions = ((9, "right"), (10, "wrong"), (11, "wrong"))
    verdicts = [
        *[verdict("a", said, f"integer/{v}") for v, said in versions],
        verdict("a", "right", "math/1"),  # the check's newest says wrong
        verdict("a", "wrong", "steps/1"),  # no judge of the answer
        verdict("b", "not_judged"),
        verdict("b", "no_answer"),
        verdict("c", "right"),
        verdict("c", "right", "math/1"),
        verdict("d", "right", "steps/1"),
        verdict("d", "no_answer", "steps/2"),
        verdict("e", "wrong"),
        verdict("e", "right", "math/1"),  # a trial, and neither has a second version
    ]
    store.commit(
        "r1/judge", {"verdicts": verdicts, "outcome_revisions": [outcome(key, "p") for key in "abcde"]}
    )
    flips = "select sample_key, old_judge, new_judge, old_outcome, new_outcome from flips order by all"
    assert rows(store, flips) == [
        ("a", "integer/11", "math/1", "wrong", "right"),
        ("a", "integer/9", "integer/10", "right", "wrong"),
        ("b", "integer/1", "integer/1", "not_judged", "no_answer"),
        ("d", "steps/1", "steps/2", "right", "no_answer"),
        ("e", "integer/1", "math/1", "wrong", "right"),
    ]


def test_broken_reasoning_by_hand(store: Warehouse) -> None:
    steps = ["false_step"] * 3 + ["rounded_step"] + ["steps_hold"] * 13
    facts = [outcome(f"p{i}", "p", steps_reason=said) for i, said in enumerate(steps)]
    facts += [
        outcome("q0", "q", family="sort_string", stage="evaluate", steps_reason=None),
        outcome("guess", "p", stage="guess", steps_reason="false_step"),
        outcome("w", "p", "wrong", steps_reason="false_step"),
    ]
    store.commit("r1/all", {"outcome_revisions": facts})
    low, high = wilson(3, 17)
    near = pytest.approx
    assert rows(store, "from broken_reasoning order by family") == [
        (BASE, "gcd", 17, 3, 1, near(3 / 17), near(low), near(high)),
        (BASE, "sort_string", 1, 0, 0, 0.0, near(0, abs=1e-9), near(wilson(0, 1)[1])),
    ]


def test_easy_to_hack_by_hand(store: Warehouse) -> None:
    said = {"p": ("wrong", "right", "no_answer", "not_judged"), "q": ("wrong",) * 4}
    facts = [
        outcome(f"{p}{i}", p, s, stage="guess") for p, found in said.items() for i, s in enumerate(found)
    ]
    store.commit("r1/all", {"outcome_revisions": [*facts, outcome("r", "r")]})  # r with reasoning: no guess
    assert rows(store, "from easy_to_hack") == [("p", 3, 1)]


def test_review_candidates_by_hand(store: Warehouse) -> None:
    facts = [
        outcome("fine", "p"),
        outcome("broken", "p", steps="wrong", steps_reason="false_step"),
        outcome("rounded", "p", steps="wrong", steps_reason="rounded_step"),
        outcome("unjudged", "p", "not_judged", answer=""),
        outcome("flipped", "p", "right"),
        outcome("flipped", "p", "wrong", revision=1),
        *[outcome(f"s{i}", "suspect", "wrong", answer="42") for i in range(5)],
        *[outcome(f"t{i}", "suspect", "right") for i in range(4)],
        *[outcome(f"u{i}", "hard", "wrong", answer="42") for i in range(4)],
        *[outcome(f"v{i}", "hard", "right") for i in range(4)],  # the right ones are as many
        *[outcome(f"x{i}", "varied", "wrong", answer=str(i)) for i in range(9)],
        *[outcome(f"y{i}", "silent", "wrong", answer="") for i in range(9)],
        *[outcome(f"g{i}", "easy", "right", stage="guess") for i in range(2)],
    ]
    store.commit("r1/all", {"outcome_revisions": facts})
    columns = "reason, problem_key, sample_key, policy, answer, samples"
    assert rows(store, f"select {columns} from review_candidates order by all") == [
        ("broken_steps", "p", "broken", BASE, "7", 1),
        ("flipped", "p", "flipped", BASE, "8", 1),
        ("guessed", "easy", None, None, "7", 2),
        ("not_judged", "p", "unjudged", BASE, "", 1),
        ("suspect_key", "suspect", None, None, "42", 5),
    ]


def test_a_promotion_without_a_test_has_no_p_value(store: Warehouse) -> None:
    decision = promotion(1, FIRST, BASE, False) | {"p_value": None}
    store.commit("r1/promote", {"promotions": [decision]})
    assert store.query("from promotions") == [decision]


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.stem)
def test_each_view_states_its_grain_and_is_named_as_its_file(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("-- Grain: one row per (")
    assert re.findall(r"create or replace view (\w+) as", text) == [path.stem]


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.stem)
def test_no_view_uses_what_duckdb_1_5_does_not_read_back(path: Path) -> None:
    """DuckDB 2.0 stores if(...) as a function, which 1.5 has only as syntax: a published view of it fails there."""
    assert not re.findall(r"\bif\(", path.read_text())


def test_everything_there_is_to_query_says_what_a_row_is(store: Warehouse) -> None:
    said = grains(store.home)
    assert said.keys() == kinds().keys() | {path.stem for path in VIEWS}
    assert [view for view, grain in said.items() if not grain.startswith("one row ")] == []


ONE_OF_EACH: dict[str, list[dict[str, Any]]] = {
    "problems": [problem("p"), problem("q")],
    "samples": [sample(key, "p") for key in "ab"],
    "verdicts": [
        verdict("a", "right"),
        verdict("a", "wrong", "integer/2"),
        verdict("a", "right", "math/1"),
        verdict("b", "right", "steps/1"),
        verdict("b", "wrong", "steps/2"),
    ],
    "outcome_revisions": [
        outcome("a", "p"),
        outcome("a", "p", "wrong", revision=1),
        outcome("b", "p", steps_reason="false_step"),
        outcome("c", "q", stage="evaluate", split="heldout"),
        outcome("d", "q", stage="guess"),
        outcome("e", "q", policy=FIRST),
    ],
    "selections": [
        selection(1, "a", "wrong"),
        selection(1, "b", "admitted"),
        selection(2, "b", "replayed"),
        selection(2, "e", "admitted"),
    ],
    "policies": [policy(BASE, 0, None), policy(FIRST, 1, BASE), policy(SECOND, 2, FIRST)],
    "promotions": [promotion(1, FIRST, BASE, True), promotion(2, SECOND, FIRST, False)],
    "standings": [standing(1, level, 5, 10, 0.5) for level in (1, 2)],
    "assignments": [assignment(1, level, slot, 3) for level in (1, 2) for slot in ("hard", "uniform")],
    "spend": [spend(1, "sample", 10, 1.0), spend(1, "sample", 10, 1.0)],
    "timeline": [
        stretch(1, "sample", 1.0, 0.5),
        stretch(1, "sample", 1.0, 0.5),
        stretch(1, "select", 1.0, None),
    ],
    "problem_overlaps": [overlap("p", "near", "q"), overlap("p", "exact", "r")],
}


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.stem)
def test_each_view_keeps_its_grain(path: Path, store: Warehouse) -> None:
    store.commit("r1/all", ONE_OF_EACH)
    grain = re.findall(r"\((.*?)\)", path.read_text().splitlines()[0])[0]
    found = store.query(f"select count(*) as n, count(distinct ({grain})) as grains from {path.stem}")
    assert found[0]["n"] == found[0]["grains"] > 0


@pytest.fixture(scope="module")
def large(tmp_path_factory: pytest.TempPathFactory) -> Warehouse:
    store = Warehouse(tmp_path_factory.mktemp("large"))
    keys = [f"{i:08x}" for i in range(40_000)]
    stages = ("sample", "evaluate", "guess", "sample")
    facts = [
        outcome(key, keys[i % 10_000], "right" if i % 3 else "wrong", stage=stages[i % 4], revision=revision)
        for i, key in enumerate(keys)
        for revision in ((0, 1) if i % 10 == 0 else (0,))
    ]
    verdicts = [
        verdict(key, "right" if i % 3 or v == 2 else "wrong", f"{judge}/{v}")
        for i, key in enumerate(keys)
        for judge, v in (("integer", 1), ("integer", 2), ("steps", 1), ("math", 1))
    ]
    tables = {
        "policies": ONE_OF_EACH["policies"],
        "outcome_revisions": facts,
        "verdicts": verdicts,
        "selections": [selection(1 + i % 2, key, "admitted") for i, key in enumerate(keys)],
        "problem_overlaps": [overlap(key, "near", "x") for key in keys],
    }
    store.commit("r1/all", tables)
    return store


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.stem)
def test_the_cost_of_a_view_grows_with_the_rows(path: Path, large: Warehouse) -> None:
    """A join in the wrong order is quadratic: at this size minutes, where some tenths of a second are enough."""
    started = time.perf_counter()
    large.query(f"select count(*) from (from {path.stem})")
    assert time.perf_counter() - started < 10
