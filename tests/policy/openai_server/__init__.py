"""A small server of the OpenAI protocol on a real checkpoint, in a process of its own, that can fail on purpose.

    with SmallServer("--refuse", "429:3") as server:
        engine = ServerEngine("base", SHIPPED_BASE, Server(server.url))

It answers by the transformers engine in float32, whatever waits together, and has vLLM's routes for new weights.
"""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from types import TracebackType
from typing import Self

REPOSITORY = Path(__file__).parents[3]


class SmallServer:
    """The process. It can be killed and started again, on the same port."""

    def __init__(self, *switches: str) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.root = f"http://127.0.0.1:{self.port}"
        self.url = f"{self.root}/v1"
        self.switches = switches

    def start(self, *switches: str) -> Self:
        command = [sys.executable, "-m", "tests.policy.openai_server", "--port", str(self.port)]
        self.process = subprocess.Popen(
            [*command, *(switches or self.switches)],
            cwd=REPOSITORY,
            env=os.environ | {"PYTHONPATH": str(REPOSITORY)},
        )
        return self

    def await_ready(self, timeout_s: float = 120.0) -> Self:
        give_up = time.monotonic() + timeout_s
        while time.monotonic() < give_up and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.root}/health", timeout=1).close()
            except OSError:
                time.sleep(0.05)
            else:
                return self
        raise TimeoutError(f"the small server is ready within {timeout_s} s")

    def kill(self) -> None:
        self.process.send_signal(signal.SIGKILL)
        self.process.wait()

    def restart(self, *switches: str) -> None:
        self.kill()
        self.start(*switches).await_ready()

    def __enter__(self) -> Self:
        return self.start().await_ready()

    def __exit__(self, kind: type[BaseException] | None, error: object, trace: TracebackType | None) -> None:
        self.kill()
