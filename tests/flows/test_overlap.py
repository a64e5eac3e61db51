"""What says the same as something else does not train: in imports and in rounds, with its reason, after a kill too."""

import io
import json
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from curriculum.records import Problem
from flows.drawing import sample_and_judge
from flows.evaluation_files import EvaluationSet, read_sets
from flows.importing import import_file
from flows.learning import admit
from flows.overlap import compare_round
from flows.practice import problem_row
from flows.progress import Bars, Meter
from flows.run import Policy, Run
from flows.settings import Config, CurriculumConfig, OverlapConfig
from generators import FAMILIES
from generators.drawing import draw
from generators.imported import BadImport
from policy.scripted_engine import ScriptedEngine
from warehouse.query import open_reader
from warehouse.store import Warehouse

EDGEWORK = Path(sys.executable).with_name("edgework")
STORY = "{who} keeps {n} grey geese near the mill, sells {m} at the fair in spring and gives away two. How many stay?"
OTHER = "A train of {n} wagons leaves the harbour at dawn; {m} are taken off on the way to {who}. How many arrive?"


def question(pattern: str, split: str, n: int = 40, m: int = 7, first: int = 0, **changes: str) -> str:
    """The pattern about the first person whose name puts the question into the split."""
    for number in range(first, 1000):
        told = pattern.format(who=f"Person{chr(65 + number // 26 % 26)}{chr(97 + number % 26)}", n=n, m=m)
        for old, new in changes.items():
            told = told.replace(old, new)
        if Problem("", 1, told, "31", "number").split == split:
            return told
    raise AssertionError("a fifth of all questions is held out")


def row(asked: str, answer: str = "31") -> dict[str, Any]:
    return {"question": asked, "answer": answer, "samples": [f"20+11=31\nA: {answer}"]}


def write(file: Path, *rows: dict[str, Any]) -> Path:
    file.parent.mkdir(exist_ok=True)
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def imported(file: Path, home: Path, *tests: Path, name: str = "mine") -> str:
    said = io.StringIO()
    import_file(file, name, home, Console(file=said, width=150), evaluation_files=tests)
    return said.getvalue()


