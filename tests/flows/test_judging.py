"""`edgework judge`: a line in, a line out, whatever the lines hold."""

import io
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from rich.console import Console

from curriculum.errors import InputError
from curriculum.records import Problem, Sample
from filters import JUDGES, VERSIONS
from flows import judging
from flows.judging import judge_file
from flows.judging_lines import Judged, Line, written
from generators import row_files


def judged(tmp_path: Path, *lines: Any) -> tuple[int, list[dict[str, str]], str]:
    """Exit status, output lines, and what was said on stderr."""
    file, out, said = tmp_path / "texts.jsonl", tmp_path / "verdicts.jsonl", io.StringIO()
    rows = [line if isinstance(line, bytes) else json.dumps(line).encode() for line in lines]
    file.write_bytes(b"\n".join(rows))
    status = judge_file(file, out, Console(file=said, width=60))
    return status, [json.loads(line) for line in out.read_text().splitlines()], said.getvalue()


def line(answer: object, text: object, check: object = "number") -> dict[str, object]:
    return {"check": check, "answer": answer, "text": text}


def test_each_line_gets_its_verdict_in_order(tmp_path: Path) -> None:
    status, verdicts, _ = judged(
        tmp_path,
        line("18", "A: $18.00"),
        line(18, "A: 17"),
        line("18", "eighteen"),
        line("cab", "A: cab", "text"),
        line("7", "A: 7", "integer"),
    )
    assert status == 0
    assert verdicts == [
        {"outcome": "right", "reason": "equal", "judge": VERSIONS["number"]},
        {"outcome": "wrong", "reason": "differs", "judge": VERSIONS["number"]},
        {"outcome": "no_answer", "reason": "no_marker", "judge": VERSIONS["number"]},
        {"outcome": "right", "reason": "equal", "judge": VERSIONS["text"]},
        {"outcome": "right", "reason": "equal", "judge": VERSIONS["integer"]},
    ]


@pytest.mark.parametrize(
    ("broken", "rule"),
    [
        (b"{", "a line is one JSON object"),
        (b"", "a line is one JSON object"),
        (line("1", "A: 1", "prose"), f"checks are {', '.join(JUDGES)}; not 'prose'"),
        (line("two", "A: 2"), "answer is what the judge 'number' can read; found 'two'"),
        (line("2", None), "text is a text; found none"),
        (line(None, "A: 2"), "answer is a text or a number; found none"),
        ({"answer": "2", "text": "A: 2"}, "check is a text; found none"),
    ],
)
def test_a_broken_line_keeps_its_place_and_is_named(tmp_path: Path, broken: Any, rule: str) -> None:
    good = line("18", "A: 18")
    status, verdicts, said = judged(tmp_path, good, broken, good)
    assert status == 2
    assert [verdict["outcome"] for verdict in verdicts] == ["right", "not_judged", "right"]
    assert verdicts[1] == {"outcome": "not_judged", "reason": "broken_line", "judge": ""}
    assert f"texts.jsonl, line 2: {rule}" in said


def test_a_text_that_utf8_cannot_write_is_judged_like_any(tmp_path: Path) -> None:
    status, verdicts, _ = judged(tmp_path, b'{"check": "number", "answer": "1", "text": "\\ud800\\nA: 1"}')
    assert (status, verdicts[0]["outcome"]) == (0, "right")


def test_a_line_too_long_to_hold_is_broken_and_the_next_is_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_files, "LONGEST_LINE", 200)
    status, verdicts, said = judged(tmp_path, line("1", "x" * 1000), line("1", "A: 1"))
    assert (status, [verdict["outcome"] for verdict in verdicts]) == (2, ["not_judged", "right"])
    assert "line 1: a line has at most 200 bytes" in said


