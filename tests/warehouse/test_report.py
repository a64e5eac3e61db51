"""The report shows what the tables say, stands alone, and survives homes where little has happened."""

import re
from collections.abc import Mapping
from html.parser import HTMLParser
from io import StringIO
from pathlib import Path

import duckdb
import numpy as np
import pytest
from rich.console import Console

from warehouse.query import open_reader
from warehouse.report import build, summary
from warehouse.report.headline import headline, incumbents
from warehouse.report.intervals import paired_bootstrap, wilson
from warehouse.report.numerals import brief, duration, p_value
from warehouse.store import Warehouse

BASE, FIRST, SECOND = "base-0a1b2c3d", "r1-11111111", "r2-22222222"
HOSTILE = "</pre><script>alert('x')</script>\u202e\x00 3+5=9\nA: 8"
Tables = dict[str, list[dict[str, object]]]

# cell -> right answers of each policy, of ten held-out problems. The frontier is chain_sums 2 and gcd 1.
ROUNDS = {
    ("chain_sums", 1): {BASE: 10, FIRST: 10, SECOND: 10},
    ("chain_sums", 2): {BASE: 6, FIRST: 9, SECOND: 8},
    ("gcd", 1): {BASE: 2, FIRST: 5, SECOND: 5},
    ("gcd", 2): {BASE: 0, FIRST: 1, SECOND: 0},
}


def outcome(sample: str, judge: str, outcome: str) -> dict[str, object]:
    return {
        "sample_key": sample,
        "judge": judge,
        "outcome": outcome,
        "reason": "code",
        "extracted": "",
        "found_in": "",
    }


def drawn(key: str, problem: str, policy: str, text: str, number: int, stage: str) -> dict[str, object]:
    where = {"key": key, "problem_key": problem, "policy": policy, "round": number, "stage": stage}
    return {**where, "draw": 0, "temperature": 0.0, "text": text, "tokens": 10, "finish": "stop"}


def asked(key: str, family: str, level: int, split: str = "heldout") -> dict[str, object]:
    names = {"key": key, "family": family, "level": level, "question": f"{key}?", "answer": "8"}
    return {**names, "check_kind": "integer", "source": "generated", "split": split, "seed": 1, "round": 0}


def decided(number: int, candidate: str, incumbent: str, promoted: bool) -> dict[str, object]:
    names = {"round": number, "candidate": candidate, "incumbent": incumbent, "promoted": promoted}
    test = {"p_value": 0.0125 if promoted else None, "reason": "better" if promoted else "no gain"}
    return {**names, **test, "gained": 17, "lost": 3}


def evaluated(rights: Mapping[tuple[str, int], Mapping[str, int]]) -> Tables:
    """Ten held-out problems a cell, the first so many of them right."""
    tables: Tables = {"problems": [], "samples": [], "verdicts": []}
    for (family, level), by_policy in rights.items():
        for i in range(10):
            problem = f"{family} {level} {i}"
            tables["problems"].append(asked(problem, family, level))
            for policy, right in by_policy.items():
                key, number = f"{policy} {problem}", 0 if policy == BASE else int(policy[1])
                text = "3+5=8\nA: 8" if i < right else HOSTILE
                tables["samples"].append(drawn(key, problem, policy, text, number, "evaluate"))
                tables["verdicts"].append(outcome(key, "integer/1", "right" if i < right else "wrong"))
    return tables


def played() -> Tables:
    """Two rounds: the first candidate promoted, the second refused."""
    tables = evaluated(ROUNDS)
    parents = {BASE: None, FIRST: BASE, SECOND: FIRST}
    tables["policies"] = [
        {"policy": policy, "round": number, "path": "p", "parent": parent, "digest": "d"}
        for number, (policy, parent) in enumerate(parents.items())
    ]
    tables["promotions"] = [decided(1, FIRST, BASE, True), decided(2, SECOND, FIRST, False)]
    tables["assignments"] = [
        {"round": number, "family": "gcd", "level": number + 1, "slot": slot, "problems": 70}
        for number in (1, 2)
        for slot in ("learnability", "hard", "uniform")
    ]
    tables["problems"].append(asked("practice", "gcd", 1, split="train"))
    tables["samples"].append(drawn("guess", "practice", BASE, HOSTILE, 1, "sample"))
    tables["verdicts"] += [outcome("guess", "integer/1", "right"), outcome("guess", "steps/1", "wrong")]
    fates = [("admitted", 6), ("replayed", 2), ("wrong", 3), ("broken_steps", 1)]
    tables["selections"] = [
        {"round": n, "sample_key": f"{reason}{i}", "reason": reason, "weight": 1.0, "problem_key": None}
        | {"admitted": reason in ("admitted", "replayed")}
        for n in (1, 2)
        for reason, samples in fates
        for i in range(samples)
    ]
    tables["training"] = [
        {"round": n, "step": step, "loss": 1 / (1 + step), "tokens": 50, "seconds": 0.1}
        for n in (1, 2)
        for step in range(20)
    ]
    tables["spend"] = [
        {"round": n, "stage": stage, "tokens": tokens, "seconds": seconds}
        for n in (1, 2)
        for stage, tokens, seconds in (("sample", 12_345, 40.0), ("judge", 0, 5.5), ("finetune", 2000, 20.0))
    ]
    return tables


