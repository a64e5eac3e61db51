"""The computed views against values worked out by hand."""

import re
import time
from collections.abc import Sequence
from pathlib import Path

import pytest

import warehouse
from warehouse.report.intervals import wilson
from warehouse.store import Warehouse

VIEWS = sorted((Path(warehouse.__file__).parent / "views").glob("*.sql"))


def problem(
    key: str, family: str = "gcd", level: int = 1, split: str = "train", round: int = 1
) -> dict[str, object]:
    return {
        "key": key,
        "family": family,
        "level": level,
        "question": f"question {key}",
        "answer": "7",
        "check_kind": "integer",
        "source": "generated",
        "split": split,
        "seed": 5,
        "round": round,
    }


def sample(
    key: str, problem_key: str, policy: str = "base-00000000", stage: str = "sample", round: int = 1
) -> dict[str, object]:
    return {
        "key": key,
        "problem_key": problem_key,
        "policy": policy,
        "draw": 0,
        "temperature": 1.0,
        "text": "A: 7",
        "tokens": 4,
        "finish": "stop",
        "round": round,
        "stage": stage,
    }


def verdict(
    sample_key: str, outcome: str, judge: str = "integer/1", reason: str = "equal"
) -> dict[str, object]:
    return {
        "sample_key": sample_key,
        "judge": judge,
        "outcome": outcome,
        "reason": reason,
        "extracted": "",
        "found_in": "answer_line",
    }


@pytest.fixture
def store(tmp_path: Path) -> Warehouse:
    return Warehouse(tmp_path)


def rows(store: Warehouse, sql: str) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in store.query(sql)]


def test_pass_rates_by_hand(store: Warehouse) -> None:
    samples = [
        *[sample(key, "p") for key in ("a", "b", "c", "d")],
        sample("e", "p", policy="r1-11111111"),
        sample("f", "q", stage="import"),
        sample("g", "p", stage="evaluate"),
        sample("h", "never judged"),
    ]
    verdicts = [
        verdict("a", "right"),
        verdict("b", "wrong"),
        verdict("c", "no_answer"),
        verdict("d", "not_judged"),  # leaves the denominator
        verdict("a", "wrong", judge="steps/1"),  # no answer judge
        verdict("a", "wrong", judge="integer/2"),  # another judge, another row
        verdict("e", "right"),
        verdict("f", "wrong", judge="text/1"),
        verdict("g", "right"),  # an evaluation
    ]
    store.commit("r1/sample/0", {"samples": samples})
    store.commit("r1/judge/0", {"verdicts": verdicts})
    assert rows(store, "from pass_rates order by all") == [
        ("p", "base-00000000", "integer/1", 3, 1, 1 / 3),
        ("p", "base-00000000", "integer/2", 1, 0, 0.0),
        ("p", "r1-11111111", "integer/1", 1, 1, 1.0),
        ("q", "base-00000000", "text/1", 1, 0, 0.0),
    ]


def test_pass_rates_count_a_sample_once_however_often_it_is_stored(store: Warehouse) -> None:
    for unit in ("r1", "r2"):
        store.commit(f"{unit}/sample/0", {"samples": [sample("a", "p"), sample("b", "p")]})
        store.commit(f"{unit}/judge/0", {"verdicts": [verdict("a", "right"), verdict("b", "wrong")]})
    assert rows(store, "select judged, correct from pass_rates") == [(2, 1)]


def evaluated(keys: Sequence[str], problem_key: str, policy: str, round: int) -> list[dict[str, object]]:
    return [sample(key, problem_key, policy, "evaluate", round) for key in keys]


def test_evaluations_by_hand(store: Warehouse) -> None:
    problems = [
        problem("p", "gcd", 1, "heldout", round=0),
        problem("q", "gcd", 1, "heldout", round=0),
        problem("t", "gcd", 1, "train", round=0),
        problem("s", "sort_string", 3, "heldout", round=0),
        problem("p", "gcd", 1, "heldout", round=4),  # drawn again later: still one problem
    ]
    samples = [
        *evaluated(["bp", "bp"], "p", "base-00000000", 0),  # stored twice, counted once
        *evaluated(["bq"], "q", "base-00000000", 0),
        *evaluated(["bt"], "t", "base-00000000", 0),
        *evaluated(["bs"], "s", "base-00000000", 0),
        *evaluated(["bp"], "p", "base-00000000", 2),  # the same answer, looked at again in round 2
        *evaluated(["cp"], "p", "r1-11111111", 1),
        *evaluated(["cq"], "q", "r1-11111111", 1),
        sample("xp", "p", "r1-11111111", "sample", 1),  # drawn for training: no part of this
    ]
    verdicts = [
        verdict("bp", "right"),
        verdict("bp", "right"),
        verdict("bq", "wrong"),
        verdict("bt", "no_answer"),
        verdict("bs", "right", judge="integer/9"),
        verdict("bs", "wrong", judge="integer/10"),  # a newer judge corrects an older: ten is after nine
        verdict("bs", "right", judge="math/11"),  # another judge on trial counts for nothing
        verdict("cp", "right"),
        verdict("cp", "wrong", judge="steps/1"),
        verdict("cq", "not_judged"),
        verdict("xp", "wrong"),
    ]
    store.commit("r0/all", {"problems": problems, "samples": samples, "verdicts": verdicts})
    assert rows(store, "from evaluations order by all") == [
        (0, "base-00000000", "gcd", 1, 1, 0, 0.0, "train"),
        (0, "base-00000000", "gcd", 1, 2, 1, 0.5, "heldout"),
        (0, "base-00000000", "sort_string", 3, 1, 0, 0.0, "heldout"),
        (1, "r1-11111111", "gcd", 1, 1, 1, 1.0, "heldout"),
        (2, "base-00000000", "gcd", 1, 1, 1, 1.0, "heldout"),
    ]