def test_without_a_file_the_verdicts_go_to_standard_output(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text(json.dumps(line("1", "A: 1")) + "\n")
    assert judge_file(file, None, Console(stderr=True)) == 0
    assert capsys.readouterr().out == written("right", "equal", VERSIONS["number"])


def test_files_that_cannot_be_used_are_refused_and_nothing_is_left(tmp_path: Path) -> None:
    file = tmp_path / "texts.jsonl"
    file.write_text(json.dumps(line("1", "A: 1")) + "\n")
    for source, out, rule in [
        (tmp_path / "missing.jsonl", tmp_path / "out.jsonl", "a readable file"),
        (file, tmp_path / "nowhere" / "out.jsonl", "a file that can be written"),
        (file, file, "a file of their own"),
        (file, tmp_path, "a file of their own"),
        (file, Path("/dev/null"), "a file of their own"),
    ]:
        with pytest.raises(InputError, match=rule):
            judge_file(source, out, Console(stderr=True))
    assert list(tmp_path.iterdir()) == [file]


def test_output_appears_only_when_all_is_judged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(lines: Sequence[Line]) -> Judged:
        raise RuntimeError("a fault of ours")

    monkeypatch.setattr("flows.judging.judge_lines", fails)
    (tmp_path / "verdicts.jsonl").write_text("from before\n")
    with pytest.raises(RuntimeError):
        judged(tmp_path, line("1", "A: 1"))
    assert (tmp_path / "verdicts.jsonl").read_text() == "from before\n"
    assert {path.name for path in tmp_path.iterdir()} == {"texts.jsonl", "verdicts.jsonl"}


TESTS = '{"entry_point": "five", "tests": [{"args": [], "expected": 5}]}'
HARD = line(TESTS, "```python\ndef five():\n    return 5\n```", "program")


def test_what_only_the_full_judge_can_say_keeps_its_place(tmp_path: Path) -> None:
    given = [line(str(i), f"A: {i if i % 3 else i + 1}", "integer") for i in range(2000)]
    given[7] = given[999] = given[1999] = HARD
    status, verdicts, _ = judged(tmp_path, *given)
    assert status == 0
    assert [verdict["judge"] for verdict in verdicts].count(VERSIONS["program"]) == 3
    assert {verdicts[i]["judge"] for i in (7, 999, 1999)} == {VERSIONS["program"]}
    others = [i for i in range(2000) if i not in (7, 999, 1999)]
    assert [verdicts[i]["outcome"] for i in others] == ["right" if i % 3 else "wrong" for i in others]


def test_other_processes_say_what_this_one_says(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    given: list[Any] = [line(str(i), f"A: {i if i % 3 else i + 1}", "integer") for i in range(3000)]
    given[5], given[700], given[701], given[2999] = b"{", line("1", None), HARD, line("two", "A: 2")
    status, here, complaints = judged(tmp_path, *given)
    monkeypatch.setattr(judging, "WORKERS_PAY_AFTER_S", 0.0)
    monkeypatch.setattr(judging, "CORES", 3)
    status_there, there, complaints_there = judged(tmp_path, *given)
    assert (status, there) == (2, here)
    assert status_there == status
    for number, told in enumerate(zip(complaints.splitlines(), complaints_there.splitlines(), strict=True)):
        assert number == 3 or told[0] == told[1]  # the last line gives the time
    assert [f"line {n}:" in complaints for n in (5, 6, 701, 702, 3000)] == [False, True, True, False, True]


def test_a_judge_that_fails_costs_its_own_line_only(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fails(problem: Problem, sample: Sample) -> None:
        raise ZeroDivisionError

    monkeypatch.setattr("flows.judging_lines.judge_quickly", fails)
    status, verdicts, _ = judged(tmp_path, line("1", "A: 1"), b"{")
    assert verdicts == [
        {"outcome": "not_judged", "reason": "judge_failed", "judge": VERSIONS["number"]},
        {"outcome": "not_judged", "reason": "broken_line", "judge": ""},
    ]
    assert status == 2


def test_few_chunks_are_held_however_many_there_are(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging, "CHUNK_LINES", 1)
    monkeypatch.setattr(judging, "MOST_CHUNKS", 4)
    monkeypatch.setattr(judging, "WORKERS_PAY_AFTER_S", 0.0)
    taken = 0

    def source() -> Any:
        nonlocal taken
        for number in range(1, 200):
            taken += 1
            yield judging.Chunk(number, [json.dumps(line("1", "A: 1")).encode()], 10)

    seen = 0
    for chunk, settled in judging.in_order(source()):
        seen += 1
        assert chunk.first == seen
        assert settled.judged.lines == [written("right", "equal", VERSIONS["number"])]
        assert taken - seen < 4
    assert seen == 199
