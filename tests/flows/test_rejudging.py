"""`edgework rejudge`: old verdicts stay, new ones stand beside them, and what flipped is told."""

import io
import subprocess
import sys
import textwrap
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from curriculum.errors import InputError
from curriculum.records import Problem, Sample, Verdict
from filters import VERSIONS
from flows import rejudging, verdicts
from flows.outcomes import outcome_row
from flows.practice import problem_row, sample_row
from flows.rejudging import rejudge
from warehouse.query import open_reader
from warehouse.store import Warehouse

TEXTS = ["2+3=5\nA: 5", "2+3=6\nA: 6", "no idea", "2+3=6\nA: 5", "\\boxed{5.0}"]
SAMPLES = 8 * len(TEXTS)


def make(home: Path, check: str = "integer", old: str = "integer/0") -> Path:
    """Eight problems with samples, which an older judge all found right, and a broken line of steps or two."""
    problems = [Problem("sums", 1, f"What is 5? ({i})", "5", check) for i in range(8)]
    samples = [
        (problem, Sample(problem.key, "m", draw, 1.0, text, 9, "stop"))
        for problem in problems
        for draw, text in enumerate(TEXTS)
    ]
    said = [Verdict(sample.key, old, "right", "equal", "5") for _, sample in samples]
    with Warehouse(home) as store:
        tables = {
            "problems": [problem_row(problem, 1) for problem in problems],
            "samples": [sample_row(sample, 1, "sample") for _, sample in samples],
            "verdicts": [asdict(verdict) for verdict in said],
            "outcome_revisions": [
                outcome_row(problem, sample, 1, "sample", verdict, None)
                for (problem, sample), verdict in zip(samples, said, strict=True)
            ],
        }
        store.commit("r1/sample", tables)
    return home


def told(judge: str, home: Path, check: str | None = None) -> str:
    said = io.StringIO()
    rejudge(judge, check, home, Console(file=said, width=120))
    return said.getvalue()


def table(home: Path, sql: str) -> list[tuple[Any, ...]]:
    with open_reader(home) as con:
        return con.execute(sql).fetchall()


