"""Real Prefect services for tests: a server on SQLite or Postgres, a process worker, and a webhook."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import httpx
import pytest

from flows.prefect_server import NO_DEADLOCK
from warehouse.errors import HomeMissing
from warehouse.query import open_reader

REPOSITORY = Path(__file__).parents[2]
EDGEWORK = str(Path(sys.executable).with_name("edgework"))
START_S = 120.0
HURRIED = {  # what a server waits for by the minute is not worth a test's time
    "PREFECT_SERVER_SERVICES_SCHEDULER_LOOP_SECONDS": "10",
    "PREFECT_SERVER_SERVICES_SCHEDULER_MAX_RUNS": "8",
    "PREFECT_SERVER_DEPLOYMENTS_CONCURRENCY_SLOT_WAIT_SECONDS": "2",
    "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
    "DO_NOT_TRACK": "1",
    "PREFECT_LOGGING_LEVEL": "INFO",
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
        time.sleep(0.5)
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
        kill_all(started)


def run(command: list[str], environment: dict[str, str], seconds: float = 300.0) -> str:
    """What a command prints; AssertionError that shows it if the command fails, or takes too long."""
    done = subprocess.run(
        ["timeout", "--signal=ABRT", f"{seconds:.0f}", *command],  # at which Python shows where it stands
        env=environment | {"PYTHONFAULTHANDLER": "1"},
        cwd=REPOSITORY,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    return done.stdout


def decided(home: Path) -> int:
    """How many rounds of a home, that may not be there yet, have been decided."""
    try:
        with open_reader(home) as con:
            return int(con.execute("select count(*) from promotions").fetchall()[0][0])
    except HomeMissing:
        return 0


def kill_all(started: subprocess.Popen[bytes]) -> None:
    """SIGKILL to a process and all that it has started, as the loss of a machine would do it."""
    for pid in [started.pid, *descendants(started.pid)]:
        with suppress(ProcessLookupError):
            os.kill(pid, signal.SIGKILL)
    started.wait()


def descendants(pid: int) -> list[int]:
    """The processes that a process has started, and those that they have."""
    found = [
        int(child)
        for file in Path(f"/proc/{pid}/task").glob("*/children")
        for child in file.read_text().split()
    ]
    return [*found, *(below for child in found for below in descendants(child))]


@contextmanager
def server(
    folder: Path, database: str | None = None, prepared: str = NO_DEADLOCK
) -> Iterator[dict[str, str]]:
    """The environment of a client of a server that has just been started; its log is `folder`/server.log.

    `prepared` is a program that it runs first.
    """
    port = free_port()
    environment = (
        os.environ
        | HURRIED
        | {"PREFECT_HOME": str(folder / "prefect"), "PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
    )
    if database:
        environment["PREFECT_SERVER_DATABASE_CONNECTION_URL"] = database
    program = f"{prepared}\nfrom prefect.cli import app\napp()"
    command = [sys.executable, "-c", program, "server", "start", "--host", "127.0.0.1", "--port", str(port)]
    with process(command, environment, folder / "server.log") as started:

        def answers() -> bool:
            assert started.poll() is None, (folder / "server.log").read_text()
            try:
                return httpx.get(f"{environment['PREFECT_API_URL']}/health", timeout=2).is_success
            except httpx.HTTPError:
                return False

        until(answers, "a Prefect server answers")
        yield environment


@contextmanager
def postgres() -> Iterator[str]:
    """The URL of a database in a cluster of its own; skips where Postgres is not installed."""
    programs = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if not programs:
        pytest.skip("Postgres is not installed: apt-get install postgresql")
    folder = Path(
        tempfile.mkdtemp(prefix="edgework-postgres-")
    )  # not below a folder that only root may enter
    user = []
    if os.geteuid() == 0:  # which Postgres refuses to run as
        shutil.chown(folder, "postgres", "postgres")
        user = ["runuser", "-u", "postgres", "--"]
    data, port = folder / "data", free_port()
    make = [str(programs[-1]), "--auth=trust", "--username=prefect", "--no-sync", str(data)]
    subprocess.run([*user, *make], check=True, capture_output=True)
    settings = [
        "-D",
        str(data),
        "-p",
        str(port),
        "-k",
        str(folder),
        "-c",
        "fsync=off",
        "-c",
        "max_connections=200",
    ]
    command = [*user, str(programs[-1].with_name("postgres")), "-c", "listen_addresses=127.0.0.1", *settings]
    try:
        with process(command, dict(os.environ), folder / "postgres.log"):
            ready = [str(programs[-1].with_name("pg_isready")), "-h", "127.0.0.1", "-p", str(port)]
            until(lambda: subprocess.run(ready, capture_output=True).returncode == 0, "Postgres answers")
            yield f"postgresql+asyncpg://prefect@127.0.0.1:{port}/postgres"
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def webhook() -> Iterator[tuple[str, list[dict[str, Any]]]]:
    """A URL, and what has been posted there as JSON."""
    posted: list[dict[str, Any]] = []

    class Listener(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            posted.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    listener = ThreadingHTTPServer(("127.0.0.1", 0), Listener)
    threading.Thread(target=listener.serve_forever, daemon=True).start()
    try:
        yield f"http://127.0.0.1:{listener.server_port}/edgework", posted
    finally:
        listener.shutdown()