def table(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_reader(home) as con:
        return con.execute(sql).fetchall()


def fates(home: Path) -> dict[str, str]:
    """Question to the reason of its sample's selection."""
    fate = "select p.question, c.reason from selections c join problems p on p.key = c.problem_key"
    return dict(table(home, fate))


def overlaps(home: Path) -> list[tuple[Any, ...]]:
    return table(
        home,
        "select p.question, o.how, coalesce(q.question, o.other), o.against from problem_overlaps o"
        " join problems p on p.key = o.problem_key left join problems q on q.key = o.other order by all",
    )


KEPT = question(STORY, "train")
SPACED = KEPT.replace(" geese", "  geese") + " "
NEAR = question(STORY, "train", grey="white")
RENUMBERED = question(STORY, "train", n=57, m=9)
HELDOUT = question(OTHER, "heldout")
NEAR_HELDOUT = question(OTHER, "train", n=66, m=12)


def test_of_what_says_the_same_in_a_file_the_first_row_trains(tmp_path: Path) -> None:
    rows = [row(asked) for asked in (KEPT, SPACED, NEAR, RENUMBERED, HELDOUT, NEAR_HELDOUT)]
    said = imported(write(tmp_path / "f.jsonl", *rows), tmp_path / "home")
    assert Problem("", 1, SPACED, "31", "number").split == "train", "the test needs another name"
    assert fates(tmp_path / "home") == {
        KEPT: "admitted",
        SPACED: "exact_duplicate",
        NEAR: "near_duplicate",
        RENUMBERED: "admitted",
        HELDOUT: "heldout",
        NEAR_HELDOUT: "near_heldout",
    }
    assert overlaps(tmp_path / "home") == sorted(
        [
            (SPACED, "exact", KEPT, "home"),
            (NEAR, "near", KEPT, "home"),
            (NEAR_HELDOUT, "near_heldout", HELDOUT, "home"),
        ]
    )
    assert "1 problems do not train: near_duplicate, home" in said
    reasons = "select reason, samples from rejections where round = 0 order by all"
    assert table(tmp_path / "home", reasons) == [
        ("exact_duplicate", 1),
        ("heldout", 1),
        ("near_duplicate", 1),
        ("near_heldout", 1),
    ]


def test_the_order_of_the_file_decides_whatever_the_keys_are(tmp_path: Path) -> None:
    imported(write(tmp_path / "f.jsonl", row(KEPT), row(NEAR)), tmp_path / "one")
    imported(write(tmp_path / "g.jsonl", row(NEAR), row(KEPT)), tmp_path / "other")
    assert fates(tmp_path / "one") == {KEPT: "admitted", NEAR: "near_duplicate"}
    assert fates(tmp_path / "other") == {NEAR: "admitted", KEPT: "near_duplicate"}


def test_what_was_there_first_stays(tmp_path: Path) -> None:
    home = tmp_path / "home"
    imported(write(tmp_path / "f.jsonl", row(NEAR), row(NEAR_HELDOUT)), home, name="first")
    imported(write(tmp_path / "g.jsonl", row(KEPT), row(RENUMBERED), row(NEAR)), home, name="second")
    assert fates(home)[KEPT] == "near_duplicate"
    assert fates(home)[NEAR] == fates(home)[RENUMBERED] == fates(home)[NEAR_HELDOUT] == "admitted"
    # A held-out problem that comes later takes what says the same out of training all the same.
    imported(write(tmp_path / "h.jsonl", row(HELDOUT)), home, name="third")
    assert (NEAR_HELDOUT, "near_heldout", HELDOUT, "home") in overlaps(home)


def test_a_grown_file_keeps_what_it_had(tmp_path: Path) -> None:
    home = tmp_path / "home"
    imported(write(tmp_path / "f.jsonl", row(KEPT)), home)
    imported(write(tmp_path / "f.jsonl", row(KEPT), row(NEAR)), home)
    assert fates(home) == {KEPT: "admitted", NEAR: "near_duplicate"}
    before = overlaps(home)
    imported(tmp_path / "f.jsonl", home)
    assert overlaps(home) == before


def jsonl(file: Path, asked: list[str]) -> Path:
    return write(file.with_suffix(".jsonl"), *({"question": told, "answer": "?"} for told in asked))


def parquet(file: Path, asked: list[str]) -> Path:
    file.parent.mkdir(exist_ok=True)
    pq.write_table(pa.table({"question": asked, "answer": ["?"] * len(asked)}), file.with_suffix(".parquet"))
    return file.with_suffix(".parquet")


@pytest.mark.parametrize(("write_test", "place"), [(jsonl, "line 2"), (parquet, "row 2")])
def test_what_leaks_from_a_test_does_not_train(
    write_test: Callable[[Path, list[str]], Path], place: str, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    test = write_test(tmp_path / "gsm" / "test", ["What is a goose?", KEPT.upper()])
    file = write(tmp_path / "f.jsonl", row(NEAR), row(RENUMBERED), row(NEAR_HELDOUT))
    said = imported(file, home, test)
    assert fates(home) == {NEAR: "leak", RENUMBERED: "leak", NEAR_HELDOUT: "admitted"}
    assert overlaps(home) == sorted(
        [(NEAR, "leak", place, "gsm/test"), (RENUMBERED, "leak", place, "gsm/test")]
    )
    assert "2 problems do not train: leak, gsm/test" in said
    before = overlaps(home)
    imported(file, home, test)
    assert overlaps(home) == before


def test_a_home_can_be_compared_with_another_test_later(tmp_path: Path) -> None:
    home = tmp_path / "home"
    file = write(tmp_path / "f.jsonl", row(KEPT), row(NEAR), row(NEAR_HELDOUT))
    imported(file, home)
    imported(file, home, jsonl(tmp_path / "new" / "test", [NEAR_HELDOUT]))
    assert overlaps(home) == sorted(
        [(NEAR, "near", KEPT, "home"), (NEAR_HELDOUT, "leak", "line 1", "new/test")]
    )


def test_tasks_of_a_family_leak_by_their_operands_alone(tmp_path: Path) -> None:
    tasks = [FAMILIES["gcd"].generate(9, seed) for seed in range(40)]
    train, other = [task for task in tasks if task.split == "train"][:2]
    numbers = train.question.removeprefix("gcd(").removesuffix(")").split(",")
    rows = [
        {"question": task.question, "answer": task.answer, "check": "integer", "family": "gcd"}
        for task in (train, other)
    ]
    asked = f"What is the greatest common divisor of {' and '.join(numbers)}?"
    test = write(
        tmp_path / "t" / "tasks.jsonl",
        {"question": asked, "answer": train.answer, "family": "gcd"},
        {"question": "What is the greatest common divisor of 5 and 35?", "answer": 5, "family": "gcd"},
    )
    imported(write(tmp_path / "f.jsonl", *rows), tmp_path / "home", test)
    assert overlaps(tmp_path / "home") == [(train.question, "leak", "line 1", "t/tasks")]


BAD_TESTS = {
    "": "an import has at least one row; found none",
    '{"question": "a", "answer": "b"}\n{"question": 3, "answer": "b"}': "line 2: question is a text; found 3",
    '{"question": "a"}': "line 1: a row has question and answer",
    "no JSON": "line 1: a line is one JSON object",
}


@pytest.mark.parametrize(("content", "told"), BAD_TESTS.items())
def test_a_bad_evaluation_file_is_named_and_nothing_is_written(
    content: str, told: str, tmp_path: Path
) -> None:
    test = tmp_path / "test.jsonl"
    test.write_text(content)
    with pytest.raises(BadImport) as refused:
        imported(write(tmp_path / "f.jsonl", row(KEPT)), tmp_path / "home", test)
    assert str(refused.value).startswith(str(test))
    assert told in str(refused.value)
    assert not (tmp_path / "home").exists()


@pytest.mark.parametrize(
    "arguments",
    [
        "import f.jsonl --name x --decontaminate good.jsonl --decontaminate bad.jsonl",
        "run --config given.toml",
    ],
)
def test_a_bad_evaluation_file_ends_a_command_with_status_2(arguments: str, tmp_path: Path) -> None:
    write(tmp_path / "f.jsonl", row(KEPT))
    jsonl(tmp_path / "good", [KEPT])
    (tmp_path / "bad.jsonl").write_text('{"question": "a", "answer": "b"}\n{"question": 3, "answer": "b"}')
    (tmp_path / "given.toml").write_text('[overlap]\nevaluation_files = ["good.jsonl", "bad.jsonl"]')
    command = [EDGEWORK, *arguments.split(), "--home", "home"]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 2
    assert done.stderr.startswith("edgework: ")
    assert "bad.jsonl, line 2: question is a text; found 3" in done.stderr
    assert not (tmp_path / "home").exists()


def test_evaluation_files_have_names_of_their_own(tmp_path: Path) -> None:
    one, other = jsonl(tmp_path / "a" / "test", ["q"]), jsonl(tmp_path / "b" / "test", ["q"])
    assert [one.name for one in read_sets([one, other, one])] == ["a/test", "b/test"]
    with pytest.raises(BadImport, match=r"differ in their names or their folders'; found two a/test"):
        read_sets([one, parquet(tmp_path / "a" / "test", ["q"])])
    with pytest.raises(BadImport, match=r"nowhere\.jsonl: an import is a readable file"):
        read_sets([tmp_path / "nowhere.jsonl"])


class Cut(BaseException):
    """The end of a process between two commits."""


def test_cut_short_anywhere_the_same_command_finds_the_same(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = [row(asked) for asked in (KEPT, SPACED, NEAR, RENUMBERED, HELDOUT, NEAR_HELDOUT)]
    file = write(tmp_path / "f.jsonl", *rows)
    tests = [jsonl(tmp_path / "a" / "test", [RENUMBERED]), jsonl(tmp_path / "b" / "test", [NEAR_HELDOUT])]
    imported(file, tmp_path / "straight", *tests)
    commit, names, allowed = Warehouse.commit, list[str](), 0

    def commit_one(store: Warehouse, name: str, tables: Any) -> None:
        if len(names) == allowed:
            raise Cut
        commit(store, name, tables)
        names.append(name)

    monkeypatch.setattr(Warehouse, "commit", commit_one)
    finished = False
    while not finished:
        allowed += 1
        try:
            imported(file, tmp_path / "cut", *tests)
            finished = True
        except Cut:
            assert allowed < 20
    compared = [name.rpartition("/overlap/")[2].partition("-")[0] for name in names if "/overlap/" in name]
    assert compared == ["a", "b", "home"]
    assert allowed >= 6  # the source, the rows, either test, the home, the selections
    assert overlaps(tmp_path / "cut") == overlaps(tmp_path / "straight")
    assert fates(tmp_path / "cut") == fates(tmp_path / "straight")


def test_a_generated_problem_that_leaks_does_not_train(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn = draw("gcd", 5, 6, 1, "train")
    test = jsonl(tmp_path / "a" / "test", [drawn[0].question, drawn[1].question.replace(",", ", ")])
    config = Config(
        curriculum=CurriculumConfig(draws=1), overlap=OverlapConfig(evaluation_files=(str(test),))
    )
    with Warehouse(tmp_path / "home") as store:
        run = Run(store, config, Bars(console=Console(quiet=True)))
        heldout = draw("gcd", 5, 3, 1, "heldout")
        store.commit("r0000/heldout", {"problems": [problem_row(problem, 0) for problem in heldout]})
        store.commit("r0001/generate", {"problems": [problem_row(problem, 1) for problem in drawn]})
        for _ in range(2):
            compare_round(run, 1, read_sets(config.evaluation_files()))
        answers = {problem.question: FAMILIES["gcd"].reference(problem) for problem in drawn}
        scripted = ScriptedEngine("p", lambda request: answers[request.problem.question])
        monkeypatch.setattr(run, "engine", lambda policy: scripted, raising=False)
        sample_and_judge(run, 1, "sample", drawn, Policy("p", Path()), Meter(run.progress, "", 6))
        assert admit(run, 1) == 4
        # What was admitted before a test came to be known is not replayed either.
        late = {"round": 1, "problem_key": drawn[2].key, "how": "leak", "other": "line 9", "similarity": 1.0}
        store.commit("late", {"problem_overlaps": [late | {"against": "b/late"}]})
        assert admit(run, 2) == 0
    assert overlaps(tmp_path / "home") == sorted(
        [
            (drawn[0].question, "leak", "line 1", "a/test"),
            (drawn[1].question, "leak", "line 2", "a/test"),
            (drawn[2].question, "leak", "line 9", "b/late"),
        ]
    )
    assert table(tmp_path / "home", "select reason, samples from rejections where round = 1") == [("leak", 2)]


def test_after_its_selection_a_round_is_compared_again_only_where_that_was_damaged(tmp_path: Path) -> None:
    home, drawn = tmp_path / "home", draw("gcd", 5, 6, 1, "train")
    known = read_sets([jsonl(tmp_path / "a" / "test", [drawn[0].question])])
    new = read_sets([jsonl(tmp_path / "b" / "test", [drawn[1].question])])
    config = Config()

    def compare(*sets: EvaluationSet) -> None:
        with Warehouse(home) as store:
            compare_round(Run(store, config, Bars(console=Console(quiet=True))), 1, sets)

    with Warehouse(home) as store:
        store.commit("r0001/generate", {"problems": [problem_row(problem, 1) for problem in drawn]})
    compare(*known)
    with Warehouse(home) as store:
        store.commit("r0001/select", {})
    found = overlaps(home)
    assert [row[3] for row in found] == ["a/test"]
    compare(*known, *new)
    assert overlaps(home) == found
    (shard,) = home.glob("shards/problem_overlaps/*.parquet")
    shard.unlink()
    compare(*known, *new)
    assert overlaps(home) == found


def test_of_several_overlaps_the_gravest_is_the_reason(tmp_path: Path) -> None:
    rows = [
        {
            "round": 1,
            "problem_key": key,
            "how": how,
            "other": other,
            "similarity": similarity,
            "against": "home",
        }
        for key, how, other, similarity in [
            ("a", "near", "x", 0.9),
            ("a", "near_heldout", "y", 0.6),
            ("a", "near_heldout", "z", 0.7),
            ("b", "near", "x", 0.8),
            ("b", "exact", "y", 1.0),
        ]
    ]
    with Warehouse(tmp_path / "home") as store:
        store.commit("some", {"problem_overlaps": rows})
        found = store.query("select problem_key, reason, other from duplicates order by all")
    assert [tuple(row.values()) for row in found] == [
        ("a", "near_heldout", "z"),
        ("b", "exact_duplicate", "y"),
    ]
