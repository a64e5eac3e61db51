"""The sandbox itself: it refuses where there is none, holds when crowded, and leaves nothing behind."""

import json
import os
import platform
import signal
import struct
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from curriculum.records import Problem, Sample, Verdict
from filters import program, sandbox
from filters.programs import seccomp
from filters.programs.bubblewrap import TMP_BYTES, SandboxFailed, jailed
from filters.programs.interpreter import Interpreter, interpreter

ADD = json.dumps(
    {"entry_point": "add", "tests": [{"args": [2, 2], "expected": 4}], "time_s": 2, "memory_mb": 128}
)
HONEST = "def add(a, b):\n    return a + b"
THREAD_BOMB = """
import threading, time
threading.stack_size(1 << 16)
def add(a, b):
    try:
        while True: threading.Thread(target=time.sleep, args=(100,), daemon=True).start()
    except RuntimeError:
        time.sleep(1)
    raise LookupError
"""
FORK_BOMB = """
import os
def add(a, b):
    end = __import__("time").monotonic() + 1
    while __import__("time").monotonic() < end:
        try: os.fork()
        except OSError: pass
    raise LookupError
"""
WITH_THREADS = """
from concurrent.futures import ThreadPoolExecutor
def add(a, b):
    with ThreadPoolExecutor(8) as pool:
        return list(pool.map(lambda n: a + b, range(50)))[0]
"""


def verdict(text: str, **options: bool) -> Verdict:
    problem = Problem("hostile", 1, "", ADD, "program")
    return program.judge(
        problem, Sample(problem.key, "hostile", 0, 1.0, f"```python\n{text}\n```", 0, "stop"), **options
    )


@pytest.fixture
def bwrap() -> str:
    """The path of a bubblewrap that makes sandboxes here."""
    try:
        sandbox.start().close()
    except sandbox.NoSandbox as missing:
        pytest.skip(f"no sandbox here: {missing}")
    path = subprocess.run(["which", "bwrap"], capture_output=True, check=True, text=True).stdout.strip()
    assert path
    return path


