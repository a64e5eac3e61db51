"""Files that somebody else wrote: what is read, and what is refused with its place."""

import json
from decimal import Decimal
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from generators import row_files
from generators.imported import BadImport, Imported, Recorded, read
from generators.row_values import number_text


def settle(answer: str, check: str | None) -> str:
    """Stands in for the judges: `number` reads digits, `text` reads anything."""
    if check == "number" and not answer.isdigit():
        raise ValueError(f"answer is a number; found {answer!r}")
    return check or ("number" if answer.isdigit() else "text")


def written(tmp_path: Path, *rows: object) -> Path:
    file = tmp_path / "rows.jsonl"
    lines = [row if isinstance(row, bytes) else json.dumps(row).encode() for row in rows]
    file.write_bytes(b"".join(line + b"\n" for line in lines))
    return file


def rows(file: Path) -> list[Imported]:
    return list(read(file, "mine", settle))


def refusal(file: Path) -> str:
    with pytest.raises(BadImport) as refused:
        rows(file)
    return str(refused.value)


GOOD = {"question": "1+1?", "answer": "2"}


def test_a_bare_problem_gets_the_defaults(tmp_path: Path) -> None:
    [row] = rows(written(tmp_path, GOOD))
    problem = row.problem
    assert (problem.family, problem.level, problem.check, problem.source) == (
        "mine",
        1,
        "number",
        "import:mine",
    )
    assert (problem.question, problem.answer, row.samples, row.unread) == ("1+1?", "2", (), ())
    assert row.place == f"{tmp_path}/rows.jsonl, line 1"


def test_everything_a_row_may_say_is_read(tmp_path: Path) -> None:
    samples = ["A: 2", {"text": "A: 3", "policy": "m-7b", "tokens": 4}, {"text": "", "policy": None}]
    said = {**GOOD, "check": "text", "family": "sums", "level": 3, "samples": samples, "id": 9, "answer": 2.0}
    [row] = rows(written(tmp_path, said))
    assert (row.problem.family, row.problem.level, row.problem.check) == ("sums", 3, "text")
    assert row.problem.answer == "2"
    assert row.samples == (Recorded("mine", "A: 2"), Recorded("m-7b", "A: 3", 4), Recorded("mine", ""))
    assert row.unread == ("id",)


def test_a_number_is_a_number_even_where_no_judge_reads_it(tmp_path: Path) -> None:
    assert "answer is a number" in refusal(written(tmp_path, {**GOOD, "answer": -2.5}))


def test_gsm8k_rows_keep_the_answer_and_leave_the_worked_text(tmp_path: Path) -> None:
    [row] = rows(written(tmp_path, {"question": "q", "answer": "He has <<48/2=24>>24.\n#### 24"}))
    assert (row.problem.answer, row.problem.check, row.samples) == ("24", "number", ())


def test_a_named_check_means_the_answer_as_it_stands(tmp_path: Path) -> None:
    [row] = rows(written(tmp_path, {"question": "q", "answer": "title\n#### 24", "check": "text"}))
    assert row.problem.answer == "title\n#### 24"


def test_gsm8k_recorded_solutions_keep_policy_and_label(tmp_path: Path) -> None:
    solutions = {
        "small": {"is_correct": False, "solution": "A: 3"},
        "big": {"is_correct": True, "solution": "A: 2"},
    }
    [row] = rows(written(tmp_path, {"question": "q", "ground_truth": "1+1=2\nA: 2", **solutions}))
    assert row.problem.answer == "2"
    assert row.samples == (Recorded("small", "A: 3", label=False), Recorded("big", "A: 2", label=True))


def test_parquet_reads_as_jsonl_does(tmp_path: Path) -> None:
    first = {**GOOD, "level": 2, "samples": [{"text": "A: 2", "policy": "m", "tokens": 4}]}
    second = {"question": "2+2?", "answer": "4", "level": None, "samples": None}
    file = tmp_path / "no-suffix"
    pq.write_table(pa.Table.from_pylist([first, second]), file)
    from_parquet = rows(file)
    assert [row.problem for row in from_parquet] == [
        row.problem for row in rows(written(tmp_path, first, second))
    ]
    assert from_parquet[0].samples == (Recorded("m", "A: 2", 4),)
    assert from_parquet[1].place == f"{file}, row 2"


def test_blank_lines_carriage_returns_and_a_byte_order_mark_are_no_rows(tmp_path: Path) -> None:
    line = json.dumps(GOOD).encode()
    found = rows(written(tmp_path, b"\xef\xbb\xbf" + line + b"\r", b"", b"  ", line.replace(b"1+1", b"1+2")))
    assert [row.place.rpartition(" ")[2] for row in found] == ["1", "4"]