def recorded() -> Tables:
    """What `import` leaves behind: recorded samples with their verdicts, and nothing else."""
    problems = [asked(f"word problem {i}", "gsm8k", 1, "train") for i in range(4)]
    samples = [drawn(f"s{i}", f"word problem {i}", "6B_verified", "A: 8", 0, "import") for i in range(4)]
    verdicts = [outcome(f"s{i}", "number/1", "right" if i else "wrong") for i in range(4)]
    return {"problems": problems, "samples": samples, "verdicts": verdicts}


def opened(home: Path, tables: Tables) -> duckdb.DuckDBPyConnection:
    with Warehouse(home) as store:
        store.commit("all", with_outcomes(tables))
    return open_reader(home)


def with_outcomes(tables: Tables) -> Tables:
    """With what counts of each sample, as it is committed beside it."""
    if "samples" not in tables:
        return tables
    problems = {row["key"]: row for row in tables["problems"]}
    answers, steps = (
        {
            row["sample_key"]: row
            for row in tables["verdicts"]
            if row["judge"].startswith("steps/") is of_steps
        }  # type: ignore[attr-defined]
        for of_steps in (False, True)
    )
    facts: list[dict[str, object]] = []
    for sample in tables["samples"]:
        problem, said = problems[sample["problem_key"]], answers[sample["key"]]
        checked = steps.get(sample["key"], {"outcome": None, "reason": None})
        names = ("problem_key", "policy", "round", "stage", "tokens", "finish")
        facts.append(
            {name: sample[name] for name in names}
            | {name: problem[name] for name in ("family", "level", "split")}
            | {name: said[name] for name in ("sample_key", "outcome", "reason", "judge")}
            | {"answer": "", "steps": checked["outcome"], "steps_reason": checked["reason"], "revision": 0}
        )
    return {**tables, "outcome_revisions": facts}


def page(home: Path, tables: Tables) -> str:
    with opened(home, tables) as con:
        return build(con, home)


def terminal(home: Path, tables: Tables) -> str:
    out = StringIO()
    with opened(home, tables) as con:
        Console(width=80, file=out).print(summary(con, Path("report.html")))
    return out.getvalue()


VOID = {"meta", "br"}


class Reader(HTMLParser):
    """Checks that tags balance; gathers what would be fetched, the tags used, and the text shown."""

    def __init__(self, text: str) -> None:
        super().__init__()
        self.open: list[str] = []
        self.tags: set[str] = set()
        self.ids: list[str] = []
        self.fetched: list[str] = []
        self.words: list[str] = []
        self.feed(text)
        self.close()
        assert self.open == []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_startendtag(tag, attrs)
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.add(tag)
        for name, value in attrs:
            if name in ("src", "href", "xlink:href", "data", "action", "srcset", "poster"):
                self.fetched.append(value or "")
            if name == "id":
                self.ids.append(value or "")
            assert not name.startswith("on")

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop() == tag

    def handle_data(self, data: str) -> None:
        self.words.append(data)

    @property
    def text(self) -> str:
        return " ".join(" ".join(self.words).split())


def test_the_headline_is_what_one_works_out_by_hand(tmp_path: Path) -> None:
    with opened(tmp_path, played()) as con:
        found = headline(con)
    assert found is not None
    assert found.frontier == [("chain_sums", 2), ("gcd", 1)]
    assert (found.before, found.after, found.problems) == pytest.approx((8 / 20, 14 / 20, 20))
    assert found.gain is not None
    assert found.gain.mean == pytest.approx(6 / 20)
    assert 0 < found.gain.low < found.gain.mean < found.gain.high
    assert (found.now, found.promoted, found.mastered, found.forgotten) == (FIRST, 1, 1, [])
    assert (found.sampled_tokens, found.trained_tokens) == (10, 2 * 20 * 50)


