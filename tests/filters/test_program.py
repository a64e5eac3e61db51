"""The judge of programs, in its real sandbox: every golden row, and after each the next program is judged right."""

import json
import os
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from curriculum.records import Problem, Sample, Verdict
from filters import sandbox
from filters.program import judge
from filters.programs.code_block import program_in
from filters.programs.plain_data import equal, read_line, same_output
from filters.programs.spec import read_spec

GOLDEN = Path(__file__).parents[1] / "golden" / "program.jsonl"
ROWS = [json.loads(line) for line in GOLDEN.read_text("utf-8").splitlines()]
ADD = json.dumps(
    {"entry_point": "add", "tests": [{"args": [2, 2], "expected": 4}], "time_s": 2, "memory_mb": 128}
)
HONEST = "```python\ndef add(a, b):\n    return a + b\n```"


LAST_OF_REASON = {row["reason"]: row["why"] for row in ROWS}


MARK = f"judged-by-{os.getpid()}"  # in the command lines of this process's sandboxes


@pytest.fixture(scope="module")
def sandboxed() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sandbox, "PYTHON", (*sandbox.PYTHON, MARK))
        try:
            sandbox.start().close()
        except sandbox.NoSandbox as missing:
            pytest.skip(f"no sandbox here: {missing}")
        yield


