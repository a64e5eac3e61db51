"""A GPU belongs to one run: by locks on the machine's devices, and by slots of the server's limit."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from curriculum.errors import WorkFailed
from flows.gpus import SHARE, VISIBLE, needed, own_gpus, visible_gpus
from flows.settings import Config
from tests.flows.prefect_services import REPOSITORY, run, server

HOLD = """
import sys, time
from flows.gpus import own_gpus
with own_gpus(1):
    import os
    print(os.environ["CUDA_VISIBLE_DEVICES"], flush=True)
    time.sleep(600)
"""
QUEUE = """
import sys, threading, time
from curriculum.errors import WorkFailed
from flows import gpus
from flows.deploying import set_up
from prefect import flow
from prefect.client.orchestration import get_client

@flow
def hold(name, seconds):
    with gpus.slots(1):
        began = time.monotonic()
        time.sleep(seconds)
        spans.append((began, time.monotonic()))

try:
    hold("nobody", 0)
except WorkFailed as error:
    assert "has none" in str(error), error
else:
    raise AssertionError("a limit that is missing held")
with get_client(sync_client=True) as client:
    set_up(client, 0, None)
try:
    hold("nobody", 0)
except WorkFailed as error:
    assert "has 0" in str(error), error
else:
    raise AssertionError("a limit of none held")
with get_client(sync_client=True) as client:
    set_up(client, 1, None)
spans = []
runs = [threading.Thread(target=hold, args=(f"{i}", 3)) for i in range(2)]
[run.start() for run in runs]
[run.join() for run in runs]
(first, second) = sorted(spans)
assert first[1] <= second[0], spans
print("one after the other")
"""


@pytest.fixture
def two_gpus(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Names of devices that no other test's process has; what is tested is who gets which."""
    names = [f"test-{os.getpid()}-{number}" for number in range(2)]
    monkeypatch.setenv(VISIBLE, ",".join(names))
    return names


def holder() -> tuple[subprocess.Popen[str], str]:
    process = subprocess.Popen(
        [sys.executable, "-c", HOLD], cwd=REPOSITORY, text=True, stdout=subprocess.PIPE
    )
    assert process.stdout is not None
    return process, process.stdout.readline().strip()


def test_each_run_sees_gpus_of_its_own(two_gpus: list[str]) -> None:
    other, taken = holder()
    try:
        assert taken == two_gpus[0]
        with own_gpus(1):
            assert visible_gpus() == [two_gpus[1]]
            with pytest.raises(WorkFailed, match=r"it needs 1, and of 1 here .* is in use"), own_gpus(1):
                pass
        assert visible_gpus() == two_gpus
        with (
            pytest.raises(
                WorkFailed, match=rf"it needs 2, and of 2 here {two_gpus[0]} by process {other.pid}"
            ),
            own_gpus(2),
        ):
            pass
    finally:
        other.kill()
        other.communicate()


def test_a_killed_run_leaves_its_gpu_free(two_gpus: list[str]) -> None:
    other, _ = holder()
    other.send_signal(signal.SIGKILL)
    other.communicate()
    with own_gpus(2):
        assert visible_gpus() == two_gpus


def test_gpus_are_shared_on_purpose_alone(two_gpus: list[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(SHARE, "1")
    with own_gpus(2), own_gpus(2):
        assert visible_gpus() == two_gpus


def test_a_machine_without_gpus_is_left_as_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(VISIBLE, "")
    with own_gpus(1):
        assert os.environ[VISIBLE] == ""


def test_a_run_that_holds_none_sees_none(two_gpus: list[str]) -> None:
    with own_gpus(0):
        assert visible_gpus() == []
    assert visible_gpus() == two_gpus


def test_as_many_are_needed_as_engines_or_trainers_work_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    config = Config.model_validate({"policy": {"engines": 3}, "training": {"trainer": "trl", "processes": 2}})
    served = Config.model_validate({"policy": {"engine": "server"}})
    monkeypatch.setenv(VISIBLE, "0,1,2,3")
    assert needed(config) == 3
    assert needed(served) == 1  # the trainer's
    monkeypatch.setenv(VISIBLE, "0,1")
    assert needed(config) == 2  # all that there are
    monkeypatch.setenv(VISIBLE, "")
    assert needed(config) == 0


def test_the_limit_of_the_server_lets_one_run_in_after_the_other(tmp_path: Path) -> None:
    with server(tmp_path) as environment:
        assert "one after the other" in run([sys.executable, "-c", QUEUE], environment, 240)