def test_the_page_shows_those_figures(tmp_path: Path) -> None:
    text = Reader(page(tmp_path, played())).text
    assert "The frontier moved: +30.0 points" in text
    assert "over the 2 cells" in text
    assert "went from 40.0% to 70.0%" in text
    assert "1 of 2 candidates promoted" in text
    assert "mastered cells lost 0 of 1" in text
    assert "60% of 20 new samples admitted; most of the others: wrong, 30%" in text
    assert "Mean level drawn: 2.0 in round 1, 3.0 in round 2" in text
    assert "2 min 11 s in all, 61% of it in stage sample" in text
    assert "24.7k · 1 min 20 s" in text
    assert f"1 {FIRST} {BASE} promoted 0.013 17 3 better" in text
    assert f"2 {SECOND} {FIRST} refused – 17 3 no gain" in text


def test_a_forgotten_cell_is_named(tmp_path: Path) -> None:
    tables = evaluated({**ROUNDS, ("sort_string", 4): {BASE: 10, FIRST: 6, SECOND: 10}})
    tables["promotions"] = [decided(1, FIRST, BASE, True)]
    assert "mastered cells lost 1 of 2 sort_string 4" in Reader(page(tmp_path / "page", tables)).text
    assert "clearly under 95%: sort_string 4" in terminal(tmp_path / "terminal", tables)


def test_the_page_is_html_that_fetches_nothing(tmp_path: Path) -> None:
    text = page(tmp_path, played())
    found = Reader(text)
    assert all(link.startswith("#") for link in found.fetched)
    assert found.tags.isdisjoint({"script", "link", "img", "image", "iframe", "object", "foreignobject"})
    assert len(found.ids) == len(set(found.ids))
    assert not re.search(r"@import|url\((?!#)", text)
    assert not re.search(r"(?<!xmlns=\")(?<!xmlns:xlink=\")https?://", text)


def test_what_data_says_is_never_markup(tmp_path: Path) -> None:
    evil = '"><img src=x onerror=alert(1)> $x_1$ & [red]'
    tables = evaluated({(evil, level): right for (_, level), right in ROUNDS.items()})
    tables["promotions"] = [{**decided(1, FIRST, BASE, True), "reason": evil}]
    tables["selections"] = [
        {"round": 1, "sample_key": "s", "admitted": False, "reason": evil, "weight": 0.0, "problem_key": "p"}
    ]
    tables["assignments"] = [{"round": 1, "family": evil, "level": 1, "slot": evil, "problems": 3}]
    tables["spend"] = [{"round": 1, "stage": evil, "tokens": 1, "seconds": 1.0}]
    text = page(tmp_path / "page", tables)
    assert Reader(text).tags.isdisjoint({"script", "img"})
    assert "$x_1$" in text
    assert "[red]" in terminal(tmp_path / "terminal", tables)


def test_model_text_is_shown_with_its_control_characters_spelled_out(tmp_path: Path) -> None:
    text = page(tmp_path, played())
    assert "&lt;/pre&gt;&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;⟨U+202E⟩⟨U+0000⟩" in text
    assert "\u202e" not in text
    assert "\x00" not in text


def test_an_example_is_newly_solved_and_another_right_on_broken_steps(tmp_path: Path) -> None:
    text = Reader(page(tmp_path, played())).text
    solved = text[text.index("Newly solved") : text.index("Right answer, broken steps")]
    assert "chain_sums, level 2, held out question chain_sums 2 6? answer 8" in solved
    assert f"✓ now · {FIRST} 3+5=8 A: 8" in solved
    assert "practice?" in text[text.index("Right answer, broken steps") :]


def test_two_builds_are_equal_in_whatever_order_rows_lie(tmp_path: Path) -> None:
    tables = played()
    backwards = {kind: rows[::-1] for kind, rows in tables.items()}
    first = page(tmp_path / "one" / "home", tables)
    assert first == page(tmp_path / "two" / "home", backwards)


def test_the_newest_judge_decides(tmp_path: Path) -> None:
    tables = with_outcomes(played())
    facts = {row["sample_key"]: row for row in tables["outcome_revisions"]}
    right = facts[f"{FIRST} gcd 1 9"] | {
        "judge": "integer/10",
        "outcome": "right",
        "revision": 1,
    }  # it was wrong
    unjudged = facts[f"{FIRST} gcd 1 8"] | {"judge": "integer/2", "outcome": "not_judged", "revision": 1}
    with Warehouse(tmp_path) as store:
        store.commit("all", tables)
        store.commit(
            "rejudged", {"outcome_revisions": [right, unjudged]}
        )  # the pair of the second is left out
    with open_reader(tmp_path) as con:
        found = headline(con)
    assert found is not None
    assert (found.problems, found.after) == (19, pytest.approx(15 / 19))
    assert found.sampled_tokens == 10


