"""Two machines in one: network namespaces joined by a cable, each with a host name and a Ray node of its own."""

import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path

HEAD, OTHER = "edge-a", "edge-b"
ADDRESS = {HEAD: "10.231.7.1", OTHER: "10.231.7.2"}
PORT = 6379
REPOSITORY = Path(__file__).parents[2]
ENVIRONMENT = {
    "PYTHONPATH": str(REPOSITORY),
    "OMP_NUM_THREADS": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
    "RAY_AUTH_MODE": "token",
    "RAY_AUTH_TOKEN": secrets.token_hex(32),
    # A node that is gone is noticed within some seconds.
    "RAY_health_check_initial_delay_ms": "1000",
    "RAY_health_check_period_ms": "1000",
    "RAY_health_check_timeout_ms": "3000",
    "RAY_health_check_failure_threshold": "3",
}
START_S = 60


def why_not() -> str:
    """Why this machine cannot be two; nothing if it can."""
    if shutil.which("ip") is None or shutil.which("unshare") is None:
        return "iproute2 and util-linux make machines of network namespaces, and are not installed"
    made = subprocess.run(["ip", "netns", "add", "edge-try"], capture_output=True, text=True)
    if made.returncode:
        return f"network namespaces are refused here: {made.stderr.strip()}"
    subprocess.run(["ip", "netns", "del", "edge-try"], check=True)
    return ""


class Machines:
    """The two of them; `start_node` makes one a part of the cluster."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._nodes: list[subprocess.Popen[bytes]] = []

    def connect(self) -> None:
        _ip("link", "add", "edge-veth-a", "type", "veth", "peer", "name", "edge-veth-b")
        for name, link in ((HEAD, "edge-veth-a"), (OTHER, "edge-veth-b")):
            _ip("netns", "add", name)
            _ip("link", "set", link, "netns", name)
            _ip("-n", name, "addr", "add", f"{ADDRESS[name]}/24", "dev", link)
            _ip("-n", name, "link", "set", link, "up")
            _ip("-n", name, "link", "set", "lo", "up")

    def start_node(self, name: str) -> None:
        """Returns before the node is up."""
        head = ["--head", f"--port={PORT}", "--include-dashboard=false"]
        place = head if name == HEAD else [f"--address={ADDRESS[HEAD]}:{PORT}"]
        (self._folder / name).mkdir(exist_ok=True)
        options = ["--num-cpus=1", "--object-store-memory=80000000"]
        options += ["--disable-usage-stats", "--block", f"--temp-dir={self._folder / name}"]
        ray = [sys.executable, "-m", "ray.scripts.scripts", "start", f"--node-ip-address={ADDRESS[name]}"]
        self._nodes.append(self.start(name, [*ray, *place, *options], self._folder / f"{name}.log"))

    def start(
        self, name: str, command: Sequence[str], log: Path, **environment: str
    ) -> "subprocess.Popen[bytes]":
        """Start a command on one of the machines."""
        there = [
            "ip",
            "netns",
            "exec",
            name,
            "unshare",
            "--uts",
            "sh",
            "-c",
            'hostname "$0" && exec "$@"',
            name,
        ]
        with log.open("wb") as out:
            return subprocess.Popen(
                [*there, *command],
                cwd=REPOSITORY,
                env=os.environ | ENVIRONMENT | environment,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=subprocess.STDOUT,
                start_new_session=True,
            )

    def await_node(self, name: str) -> None:
        """Return once the node takes part: it says so when it has started."""
        deadline = time.monotonic() + START_S
        log = self._folder / f"{name}.log"
        while b"Ray runtime started" not in log.read_bytes():
            if time.monotonic() > deadline or any(node.poll() is not None for node in self._nodes):
                raise RuntimeError(f"{name} did not start:\n{log.read_text()}")
            time.sleep(0.05)

    def kill(self, name: str) -> None:
        """Kill all that runs there, at once."""
        found = subprocess.run(["ip", "netns", "pids", name], capture_output=True, text=True)
        for pid in found.stdout.split():
            with suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)

    def close(self) -> None:
        for name in (HEAD, OTHER):
            self.kill(name)
        for node in self._nodes:
            node.wait()
        for name in (HEAD, OTHER):
            subprocess.run(["ip", "netns", "del", name], capture_output=True)
        subprocess.run(["ip", "link", "del", "edge-veth-a"], capture_output=True)


@contextmanager
def two_machines() -> Iterator[Machines]:
    """Joined by a cable, without Ray as yet; at the end nothing is left of them."""
    folder = Path(tempfile.mkdtemp(prefix="edge"))  # short: a socket's path has 107 bytes at most
    machines = Machines(folder)
    try:
        machines.close()  # what a run of this test that was killed has left
        machines.connect()
        yield machines
    finally:
        machines.close()
        shutil.rmtree(folder, ignore_errors=True)


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True, capture_output=True)