def test_new_verdicts_stand_beside_the_old_and_the_flips_are_told(tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    before = table(home, "from verdicts order by all")
    said = told("integer", home)
    new = VERSIONS["integer"]
    assert table(home, "from verdicts where judge = 'integer/0' order by all") == before
    assert table(
        home, f"select outcome, count(*) from verdicts where judge = '{new}' group by all order by all"
    ) == [
        ("no_answer", 16),
        ("right", 16),
        ("wrong", 8),
    ]
    assert table(home, "select outcome, count(*) from outcomes group by all order by all") == [
        ("no_answer", 16),
        ("right", 16),
        ("wrong", 8),
    ]
    flips = (
        "select old_judge, new_judge, old_outcome, new_outcome, count(*) from flips group by all order by all"
    )
    assert table(home, flips) == [
        ("integer/0", new, "right", "no_answer", 16),
        ("integer/0", new, "right", "wrong", 8),
    ]
    assert said.count("no longer right") == 5
    assert "right now" not in said
    assert "integer/0" in said


def test_what_became_right_is_told_too(tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    with Warehouse(home) as store:
        newer = {"judge": "integer/1", "outcome": "wrong"}
        verdicts = [row | newer for row in store.query("from verdicts")]
        outcomes = [row | newer | {"revision": 1} for row in store.query("from outcomes")]
        store.commit("newer", {"verdicts": verdicts, "outcome_revisions": outcomes})
    said = told("integer", home)
    assert said.count("right now") == 5
    assert "no longer right" not in said


def test_the_same_again_says_so_and_adds_nothing(tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    told("integer", home)
    before = table(home, "from verdicts order by all"), table(home, "from ledger order by all")
    assert "has judged all there is for it" in told("integer", home)
    assert (table(home, "from verdicts order by all"), table(home, "from ledger order by all")) == before


def test_a_judge_of_another_kind_is_tried_and_counts_for_nothing(tmp_path: Path) -> None:
    home = make(tmp_path / "home", check="integer", old=VERSIONS["integer"])
    counted = table(home, "from outcomes order by all")
    said = told("number", home, check="integer")  # 5.0 is a number and not an integer
    assert table(home, "from outcomes order by all") == counted
    new = VERSIONS["number"]
    assert table(
        home, f"select outcome, count(*) from verdicts where judge = '{new}' group by all order by all"
    ) == [
        ("no_answer", 8),
        ("right", 24),
        ("wrong", 8),
    ]
    assert table(home, "select distinct old_judge, new_judge from flips") == [(VERSIONS["integer"], new)]
    assert "no longer right" in said


def test_only_the_problems_of_the_judges_kind_are_judged(tmp_path: Path) -> None:
    home = make(tmp_path / "home", check="text", old="text/0")
    assert "has judged all there is for it" in told("number", home)
    assert table(home, "select distinct judge from verdicts") == [("text/0",)]


def test_the_steps_of_all_samples_are_judged(tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    told("steps", home)
    assert table(home, "select steps, count(*) from outcomes group by all order by all") == [
        ("no_answer", 16),
        ("right", 8),
        ("wrong", 16),
    ]


def test_what_could_not_be_judged_is_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = make(tmp_path / "home")

    def fails(problem: Problem, sample: Sample) -> None:
        raise MemoryError

    with monkeypatch.context() as broken:
        broken.setattr(verdicts, "judge_quickly", fails)
        told("integer", home)
        told("integer", home)
    failed = "select judge, reason, count(*) from verdicts where outcome = 'not_judged' group by all"
    assert table(home, failed) == [(VERSIONS["integer"], "judge_failed", SAMPLES)]
    told("integer", home)
    assert table(home, failed) == [(VERSIONS["integer"], "judge_failed", SAMPLES)]  # nothing is taken back
    assert table(home, "select count(*) from outcomes where outcome = 'not_judged'") == [(0,)]


@pytest.mark.parametrize(
    ("judge", "check", "rule"),
    [("maths", None, "judges are integer, "), ("math", "maths", "checks are integer, ")],
)
def test_a_name_that_is_none_is_refused(judge: str, check: str | None, rule: str, tmp_path: Path) -> None:
    home = make(tmp_path / "home")
    with pytest.raises(InputError, match=rule):
        rejudge(judge, check, home, Console(quiet=True))


def test_a_home_that_is_none_is_not_made(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"there is none in"):
        rejudge("integer", None, tmp_path / "home", Console(quiet=True))
    assert list(tmp_path.iterdir()) == []


KILLED = """
    import os, signal, sys
    from pathlib import Path
    from rich.console import Console
    from flows import rejudging
    from warehouse.store import Warehouse
    rejudging.UNIT = 6
    commit, commits = Warehouse.commit, 0
    def commit_or_die(self, name, tables):
        global commits
        if commits == int(sys.argv[2]):
            os.kill(os.getpid(), signal.SIGKILL)
        commits += 1
        commit(self, name, tables)
    Warehouse.commit = commit_or_die
    rejudging.rejudge("integer", None, Path(sys.argv[1]), Console(stderr=True))
"""


def test_after_a_kill_the_same_command_carries_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = make(tmp_path / "killed")
    for commits in (2, 1):
        command = [sys.executable, "-c", textwrap.dedent(KILLED), str(home), str(commits)]
        killed = subprocess.run(command, cwd=Path(__file__).parents[2], check=False)
        assert killed.returncode == -9
    assert table(home, "select count(*) from verdicts") == [(SAMPLES + 18,)]
    monkeypatch.setattr(rejudging, "UNIT", 6)
    told("integer", home)
    straight = make(tmp_path / "straight")
    told("integer", straight)
    for kind in ("verdicts", "outcome_revisions"):
        everything = f"from {kind} order by all"
        assert table(home, everything) == table(straight, everything)
        assert len(table(home, everything)) == 2 * SAMPLES
