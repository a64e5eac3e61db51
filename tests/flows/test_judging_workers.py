"""The processes behind `edgework judge`: killed at any moment, interrupted, orphaned."""

import json
import os
import signal
import subprocess
import time
from pathlib import Path

import pytest

from benchmarks.judging import start, write
from benchmarks.judging_killed import children, judge_while_killing
from filters import VERSIONS
from flows import judging_workers
from flows.judging_lines import LINES as JUDGING
from flows.judging_lines import judge_lines, written
from flows.judging_workers import Worker, WorkerDied, chunk_judges, judge_chunk

LINES = [json.dumps({"check": "integer", "answer": str(i), "text": f"A: {i}"}).encode() for i in range(50)]
DYING = """
import os, signal, sys
sys.path[:] = {path}
from flows import judging_lines, judging_workers
quickly = judging_lines.judge_quickly
def judge(problem, sample):
    if "deadly" in sample.text:
        os.kill(os.getpid(), signal.SIGKILL)
    return quickly(problem, sample)
judging_lines.judge_quickly = judge
judging_workers.serve({descriptor}, judging_lines.{function})
"""
DEADLY = json.dumps({"check": "integer", "answer": "1", "text": "A: deadly"}).encode()


@pytest.mark.parametrize(("every_s", "most_at_once"), [(0.3, 1), (0.02, 4)])
def test_every_line_is_answered_once_while_workers_are_killed(
    tmp_path: Path, every_s: float, most_at_once: int
) -> None:
    lines = 50_000
    result = judge_while_killing(tmp_path, lines, every_s, most_at_once)
    assert (result.status, result.good) == (0, lines)
    assert result.killed > 0


def test_a_worker_killed_while_idle_is_replaced() -> None:
    worker = Worker(judge_lines)
    try:
        assert worker.judge(LINES) == judge_lines(LINES)
        assert worker._process is not None
        worker._process.kill()
        worker._process.wait()
        with pytest.raises(WorkerDied):
            worker.judge(LINES)
        assert judge_chunk(JUDGING, worker, LINES) == judge_lines(LINES)
    finally:
        worker.close()


def test_a_line_that_kills_its_worker_costs_itself_only(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging_workers, "_PROGRAM", DYING)
    lines = [*LINES[:20], DEADLY, b"{", *LINES[20:]]
    with chunk_judges(JUDGING, 1) as submit:
        judged = submit(lambda judge: judge(lines)).result()
    assert judged.lines[20] == written("not_judged", "judge_failed", VERSIONS["integer"])
    assert list(judged.complaints) == [21]
    whole = [output for index, output in enumerate(judged.lines) if index not in (20, 21)]
    assert whole == judge_lines(LINES).lines


def test_where_no_worker_comes_up_the_lines_are_judged_here(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(judging_workers, "_PROGRAM", "import os; os.abort()")
    monkeypatch.setattr(judging_workers, "STARTS", 2)
    with chunk_judges(JUDGING, 2) as submit:
        assert submit(lambda judge: judge(LINES)).result() == judge_lines(LINES)


def at_work(folder: Path) -> tuple["subprocess.Popen[bytes]", list[int]]:
    """A judging that has some seconds to go, and its worker processes."""
    write(folder / "texts.jsonl", 400_000, "integer")
    process = start(folder / "texts.jsonl", folder / "verdicts.jsonl", sorted(os.sched_getaffinity(0)))
    deadline = time.monotonic() + 30
    while not (workers := children(process.pid)):
        assert process.poll() is None
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return process, workers


def gone(pids: list[int]) -> bool:
    deadline = time.monotonic() + 30
    while any(_running(pid) for pid in pids) and time.monotonic() < deadline:
        time.sleep(0.02)
    return not any(_running(pid) for pid in pids)


def _running(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


@pytest.mark.skipif(len(os.sched_getaffinity(0)) < 2, reason="one core is served by one process")
@pytest.mark.parametrize("how", [signal.SIGINT, signal.SIGKILL])
def test_an_end_leaves_no_orphans_and_no_output(tmp_path: Path, how: signal.Signals) -> None:
    process, workers = at_work(tmp_path)
    process.send_signal(how)
    process.communicate(timeout=90)
    assert process.returncode != 0
    assert gone(workers)
    left = {path.name for path in tmp_path.iterdir()} - {"texts.jsonl"}
    assert left == (set() if how is signal.SIGINT else {".verdicts.jsonl.unfinished"})