def test_the_newest_version_counts_by_hand(store: Warehouse) -> None:
    store.commit("r1/sample", {"problems": [problem("p")], "samples": [sample(key, "p") for key in "abcde"]})
    later = [
        verdict("a", "wrong", "integer/10"),
        verdict("a", "right", "math/1"),
        verdict("b", "not_judged", "integer/2", "timed_out"),
        verdict("c", "right", "integer/1"),  # a repetition of what could not be judged
        verdict("d", "wrong", "steps/1"),
        verdict("e", "right", "math/1"),
    ]
    earlier = [
        verdict("a", "right", "integer/9"),
        verdict("a", "right", "steps/2"),
        verdict("a", "wrong", "steps/1"),
        verdict("b", "right", "integer/1"),
        verdict("c", "not_judged", "integer/1", "timed_out"),
    ]
    store.commit("r1/judge/1", {"verdicts": later})
    store.commit("r1/judge/0", {"verdicts": earlier})
    assert rows(store, "select sample_key, name, judge, outcome from current_verdicts order by all") == [
        ("a", "integer", "integer/10", "wrong"),
        ("a", "math", "math/1", "right"),
        ("a", "steps", "steps/2", "right"),
        ("b", "integer", "integer/2", "not_judged"),
        ("c", "integer", "integer/1", "right"),
        ("d", "steps", "steps/1", "wrong"),
        ("e", "math", "math/1", "right"),
    ]
    outcomes = "select sample_key, outcome, reason, steps, steps_reason from outcomes order by all"
    assert rows(store, outcomes) == [
        ("a", "wrong", "equal", "right", "equal"),
        ("b", "not_judged", "timed_out", None, None),
        ("c", "right", "equal", None, None),
        ("d", None, None, "wrong", "equal"),
        ("e", None, None, None, None),
    ]


def test_flips_by_hand(store: Warehouse) -> None:
    store.commit("r1/sample", {"problems": [problem("p")], "samples": [sample(key, "p") for key in "abcd"]})
    verdicts = [
        *[
            verdict("a", outcome, f"integer/{v}")
            for v, outcome in ((9, "right"), (10, "wrong"), (11, "wrong"))
        ],
        verdict("a", "right", "math/1"),  # the check's newest says wrong
        verdict("a", "wrong", "steps/1"),  # no judge of the answer
        verdict("b", "not_judged"),
        verdict("b", "no_answer"),
        verdict("c", "right"),
        verdict("c", "right"),  # stored twice
        verdict("c", "right", "math/1"),
        verdict("d", "right", "steps/1"),
        verdict("d", "no_answer", "steps/2"),
    ]
    store.commit("r1/judge", {"verdicts": verdicts})
    flips = "select sample_key, old_judge, new_judge, old_outcome, new_outcome from flips order by all"
    assert rows(store, flips) == [
        ("a", "integer/11", "math/1", "wrong", "right"),
        ("a", "integer/9", "integer/10", "right", "wrong"),
        ("b", "integer/1", "integer/1", "not_judged", "no_answer"),
        ("d", "steps/1", "steps/2", "right", "no_answer"),
    ]


def test_broken_reasoning_by_hand(store: Warehouse) -> None:
    problems = [problem("p"), problem("q", "sort_string")]
    samples = [
        *[sample(f"p{i}", "p") for i in range(17)],
        sample("q0", "q", stage="evaluate"),
        sample("guess", "p", stage="guess"),
    ]
    verdicts = [verdict(row["key"], "right") for row in samples]  # type: ignore[arg-type]
    verdicts += [verdict(f"p{i}", "wrong", "steps/1", "false_step") for i in range(3)]
    verdicts += [verdict("p3", "wrong", "steps/1", "rounded_step")]
    verdicts += [verdict(f"p{i}", "right", "steps/1") for i in range(4, 17)]
    verdicts += [verdict("guess", "wrong", "steps/1"), verdict("q0", "no_answer", "steps/1")]
    store.commit("r1/all", {"problems": problems, "samples": samples, "verdicts": verdicts})
    (gcd, strings) = store.query("from broken_reasoning order by family")
    assert (gcd["family"], gcd["correct"], gcd["broken"], gcd["rounded"]) == ("gcd", 17, 3, 1)
    low, high = wilson(3, 17)
    assert (gcd["low"], gcd["high"]) == (pytest.approx(low, abs=1e-6), pytest.approx(high, abs=1e-6))
    assert (strings["correct"], strings["broken"], strings["share"], strings["low"]) == (1, 0, 0.0, 0.0)


