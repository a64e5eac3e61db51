"""A Prefect API: the configured one, or a server of our own that dies when we do.

Prefect's own temporary server stops when the interpreter exits, which a `kill -9` never lets it do, and once it
is killed itself the run waits for minutes and fails. Ours leaves when our end of a pipe closes, however we end.
It listens on a socket that we hold: requests wait there from the first moment on, while the server starts beside
the imports, and while another takes the place of one that was killed.
"""

import atexit
import os
import socket
import subprocess
import sys
import threading
import time

import httpx
import prefect.context
from prefect.settings import PREFECT_API_URL

from curriculum.errors import InputError

# On SQLite, Prefect 3.7 stops for good when an automation is changed while it looks at them all, as it does every few
# seconds: the thread of its event loop then waits for a task of that loop. So the task is started, and not waited for;
# a loop alone would not keep it from being collected.
NO_DEADLOCK = """
import asyncio
import prefect.server.events.models.automations as automations
tasks = set()

def start(coroutine):
    task = asyncio.get_running_loop().create_task(coroutine)
    tasks.add(task)
    task.add_done_callback(tasks.discard)

automations.run_coro_as_sync = start
"""
SERVE = """
import os, signal, socket, sys, threading

def follow():
    sys.stdin.read()  # returns when the other end is gone
    os.kill(os.getpid(), signal.SIGTERM)

threading.Thread(target=follow, daemon=True).start()
import uvicorn
config = uvicorn.Config("prefect.server.api.server:create_app", factory=True, log_level="error", lifespan="on",
    timeout_graceful_shutdown=1)
uvicorn.Server(config).run(sockets=[socket.socket(fileno=int(sys.argv[1]))])
"""
# A limit's slots are in the database. Who holds them is by default in memory: a restart would lose it, and them.
KEPT_LEASES = {
    "PREFECT_SERVER_CONCURRENCY_LEASE_STORAGE": "prefect.server.concurrency.lease_storage.filesystem"
}
STARTS = 5  # of a server that dies each time
YOUNG_S = 60
ANSWER_S = 5
START_S = 120
STOP_S = 5


class _OwnServer:
    """A server process, and another when it dies."""

    def __init__(self, port: int, settings: dict[str, str]) -> None:
        self._socket = socket.create_server(("127.0.0.1", port), backlog=128)
        self._settings = settings
        self._ending = False
        self._process = self._start()
        threading.Thread(target=self._keep, daemon=True, name="prefect-server").start()
        atexit.register(self._stop)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._socket.getsockname()[1]}/api"

    def _start(self) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            [sys.executable, "-c", NO_DEADLOCK + SERVE, str(self._socket.fileno())],
            env=os.environ | self._settings,
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            pass_fds=[self._socket.fileno()],
            start_new_session=True,  # Ctrl-C is for us
        )

    def _keep(self) -> None:
        """Start another where one has died; give up, so that requests fail instead of waiting, if each dies young."""
        young = 0
        while young < STARTS:
            started = time.monotonic()
            self._process.wait()
            if self._ending:
                return
            young = young + 1 if time.monotonic() - started < YOUNG_S else 0
            time.sleep(young)
            if not self._ending:
                self._process = self._start()
        self._socket.close()

    def _stop(self) -> None:
        self._ending = True
        self._process.terminate()
        try:
            self._process.wait(STOP_S)
        except subprocess.TimeoutExpired:
            self._process.kill()


_ours: _OwnServer | None = None


def is_our_own() -> bool:
    """Whether the server is one that ends with this process."""
    return _ours is not None


def start_api() -> None:
    """See to it that flows have an API, without waiting for it: a server of our own takes seconds to start."""
    if PREFECT_API_URL.value():
        return
    global _ours
    _ours = _OwnServer(0, {"PREFECT_UI_ENABLED": "0", "PREFECT__SERVER_EPHEMERAL": "1"})
    _use(_ours.url)


def serve_api(port: int) -> tuple[str, bool]:
    """The URL of an API with schedules, automations and a UI, and whether it is of this machine alone.

    That is the configured one; else at this port whatever answers, or a server of ours, with Prefect's usual database,
    that ends when we do. InputError if something else has the port.
    """
    if url := PREFECT_API_URL.value():
        return url, False
    url = f"http://127.0.0.1:{port}/api"
    if not answers(url):
        try:
            _OwnServer(port, {"PREFECT_SERVER_API_PORT": str(port), **KEPT_LEASES})
        except OSError as error:
            raise InputError(
                f"--port {port} is for Prefect's server, and is not free: {error.strerror}"
            ) from error
    _use(url)
    return url, True


def answers(url: str) -> bool:
    """Whether a Prefect server is there, now."""
    try:
        return httpx.get(f"{url}/health", timeout=ANSWER_S).json() is True
    except (httpx.HTTPError, ValueError):
        return False


def _use(url: str) -> None:
    os.environ["PREFECT_API_URL"] = url
    prefect.context.refresh_global_settings_context()


def await_api() -> None:
    """Return once the API answers. RuntimeError if it does not in time."""
    url = f"{PREFECT_API_URL.value()}/health"
    try:
        httpx.get(url, timeout=START_S).raise_for_status()
    except httpx.HTTPError as error:
        raise RuntimeError(f"Prefect's API answers within {START_S} s; {url} does not: {error}") from error