@pytest.mark.parametrize(
    ("row", "rule"),
    [
        (b"{", "a line is one JSON object; found '{'"),
        (b"[1]", "a line is one JSON object; found a list"),
        (b'"\xff"', "a line is UTF-8; found the byte 0xff at 1"),
        (b'{"question": NaN}', "NaN is no JSON"),
        (b"[" * 100_000, "nests too deep"),
        (b'{"answer": ' + b"9" * 5000 + b"}", "a line is one JSON object"),
        (b'{"answer": 1e9999999999999999999}', "a line is one JSON object"),
        (
            {"prompt": "q", "answer": "2"},
            "a row has question and answer, or question and ground_truth; found 'prompt'",
        ),
        ({}, "found no key"),
        ({**GOOD, "question": 5}, "question is a text; found 5"),
        ({**GOOD, "question": " \n"}, "question is a text that is not blank"),
        ({**GOOD, "question": "\ud800"}, "question can be written as UTF-8"),
        ({**GOOD, "answer": True}, "answer is a text or a number; found True"),
        ({**GOOD, "answer": ["2"]}, "answer is a text or a number; found a list"),
        ({**GOOD, "answer": "two", "check": "number"}, "answer is a number; found 'two'"),
        ({**GOOD, "check": 3}, "check is a text; found 3"),
        ({**GOOD, "family": "a\x1b[31m"}, "family is a name of 1 to 200 characters that print"),
        ({**GOOD, "level": 0}, "level is a whole number from 1 to 1,000,000; found 0"),
        ({**GOOD, "level": 1.5}, "level is a whole number from 1 to 1,000,000; found 1.5"),
        ({**GOOD, "level": True}, "level is a whole number from 1 to 1,000,000; found True"),
        ({**GOOD, "samples": "A: 2"}, "samples is a list of at most 10,000; found 'A: 2'"),
        ({**GOOD, "samples": [""] * 10_001}, "samples is a list of at most 10,000; found 10,001"),
        (
            {**GOOD, "samples": ["A: 2", 7]},
            "samples[1] is a text, or an object with text, policy and tokens; found 7",
        ),
        ({**GOOD, "samples": [{"policy": "m"}]}, "samples[0].text is a text; found none"),
        ({**GOOD, "samples": [{"text": "", "policy": " "}]}, "samples[0].policy is a name"),
        ({**GOOD, "samples": [{"text": "", "tokens": -1}]}, "samples[0].tokens is a whole number from 0"),
        ({**GOOD, "samples": ["\udfff"]}, "samples[0] can be written as UTF-8"),
        (
            {"question": "q", "ground_truth": "2"},
            "ground_truth ends in a line 'A: ' with the answer; found '2'",
        ),
        (
            {"question": "q", "ground_truth": "A: 2", "m": "A: 2"},
            "'m' is an object with solution and is_correct",
        ),
        (
            {"question": "q", "ground_truth": "A: 2", "m": {"solution": ""}},
            "'m': is_correct is true or false",
        ),
        (
            {"question": "q", "ground_truth": "A: 2", "m": {"is_correct": True}},
            "'m': solution is a text; found none",
        ),
    ],
)
def test_a_malformed_line_is_refused_with_its_number_and_the_rule(
    tmp_path: Path, row: Any, rule: str
) -> None:
    message = refusal(written(tmp_path, GOOD, b"", row, GOOD))
    assert message.startswith(f"{tmp_path}/rows.jsonl, line 3: ")
    assert rule in message
    assert len(message) < 600


def test_a_malformed_row_of_parquet_is_refused_with_its_number(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"question": ["a"] * 300, "answer": ["1"] * 299 + [None]}), file)
    assert refusal(file).startswith(f"{file}, row 300: a row has question and answer")


def test_damaged_parquet_is_refused(tmp_path: Path) -> None:
    file = tmp_path / "rows.parquet"
    pq.write_table(pa.table({"question": ["a"], "answer": ["1"]}), file)
    file.write_bytes(file.read_bytes()[:-20])
    assert "Parquet that can be read" in refusal(file)


def test_a_line_beyond_the_bound_is_refused_without_being_held(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(row_files, "LONGEST_LINE", 100)
    file = written(tmp_path, GOOD, {**GOOD, "question": "x" * 100}, GOOD)
    assert "line 2: a line has at most 100 bytes" in refusal(file)
    with file.open("rb") as stream:
        assert [line is None for line in row_files.bounded_lines(stream)] == [False, True, False]


@pytest.mark.parametrize("content", [b"", b"\n \n"])
def test_a_file_without_rows_is_refused(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "empty.jsonl"
    file.write_bytes(content)
    assert refusal(file) == f"{file}: an import has at least one row; found none"


def test_what_is_no_regular_file_is_refused(tmp_path: Path) -> None:
    assert "regular file" in refusal(tmp_path)
    assert "No such file" in refusal(tmp_path / "missing.jsonl")


@pytest.mark.parametrize("name", ["", "../up", "a b", ".hidden", "x" * 61])
def test_a_name_that_cannot_name_files_is_refused(tmp_path: Path, name: str) -> None:
    with pytest.raises(BadImport, match="a name is 1 to 60 letters"):
        list(read(written(tmp_path, GOOD), name, settle))


@pytest.mark.parametrize(
    ("value", "digits"),
    [
        (18, "18"),
        (18.0, "18"),
        (-0.5, "-0.5"),
        (1e21, "1" + "0" * 21),
        (Decimal("1.50"), "1.5"),
        (100, "100"),
    ],
)
def test_numbers_are_written_in_plain_digits(value: int | float | Decimal, digits: str) -> None:
    assert number_text(value) == digits


@pytest.mark.parametrize(
    "value", [float("nan"), float("inf"), Decimal("1e1000000"), 10**100, Decimal("1e-5000")]
)
def test_numbers_beyond_bounds_are_refused(value: int | float | Decimal) -> None:
    with pytest.raises(ValueError, match="at most 100 digits"):
        number_text(value)