def test_easy_to_hack_by_hand(store: Warehouse) -> None:
    samples = [sample(f"{p}{i}", p, stage="guess") for p in "pqr" for i in range(4)]
    verdicts = [
        verdict(f"p{i}", outcome) for i, outcome in enumerate(("wrong", "right", "no_answer", "not_judged"))
    ]
    verdicts += [verdict(f"q{i}", "wrong") for i in range(4)]
    samples.append(sample("r", "r"))
    verdicts.append(verdict("r", "right"))  # with reasoning: no guess
    problems = [problem(key) for key in "pqr"]
    store.commit("r1/all", {"problems": problems, "samples": samples, "verdicts": verdicts})
    assert rows(store, "from easy_to_hack") == [("p", 3, 1)]


def test_rejections_by_hand(store: Warehouse) -> None:
    reasons = {1: ["admitted", "wrong", "wrong", "over_cap"], 2: ["wrong", "admitted"]}
    selections = [
        {"round": r, "sample_key": f"{r}-{i}", "admitted": why == "admitted", "reason": why, "weight": 1.0}
        for r, found in reasons.items()
        for i, why in enumerate(found)
    ]
    store.commit("r1/select", {"selections": selections})
    assert rows(store, "from rejections order by all") == [
        (1, "over_cap", 1),
        (1, "wrong", 2),
        (2, "wrong", 1),
    ]


def test_a_promotion_without_a_test_has_no_p_value(store: Warehouse) -> None:
    decision = {
        "round": 1,
        "candidate": "r1-11111111",
        "incumbent": "base-00000000",
        "promoted": False,
        "p_value": None,
        "reason": "nothing to train on",
        "gained": 0,
        "lost": 0,
    }
    store.commit("r1/promote", {"promotions": [decision]})
    assert store.query("from promotions") == [decision]


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.stem)
def test_each_view_states_its_grain_and_is_named_as_its_file(path: Path) -> None:
    text = path.read_text()
    assert text.startswith("-- Grain: one row per (")
    assert re.findall(r"create or replace view (\w+) as", text) == [path.stem]


@pytest.mark.parametrize("path", VIEWS, ids=lambda path: path.stem)
def test_each_view_keeps_its_grain(path: Path, store: Warehouse) -> None:
    """Everything stored twice, under two names: no view shows a row of its grain twice."""
    for unit in ("r1", "r2"):
        store.commit(
            f"{unit}/all",
            {
                "problems": [problem("p"), problem("q")],
                "samples": [
                    sample("a", "p"),
                    sample("b", "q", stage="evaluate"),
                    sample("c", "q", stage="guess"),
                ],
                "verdicts": [
                    verdict("a", "right"),
                    verdict("a", "wrong", "integer/2"),
                    verdict("a", "right", "math/1"),
                    verdict("b", "right"),
                    verdict("b", "wrong", "steps/1"),
                    verdict("c", "right"),
                ],
                "selections": [
                    {"round": 1, "sample_key": "a", "admitted": False, "reason": "wrong", "weight": 0.0}
                ],
            },
        )
    grain = re.findall(r"\((.*?)\)", path.read_text().splitlines()[0])[0]
    found = store.query(f"select count(*) as n, count(distinct ({grain})) as grains from {path.stem}")
    assert found[0]["n"] == found[0]["grains"] > 0


@pytest.mark.parametrize("view", ["outcomes", "evaluations", "broken_reasoning", "easy_to_hack", "flips"])
def test_the_cost_of_a_view_grows_with_the_rows(view: str, store: Warehouse) -> None:
    """A join in the wrong order is quadratic: at this size minutes, where some tenths of a second are enough."""
    keys = [f"{i:08x}" for i in range(40_000)]
    store.commit(
        "r1/all",
        {
            "problems": [problem(key) for key in keys[:10_000]],
            "samples": [
                sample(key, keys[i % 10_000], stage="guess" if i % 2 else "evaluate")
                for i, key in enumerate(keys)
            ],
            "verdicts": [
                verdict(key, "right" if i % 3 else "wrong", judge)
                for i, key in enumerate(keys)
                for judge in ("integer/1", "integer/2", "steps/1", "math/1")
            ],
        },
    )
    started = time.perf_counter()
    store.query(f"select count(*) from (from {view})")
    assert time.perf_counter() - started < 10
