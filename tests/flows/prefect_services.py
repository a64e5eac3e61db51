"""Real Prefect services for tests: a server on SQLite or Postgres, a process worker, and a client that asks them."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx

REPOSITORY = Path(__file__).parents[2]
START_S = 120.0
HURRIED = {  # what a server waits for by the minute is not worth a test's time
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "2",
    "PREFECT_SERVER_SERVICES_SCHEDULER_RECENT_DEPLOYMENTS_LOOP_SECONDS": "1",
    "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "2",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_SERVER_LOGGING_LEVEL": "WARNING",
    "PREFECT_UI_ENABLED": "0",
    "PREFECT_WORKER_QUERY_SECONDS": "1",
    "PREFECT_WORKER_PREFETCH_SECONDS": "1",
    "PREFECT_RUNNER_POLL_FREQUENCY": "1",
    "OMP_NUM_THREADS": "2",
    "OMP_WAIT_POLICY": "passive",
}


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


def until(found: Callable[[], object], what: str, seconds: float = START_S) -> object:
    """What `found` returns once it is true; AssertionError that says what was waited for."""
    deadline = time.monotonic() + seconds
    while not (value := found()):
        assert time.monotonic() < deadline, f"in {seconds:.0f} s: {what}"
        time.sleep(0.2)
    return value


@contextmanager
def process(command: list[str], environment: dict[str, str], log: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process with its children in a group of their own, none of which outlives the block."""
    with log.open("ab") as output:
        started = subprocess.Popen(
            command, env=environment, cwd=REPOSITORY, stdout=output, stderr=output, start_new_session=True
        )
    try:
        yield started
    finally:
        kill_group(started)


def kill_group(started: subprocess.Popen[bytes]) -> None:
    try:
        os.killpg(started.pid, signal.SIGKILL)
    except ProcessLookupError:
        pass
    started.wait()


@contextmanager
def server(folder: Path, database: str | None = None) -> Iterator[dict[str, str]]:
    """The environment of a client of a server that has just been started; its log is `folder`/server.log."""
    port = free_port()
    environment = (
        os.environ
        | HURRIED
        | {"PREFECT_HOME": str(folder / "prefect"), "PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
    )
    if database:
        environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = database
    command = [sys.executable, "-m", "prefect", "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with process(command, environment, folder / "server.log") as started:

        def answers() -> bool:
            assert started.poll() is None, (folder / "server.log").read_text()
            try:
                return httpx.get(f"{environment['PREFECT_API_URL']}/health", timeout=2).is_success
            except httpx.HTTPError:
                return False

        until(answers, "a Prefect server answers")
        yield environment
