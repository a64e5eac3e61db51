"""`edgework import`, from a file to selected samples: counts, repetition, kills, refusals."""

import io
import json
import math
import subprocess
import sys
import textwrap
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from curriculum.records import Problem
from filters import JUDGES, VERSIONS
from flows import imported_rows, importing
from flows.import_summary import PolicyCounts, Summary
from flows.importing import import_file
from generators.imported import BadImport
from warehouse.query import open_reader


def write(file: Path, *rows: dict[str, Any]) -> Path:
    file.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return file


def imported(file: Path, home: Path, name: str = "mine") -> tuple[Summary, str]:
    said = io.StringIO()
    return import_file(file, name, home, Console(file=said, width=120)), said.getvalue()


def table(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_reader(home) as con:
        return con.execute(sql).fetchall()


def everything(home: Path) -> dict[str, list[tuple[Any, ...]]]:
    """What the home knows, but for spend. A temperature that is not a number equals none, so it is left out."""
    kinds = {"problems": "*", "samples": "* exclude (temperature)", "verdicts": "*", "selections": "*"}
    return {
        kind: table(home, f"select {columns} from {kind} order by all") for kind, columns in kinds.items()
    }


def question(number: int, split: str = "train") -> str:
    """The number-th question that lies in the split."""
    candidates = (f"What is {i} + 1?" for i in range(10_000))
    fitting = [q for q in candidates if Problem("", 1, q, "1", "number").split == split]
    return fitting[number]


def row(
    number: int, *texts: str, policy: str = "m", split: str = "train", answer: str = "5"
) -> dict[str, Any]:
    samples = [{"text": text, "policy": policy} for text in texts]
    return {"question": question(number, split), "answer": answer, "samples": samples}


RIGHT, WRONG, BROKEN = "2+3=5\nA: 5", "2+3=6\nA: 6", "2+3=6\nA: 5"


def test_samples_are_judged_and_selected(tmp_path: Path) -> None:
    file = write(
        tmp_path / "f.jsonl",
        row(0, RIGHT, WRONG, BROKEN, "no idea"),
        row(1, RIGHT, " 2+3=5\nA: 5 ", policy="n"),
        row(0, RIGHT, policy="n", split="heldout"),
    )
    summary, said = imported(file, tmp_path / "home")
    assert summary.policies == {
        "m": PolicyCounts(judged=4, correct=2, broken=1, admitted=1, labelled=0, agreed=0),
        "n": PolicyCounts(judged=3, correct=3, broken=0, admitted=1, labelled=0, agreed=0),
    }
    assert (summary.added_problems, summary.added_samples) == (3, 7)
    assert "3 problems, 1 of them held out, in 3 rows" in said
    fates = "select reason, count(*) from selections where round = 0 group by all order by all"
    assert table(tmp_path / "home", fates) == [
        ("admitted", 2),
        ("broken_steps", 1),
        ("duplicate_path", 1),
        ("heldout", 1),
        ("no_answer", 1),
        ("wrong", 1),
    ]
    rates = "select policy, judge, sum(judged), sum(correct) from pass_rates group by all order by all"
    assert table(tmp_path / "home", rates) == [
        ("m", VERSIONS["number"], 4, 2),
        ("n", VERSIONS["number"], 3, 3),
    ]
    assert table(tmp_path / "home", "select distinct stage, finish, round from samples") == [
        ("import", "recorded", 0)
    ]
    assert table(tmp_path / "home", "select distinct source, round from problems") == [("import:mine", 0)]
    [(temperature,)] = table(tmp_path / "home", "select distinct temperature from samples")
    assert math.isnan(temperature)


def test_recorded_labels_are_compared(tmp_path: Path) -> None:
    models = {"m": {"is_correct": True, "solution": RIGHT}, "[b]n": {"is_correct": True, "solution": WRONG}}
    file = write(tmp_path / "f.jsonl", {"question": "q", "ground_truth": "2+3=5\nA: 5", **models})
    summary, said = imported(file, tmp_path / "home")
    assert [(counts.labelled, counts.agreed) for counts in summary.policies.values()] == [(1, 1), (1, 0)]
    assert "the judge agrees with 1 of 2 recorded labels" in said
    assert summary.disagreements == (f"{file}, line 1: [b]n is labelled correct, judged wrong",)
    assert "[b]n is labelled correct" in said
    assert table(
        tmp_path / "home", f"select count(*) from verdicts where judge = '{VERSIONS['number']}'"
    ) == [(2,)]


def test_importing_twice_adds_nothing_and_says_the_same(tmp_path: Path) -> None:
    file = write(tmp_path / "f.jsonl", row(0, RIGHT, RIGHT, WRONG), row(1, RIGHT))
    first, _ = imported(file, tmp_path / "home")
    before = everything(tmp_path / "home") | {"spend": table(tmp_path / "home", "from spend")}
    second, _ = imported(file, tmp_path / "home")
    assert everything(tmp_path / "home") | {"spend": table(tmp_path / "home", "from spend")} == before
    assert second.policies == first.policies
    assert (second.added_problems, second.added_samples) == (0, 0)


def test_a_file_that_has_grown_adds_what_is_new(tmp_path: Path) -> None:
    home = tmp_path / "home"
    imported(write(tmp_path / "f.jsonl", row(0, RIGHT), row(1, WRONG)), home)
    grown, _ = imported(
        write(tmp_path / "f.jsonl", row(2, RIGHT), row(1, WRONG, WRONG, RIGHT), row(0, RIGHT)), home
    )
    assert (grown.added_problems, grown.added_samples) == (1, 3)
    assert grown.policies["m"] == PolicyCounts(5, 3, 0, 3, 0, 0)
    drawn = f"""
        select draw, text from samples s join problems p on p.key = s.problem_key
        where question = '{question(1)}' order by draw
    """
    assert table(home, drawn) == [(0, WRONG), (1, WRONG), (2, RIGHT)]


def test_the_same_problems_under_another_name_are_not_added_again(tmp_path: Path) -> None:
    home = tmp_path / "home"
    imported(write(tmp_path / "f.jsonl", row(0, RIGHT)), home)
    again, _ = imported(write(tmp_path / "g.jsonl", row(0, RIGHT, policy="other")), home, "again")
    assert (again.added_problems, again.added_samples) == (0, 1)
    assert table(home, "select source, count(*) from problems group by all") == [("import:mine", 1)]


def test_rows_with_the_same_question_and_answer_are_merged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Samples in rows of their own, and far from each other, count and are capped as if in one row."""
    texts = [f"{RIGHT}{'!' * i}" for i in range(3)] + [RIGHT] + [f"2+3=5 {i}\nA: 5" for i in range(4)]
    whole, _ = imported(write(tmp_path / "f.jsonl", row(0, *texts)), tmp_path / "whole")
    monkeypatch.setattr(imported_rows, "UNIT_ITEMS", 3)
    scattered, said = imported(
        write(tmp_path / "g.jsonl", *(row(0, text) for text in texts)), tmp_path / "scattered"
    )
    assert "7 repeat a question and were merged" in said
    assert scattered.policies == whole.policies
    assert everything(tmp_path / "scattered") == everything(tmp_path / "whole")
    assert (
        len(
            table(
                tmp_path / "scattered", "select * from ledger where name like '%/rows/%' and kind = 'spend'"
            )
        )
        == 4
    )


def test_selection_does_not_depend_on_its_shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = write(tmp_path / "f.jsonl", *(row(i, RIGHT, RIGHT, BROKEN) for i in range(40)))
    imported(file, tmp_path / "one")
    monkeypatch.setattr(importing, "SELECTED_TOGETHER", 7)
    imported(file, tmp_path / "many")
    assert everything(tmp_path / "one") == everything(tmp_path / "many")
    assert (
        len(table(tmp_path / "many", "select * from ledger where name like '%/select/%' and kind = 'spend'"))
        > 10
    )


def test_a_file_of_right_answers_is_not_capped_as_mastered(tmp_path: Path) -> None:
    summary, _ = imported(write(tmp_path / "f.jsonl", *(row(i, RIGHT) for i in range(40))), tmp_path / "home")
    assert summary.policies["m"].admitted == 40


def test_a_generated_family_must_show_its_steps(tmp_path: Path) -> None:
    bare = row(0, "A: 5") | {"family": "chain_sums", "check": "integer"}
    imported(write(tmp_path / "f.jsonl", bare, row(1, "A: 5")), tmp_path / "home")
    fates = "select reason, count(*) from selections group by all order by all"
    assert table(tmp_path / "home", fates) == [("admitted", 1), ("no_steps", 1)]


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from rich.console import Console
    from flows import imported_rows, importing
    from warehouse.store import Warehouse
    imported_rows.UNIT_ITEMS, importing.SELECTED_TOGETHER = 6, 8
    commit, commits = Warehouse.commit, 0
    def commit_or_die(self, name, tables):
        global commits
        if commits == int(sys.argv[3]):
            os.kill(os.getpid(), signal.SIGKILL)
        commits += 1
        commit(self, name, tables)
    Warehouse.commit = commit_or_die
    importing.import_file(Path(sys.argv[1]), "mine", Path(sys.argv[2]), Console(stderr=True))
"""


def test_after_a_kill_the_same_command_carries_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = [row(i % 12, RIGHT, WRONG) for i in range(20)]
    file = write(tmp_path / "f.jsonl", *rows)
    for commits in (3, 11):  # of the source, 10 units of rows, the comparison and 5 of selections
        arguments = [sys.executable, "-c", textwrap.dedent(KILLED), file, tmp_path / "killed", str(commits)]
        killed = subprocess.run(
            [str(argument) for argument in arguments], cwd=Path(__file__).parents[2], check=False
        )
        assert killed.returncode == -9
    monkeypatch.setattr(imported_rows, "UNIT_ITEMS", 6)
    monkeypatch.setattr(importing, "SELECTED_TOGETHER", 8)
    assert 0 < len(table(tmp_path / "killed", "from selections")) < 40
    resumed, _ = imported(file, tmp_path / "killed")
    straight, _ = imported(file, tmp_path / "straight")
    assert everything(tmp_path / "killed") == everything(tmp_path / "straight")
    assert resumed.policies == straight.policies


@pytest.mark.parametrize(
    ("bad", "rule"),
    [
        (
            row(9, RIGHT, answer="9 or 10") | {"check": "number"},
            "answer is what the judge 'number' can read; found '9 or 10'",
        ),
        (row(9) | {"answer": 1e30, "check": "integer", "level": -1}, "level is a whole number"),
        (row(9) | {"check": "prose"}, f"checks are {', '.join(JUDGES)}; not 'prose'"),
        (row(9) | {"answer": " "}, "answer is what the judge 'text' can read; found ' '"),
        (
            row(0, answer="6"),
            "a question has one answer and one check; found '6' by 'number', and another on line 1",
        ),
        (row(0) | {"check": "integer"}, "a question has one answer and one check; found '5' by 'integer'"),
    ],
)
def test_one_bad_line_at_the_end_and_nothing_is_written(
    tmp_path: Path, bad: dict[str, Any], rule: str
) -> None:
    file = write(tmp_path / "f.jsonl", *(row(i, RIGHT) for i in range(3)), bad)
    with pytest.raises(BadImport) as refused:
        imported(file, tmp_path / "home")
    assert str(refused.value).startswith(f"{file}, line 4: ")
    assert rule in str(refused.value)
    assert not (tmp_path / "home").exists()


def test_keys_without_a_meaning_are_named(tmp_path: Path) -> None:
    _, said = imported(write(tmp_path / "f.jsonl", row(0) | {"smaples": [RIGHT]}, row(1)), tmp_path / "home")
    assert "not read: 'smaples', in 1 rows" in said
    assert "2 problems" in said
