"""The worker processes under attack: C code that hears no signal, memory, segmentation faults, kill -9, no host."""

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Timer

import pytest

from filters import workers

SCRIPT = """
import os
from filters import workers
print(workers.call(os.getpid, wall_s=5), flush=True)
{last}
"""


@pytest.fixture(autouse=True, scope="module")
def _no_workers_left() -> Iterator[None]:
    yield
    workers.shutdown()


def test_a_worker_returns_and_raises_what_the_function_does() -> None:
    assert workers.call(divmod, 17, 5, wall_s=5) == (3, 2)
    assert workers.call(os.getpid, wall_s=5) != os.getpid()
    with pytest.raises(ValueError, match="invalid literal"):
        workers.call(int, "zwölf", wall_s=5)


def test_c_code_that_hears_no_signal_is_killed_at_the_limit() -> None:
    workers.call(abs, -1, wall_s=5)
    start = time.monotonic()
    with pytest.raises(workers.TimedOut):
        workers.call(pow, 9, 9**9, wall_s=0.5)
    assert 0.5 <= time.monotonic() - start < 1.5
    assert workers.call(abs, -2, wall_s=5) == 2


def test_the_start_of_a_worker_is_not_counted() -> None:
    workers.shutdown()
    assert workers.call(abs, -3, wall_s=0.1) == 3


def test_memory_is_bounded_and_the_next_call_has_all_of_it() -> None:
    with pytest.raises(workers.OutOfMemory):
        workers.call(bytearray, workers.MEMORY_BYTES, wall_s=5)
    assert workers.call(len, b"\0" * 1000, wall_s=5) == 1000


def test_work_that_kills_its_worker_twice_is_a_failure() -> None:
    with pytest.raises(workers.WorkerDied):
        workers.call(os.abort, wall_s=5)
    assert workers.call(abs, -4, wall_s=5) == 4


def test_an_idle_worker_that_is_killed_is_replaced() -> None:
    pid = workers.call(os.getpid, wall_s=5)
    os.kill(pid, signal.SIGKILL)
    assert workers.call(os.getpid, wall_s=5) != pid


def test_a_call_whose_worker_is_killed_is_made_again() -> None:
    pid = workers.call(os.getpid, wall_s=5)
    Timer(0.3, os.kill, (pid, signal.SIGKILL)).start()
    assert workers.call(time.sleep, 0.6, wall_s=5) is None
    assert workers.call(os.getpid, wall_s=5) != pid


def test_threads_get_their_own_answers_while_workers_are_killed() -> None:
    def kill_one() -> None:
        with contextlib.suppress(ProcessLookupError):
            os.kill(workers.call(os.getpid, wall_s=5), signal.SIGKILL)

    def absolute(number: int) -> int:
        return workers.call(abs, number, wall_s=5)

    with ThreadPoolExecutor(8) as threads:
        answers = [threads.submit(absolute, -number) for number in range(50)]
        for _ in range(3):
            threads.submit(kill_one)
        answers += [threads.submit(absolute, -number) for number in range(50, 100)]
        assert [answer.result() for answer in answers] == list(range(100))


def test_a_worker_writes_no_file(tmp_path: Path) -> None:
    with pytest.raises(OSError, match="too large"):
        workers.call((tmp_path / "note").write_text, "words", wall_s=5)


@pytest.mark.parametrize("last", ["workers.call(pow, 9, 9**9, wall_s=1.0)", "input()"])
def test_a_host_that_is_killed_leaves_no_worker(last: str, tmp_path: Path) -> None:
    """A script without `if __name__`, killed while its worker works, and while it is idle."""
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(last=last))
    host = subprocess.Popen(
        [sys.executable, str(script)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        env=_environment(),
        text=True,
    )
    assert host.stdout is not None
    pid = int(host.stdout.readline())
    time.sleep(0.2)
    host.kill()
    rest, _ = host.communicate()
    assert rest == ""  # the worker did not run the script again
    assert _ends(pid)


def test_a_host_that_is_interrupted_ends_with_its_worker(tmp_path: Path) -> None:
    script = tmp_path / "script.py"
    script.write_text(SCRIPT.format(last="workers.call(pow, 9, 9**9, wall_s=60)"))
    host = subprocess.Popen(
        [sys.executable, str(script)],
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(),
        text=True,
        start_new_session=True,
    )
    assert host.stdout is not None
    pid = int(host.stdout.readline())
    time.sleep(0.3)
    os.killpg(host.pid, signal.SIGINT)  # as Ctrl-C does, to all of them
    assert host.wait(timeout=60) != 0
    assert _ends(pid)


def _environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}


def _ends(pid: int) -> bool:
    end = time.monotonic() + 30  # a moment, on a machine that has nothing else to do
    while _lives(pid) and time.monotonic() < end:
        time.sleep(0.05)
    return not _lives(pid)


def _lives(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False