@pytest.fixture
def no_bwrap(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def running(marker: str) -> list[int]:
    """Processes of this machine that have a word in their command line."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            if marker.encode() in folder.joinpath("cmdline").read_bytes():
                found.append(int(folder.name))
        except OSError:  # it has ended
            continue
    return found


@pytest.mark.usefixtures("no_bwrap")
def test_without_bubblewrap_nothing_runs() -> None:
    found = verdict(HONEST)
    assert (found.outcome, found.reason) == ("not_judged", "no_sandbox")
    assert "bubblewrap" in found.extracted


@contextmanager
def bubblewrap_as(script: str) -> Iterator[None]:
    """A `bwrap` on the path that is this shell script, where an unprivileged user can run it."""
    with TemporaryDirectory() as folder, pytest.MonkeyPatch.context() as patch:
        path = Path(folder, "bwrap")
        path.write_text(f"#!/bin/sh\n{script}\n")
        path.chmod(0o755)
        path.parent.chmod(0o755)
        patch.setenv("PATH", folder)
        yield


def test_a_bubblewrap_that_fails_makes_no_sandbox() -> None:
    with bubblewrap_as("echo no namespaces here >&2; exit 1"):
        found = verdict(HONEST)
    assert (found.outcome, found.reason) == ("not_judged", "no_sandbox")
    assert "no namespaces here" in found.extracted


def swapped(old: str, new: str) -> str:
    """Shell that puts words in the place of one argument."""
    found = f'[ "$word" = {old} ]'
    return (
        f'for word in "$@"; do shift; if {found}; then set -- "$@" {new}; else set -- "$@" "$word"; fi; done'
    )


@pytest.mark.parametrize(
    ("change", "broken"),
    [
        ('shift 4; set -- --info-fd "$info" "$@"', "forks"),  # without --seccomp
        (swapped("--clearenv", "--ro-bind /etc /etc"), "sees_files"),
        (swapped("--clearenv", "--share-net"), "reaches_out"),
        (swapped("--remount-ro", "--chdir"), "writes"),
        (swapped(str(TMP_BYTES), str(TMP_BYTES << 6)), "writes"),
    ],
    ids=["no filter", "files of the machine", "the network", "a writable root", "a large /tmp"],
)
def test_a_sandbox_with_a_hole_is_found_out(bwrap: str, change: str, broken: str) -> None:
    """The probe looks for itself: it does not believe that bubblewrap did what it was told."""
    with bubblewrap_as(f'info=$2; {change}; exec {bwrap} "$@"'):
        found = verdict(HONEST)
    assert (found.outcome, found.reason) == ("not_judged", "no_sandbox")
    assert broken in found.extracted


@pytest.mark.usefixtures("no_bwrap")
def test_unsandboxed_says_so_once_and_keeps_the_limits() -> None:
    program.warn_once.cache_clear()
    with pytest.warns(RuntimeWarning, match="WITHOUT a sandbox") as caught:
        outcomes = [verdict(text, unsandboxed=True) for text in (HONEST, "def add(a, b):\n    return 5")]
    assert [found.outcome for found in outcomes] == ["right", "wrong"]
    assert len(caught) == 1
    start = time.monotonic()
    assert verdict("def add(a, b):\n    while True: pass", unsandboxed=True).reason == "time_limit"
    assert time.monotonic() - start < 3
    assert (
        verdict("def add(a, b):\n    return bytearray(10 ** 10)", unsandboxed=True).reason == "memory_limit"
    )
    assert verdict("import os\ndef add(a, b):\n    os.abort()", unsandboxed=True).reason == "crashed"
    assert (
        verdict("def add(a, b):\n    while True: print('x' * 1000)", unsandboxed=True).reason
        == "output_limit"
    )


@pytest.mark.usefixtures("bwrap")
def test_permission_to_go_without_is_not_used_where_there_is_a_sandbox() -> None:
    assert (
        verdict("def add(a, b):\n    return len(open('/etc/passwd').read())", unsandboxed=True).reason
        == "raised"
    )


@pytest.mark.usefixtures("bwrap")
def test_bombs_do_not_starve_their_neighbours() -> None:
    """The limit on threads is counted per sandbox: a bomb uses up its own, and not the innocents'."""
    with ThreadPoolExecutor(6) as pool:
        bombs = [pool.submit(verdict, text) for text in (THREAD_BOMB, FORK_BOMB) * 2]
        innocents = [pool.submit(verdict, WITH_THREADS) for _ in range(6)]
        assert [found.result().reason for found in innocents] == ["passes"] * 6
        assert [found.result().reason for found in bombs] == ["raised"] * 4


@pytest.mark.usefixtures("bwrap")
def test_a_killed_judge_takes_its_sandbox_with_it() -> None:
    marker = f"sandbox-of-{os.getpid()}"
    judging = f"""
from filters.programs import bubblewrap
from filters import sandbox
sandbox.PYTHON = (*sandbox.PYTHON, {marker!r})
child = sandbox.start()
print("ready", flush=True)
__import__("time").sleep(60)
"""
    root = Path(__file__).parents[2]
    with subprocess.Popen([sys.executable, "-c", judging], cwd=root, stdout=subprocess.PIPE) as judge:
        assert judge.stdout is not None
        assert judge.stdout.readline() == b"ready\n"
        assert len(running(marker)) >= 3  # the judge, bubblewrap and the harness
        judge.send_signal(signal.SIGKILL)
    until = time.monotonic() + 5
    while running(marker) and time.monotonic() < until:
        time.sleep(0.01)
    assert running(marker) == []


def test_an_interpreter_that_is_missing_is_a_sandbox_that_failed(bwrap: str) -> None:
    python = interpreter()
    assert python is not None
    absent = Interpreter("/nowhere/python3", python.library, python.shared)
    with pytest.raises(SandboxFailed):
        sandbox.ready(jailed(bwrap, absent, ["-c", ""]))


def test_the_filter_knows_its_machines() -> None:
    for machine in ("x86_64", "aarch64"):
        steps = list(struct.iter_unpack("=HBBI", seccomp.one_process(machine)))
        for place, (code, yes, no, _) in enumerate(steps):  # every jump lands, and the last step returns
            assert code in (0x20, 0x15, 0x35, 0x45, 0x06)
            assert place + 1 + max(yes, no) < len(steps) or code == 0x06
        assert steps[-1][0] == 0x06
    with pytest.raises(ValueError, match="not for 'riscv64'"):
        seccomp.one_process("riscv64")
    assert platform.machine() not in ("x86_64", "aarch64") or seccomp.one_process()
