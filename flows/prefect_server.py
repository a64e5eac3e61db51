"""A Prefect API for one run: the configured one, or a server of our own that dies when we do.

Prefect stops its temporary server when the interpreter exits, which a `kill -9` never lets it do. So a small
process waits for our end of a pipe to close, however we end, and stops the server then.
"""

import subprocess
import sys

from prefect.server.api.server import SubprocessASGIServer
from prefect.settings import PREFECT_API_URL

WATCH = """
import os, signal, sys
sys.stdin.read()  # returns when the other end is gone
try:
    os.kill(int(sys.argv[1]), signal.SIGTERM)
except ProcessLookupError:
    pass
"""


def ensure_api() -> None:
    """Return once flows have an API. RuntimeError if our own server does not come up in time."""
    if PREFECT_API_URL.value():
        return
    server = SubprocessASGIServer()  # the one instance that Prefect itself would start for the first flow
    server.start()
    assert server.server_process is not None
    subprocess.Popen(
        [sys.executable, "-c", WATCH, str(server.server_process.pid)],
        stdin=subprocess.PIPE,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,  # Ctrl-C is for us; the watcher goes last
    )