def left_over() -> list[str]:
    """What is left of our sandboxes: processes, wherever they belong now, and children that nobody waited for."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            command, status = folder.joinpath("cmdline").read_bytes(), folder.joinpath("status").read_text()
        except OSError:  # it has ended
            continue
        ours = f"\nPPid:\t{os.getpid()}\n" in status and status.startswith("Name:\tbwrap\n")
        if ours or MARK.encode() in command:
            found.append(status[:80])
    return found


def verdict(text: str, answer: str = ADD, finish: Any = "stop", **options: bool) -> Verdict:
    problem = Problem("hostile", 1, "", answer, "program")
    return judge(problem, Sample(problem.key, "hostile", 0, 1.0, text, 0, finish), **options)


@pytest.mark.usefixtures("sandboxed")
@pytest.mark.parametrize("row", ROWS, ids=lambda row: row["why"])
def test_golden(row: dict[str, Any]) -> None:
    start = time.monotonic()
    found = verdict(row["text"], row["gold"], row.get("finish", "stop"))
    assert time.monotonic() - start < json.loads(row["gold"]).get("time_s", 5) + 1
    assert (found.outcome, found.reason) == (row["expected"], row["reason"]), found.extracted
    assert len(found.extracted) <= 100
    found.extracted.encode()
    assert left_over() == []
    if LAST_OF_REASON[row["reason"]] == row["why"]:
        assert verdict(HONEST).outcome == "right"


BOMBS = {
    "deep parentheses": ("x = " + "(" * 50_000 + ")" * 50_000, "syntax_error"),
    "a long chain of signs": ("x = " + "-" * 150_000 + "1", "syntax_error"),
    "a long chain of attributes": ("x" + ".y" * 100_000, "syntax_error"),
    "a long chain of sums": ("x = 1" + "+1" * 100_000, "syntax_error"),
    "many elifs": ("if 0: pass\n" + "elif 0: pass\n" * 20_000, "syntax_error"),
}


@pytest.mark.usefixtures("sandboxed")
@pytest.mark.parametrize(("program", "reason"), BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_for_the_parser(program: str, reason: str) -> None:
    found = verdict(f"```python\n{program}\n```")
    assert (found.outcome, found.reason) == ("wrong", reason)
    assert verdict(program).reason in ("no_program", "no_entry_point")


def test_a_text_that_is_too_long() -> None:
    assert (verdict("x" * 500_001).outcome, verdict("x" * 500_001).reason) == ("no_answer", "too_long")


@pytest.mark.usefixtures("sandboxed")
def test_says_which_test_and_where_the_program_stood() -> None:
    found = verdict("```python\ndef add(a, b):\n    return 5\n```")
    assert (found.extracted, found.found_in) == ("test 1: add(2, 2) -> 5", "code_block")
    assert verdict("def add(a, b):\n    return a + b").found_in == "whole_text"


@pytest.mark.usefixtures("sandboxed")
def test_all_tests_share_the_time() -> None:
    spec = {"tests": [{"stdout": "1"}] * 20, "time_s": 0.5}
    start = time.monotonic()
    found = verdict("```python\nimport time\ntime.sleep(0.2)\nprint(1)\n```", json.dumps(spec))
    assert (found.outcome, found.reason) == ("wrong", "time_limit")
    assert time.monotonic() - start < 1.5


def test_most_rows_are_rejections() -> None:
    expected = [row["expected"] for row in ROWS]
    assert 2 * expected.count("right") < len(expected)
    assert expected.count("wrong") > 150


@pytest.mark.parametrize(
    ("answer", "rule"),
    [
        ("", "JSON"),
        ("[1]", "object"),
        ("[" * 100_000, "deep"),
        ('{"tests": []}', "1 to 1000"),
        ('{"tests": {}}', "1 to 1000"),
        ('{"tests": [1]}', "object"),
        ('{"test": [{"stdout": "1"}]}', "object with"),
        ('{"tests": [{"stdin": "1"}]}', "stdout"),
        ('{"tests": [{"stdout": 1}]}', "texts"),
        ('{"tests": [{"args": [1], "expected": 1}]}', "object with stdin"),
        ('{"entry_point": "f", "tests": [{"stdout": "1"}]}', "object with args"),
        ('{"entry_point": "f", "tests": [{"args": [1]}]}', "expected"),
        ('{"entry_point": "f", "tests": [{"args": 1, "expected": 1}]}', "list"),
        ('{"entry_point": "f", "tests": [{"kwargs": [], "expected": 1}]}', "object"),
        ('{"entry_point": "f", "tests": [{"expected": NaN}]}', "NaN"),
        ('{"entry_point": "f", "tests": [{"expected": ' + "9" * 5000 + "}]}", "digits"),
        ('{"entry_point": "f", "tests": [{"expected": ' + "[" * 60 + "]" * 60 + "}]}", "deep"),
        ('{"entry_point": "", "tests": [{"expected": 1}]}', "name"),
        ('{"entry_point": "a.b", "tests": [{"expected": 1}]}', "name"),
        ('{"entry_point": "if", "tests": [{"expected": 1}]}', "name"),
        ('{"entry_point": 3, "tests": [{"expected": 1}]}', "name"),
        ('{"tests": [{"stdout": "1"}], "time_s": 0}', "time_s"),
        ('{"tests": [{"stdout": "1"}], "time_s": true}', "time_s"),
        ('{"tests": [{"stdout": "1"}], "time_s": 1e999}', "time_s"),
        ('{"tests": [{"stdout": "1"}], "memory_mb": 1}', "memory_mb"),
        ('{"tests": [{"stdout": "1"}], "tolerance": -1}', "tolerance"),
    ],
)
def test_a_malformed_answer_raises_with_the_rule(answer: str, rule: str) -> None:
    with pytest.raises(ValueError, match=rule) as caught:
        read_spec(answer)
    assert len(str(caught.value)) < 400
    with pytest.raises(ValueError, match=rule):
        verdict(HONEST, answer)


def test_equality_is_reflexive_and_keeps_kinds_apart() -> None:
    values: list[Any] = [None, True, False, 0, 1, -1, 10**50, "", "1", [], [1], {}, {"a": 1}]
    for one in values:
        for other in values:
            assert equal(one, other, 0.5) == (one is other), (one, other)
    assert equal(1, 1.0)
    assert equal(10**400, 1e308, 0.5) is False
    assert equal([{"a": (0.1 + 0.2)}], [{"a": 0.3}], 1e-9)
    assert not equal([{"a": (0.1 + 0.2)}], [{"a": 0.3}])


@pytest.mark.parametrize(
    "line", [b"", b"4", b"[4]", b"\xff", b"{", b"[" * 10**6, b'{"a":' * 10**5, b"9" * 10**6]
)
def test_a_line_that_is_no_object_is_none(line: bytes) -> None:
    assert read_line(line) is None


def test_output_is_compared_by_lines_without_their_trailing_blanks() -> None:
    assert same_output(b"1 \r\n2\n\n", "1\n2")
    assert not same_output(b"1\n\n2", "1\n2")
    assert not same_output(b" 1", "1")
    assert not same_output(b"\xff", "\ufffd")
    assert not same_output("1\u00a0".encode(), "1")


def test_blocks_take_linear_time() -> None:
    for text in (
        "```\n" * 100_000,
        "```python\n" * 40_000,
        "`" * 400_000,
        " " * 400_000 + "```",
        "```" + "~" * 400_000,
    ):
        start = time.process_time()
        program_in(text)
        assert time.process_time() - start < 5.0


@pytest.mark.usefixtures("sandboxed")
def test_judging_keeps_nothing_open() -> None:
    handles = len(list(Path("/proc/self/fd").iterdir()))
    for text in (
        HONEST,
        "```python\nimport os\nos._exit(0)\n```",
        "```python\nwhile True: print('x' * 1000)\n```",
    ):
        verdict(text)
    assert len(list(Path("/proc/self/fd").iterdir())) == handles