@pytest.mark.parametrize(
    ("tables", "says"),
    [
        ({}, "Nothing has been evaluated yet"),
        (recorded(), "4 recorded samples judged"),
        ({**evaluated({cell: {BASE: r[BASE]} for cell, r in ROUNDS.items()}),
          "policies": played()["policies"][:1]}, "The base stands at 40.0% on its frontier"),
        ({**played(), "promotions": [decided(1, FIRST, BASE, False), decided(2, SECOND, BASE, False)]},
         "2 candidates, none promoted: the base stands"),
        ({**evaluated({("gcd", 1): {BASE: 10, FIRST: 10}}), "promotions": [decided(1, FIRST, BASE, True)]},
         "The base has no frontier"),
        ({"assignments": played()["assignments"][:1]}, "Mean level drawn: 2.0 in round 1"),
        ({"selections": [s for s in played()["selections"] if s["reason"] == "replayed"]}, "nothing new"),
    ],
    ids=["empty", "imports", "round-0", "all-refused", "no-frontier", "begun", "replays"],
)  # fmt: skip
def test_a_home_where_little_happened_says_so(tmp_path: Path, tables: Tables, says: str) -> None:
    assert says in Reader(page(tmp_path / "page", tables)).text
    assert terminal(tmp_path / "terminal", tables).strip().endswith("report.html")


def test_recorded_samples_are_reported_by_policy(tmp_path: Path) -> None:
    text = Reader(page(tmp_path / "page", recorded())).text
    assert "1 recorded policy, 4 verdicts on their samples" in text
    assert "6B_verified number/1 4 3 75.0%" in text
    assert re.search(r"6B_verified +number/1 +4 +3 +75\.0%", terminal(tmp_path / "terminal", recorded()))


def test_the_terminal_summary_says_the_same_in_80_columns(tmp_path: Path) -> None:
    text = terminal(tmp_path, played())
    assert "rose: 40.0% → 70.0%, +30.0 points" in " ".join(text.split())
    assert re.search(r"chain_sums +base +100 +60\n +now +100 +90\n", text)
    assert re.search(rf"1 +{FIRST} +promoted +0\.013 +17 +3 +better", text)
    assert "None of 1 mastered cells was forgotten" in text
    assert max(map(len, text.splitlines())) <= 80


def test_the_incumbent_of_a_round_is_the_last_one_promoted(tmp_path: Path) -> None:
    with opened(tmp_path, played()) as con:
        found = headline(con)
    assert found is not None
    assert incumbents(found.base, found.decisions) == [(0, BASE), (1, FIRST), (2, FIRST)]


def test_the_bootstrap_agrees_with_resampling_one_by_one() -> None:
    rng = np.random.default_rng(3)
    before, after = rng.random(200).round() * 1.0, rng.random(200).round() * 1.0
    draws = rng.integers(0, 200, size=(20_000, 200))
    low, high = np.quantile((after - before)[draws].mean(axis=1), [0.025, 0.975])
    gain = paired_bootstrap(before, after)
    assert gain.mean == pytest.approx((after - before).mean())
    assert (gain.low, gain.high) == pytest.approx((low, high), abs=0.011)
    assert gain == paired_bootstrap(before, after)
    with pytest.raises(ValueError, match="two equal, non-empty columns"):
        paired_bootstrap(before, after[1:])


def test_the_wilson_interval_matches_published_values() -> None:
    # Newcombe 1998, table I, method 3
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(15, 148) == pytest.approx((0.0624, 0.1605), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0.0, 0.1611), abs=5e-5)
    assert wilson(1, 29) == pytest.approx((0.0061, 0.1718), abs=5e-5)
    with pytest.raises(ValueError, match="at least 1 judged, not 0"):
        wilson(0, 0)


def test_numbers_are_written_for_people() -> None:
    counts = (7, 9999, 12_345, 456_000, 1_234_567)
    assert [brief(count) for count in counts] == ["7", "9,999", "12.3k", "456k", "1.23M"]
    assert [duration(s) for s in (8.44, 200, 7500)] == ["8.4 s", "3 min 20 s", "2 h 05 min"]
    assert [p_value(p) for p in (0.0312, 2e-7, None)] == ["0.031", "2e-07", "–"]
