"""A sandbox for one hostile program: bubblewrap, an unprivileged user, a system call filter and hard limits.

Inside are a read-only Python with its standard library, a null device and a small /tmp; no network, no /proc,
no other process, no environment. It is tried out before its first use in a process: `programs.probe` runs inside
and must find every promise kept. Nothing is weakened where something is missing; there is no sandbox then.
"""

import json
import math
import os
import shutil
import signal
import sys
import time
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from tempfile import TemporaryDirectory

from filters.programs.bubblewrap import OUTPUT_BYTES, TMP_BYTES, SandboxFailed, jailed, open_process
from filters.programs.child import Child, Exceeded
from filters.programs.interpreter import Interpreter, interpreter

START_S = 10.0  # to set a sandbox up; this is not the program's time
THREADS = 16

_INSIDE = Path(__file__).with_name("programs")
_HARNESS = _INSIDE.joinpath("harness.py").read_text("utf-8")
_PROBE = _INSIDE.joinpath("probe.py").read_text("utf-8")
PYTHON = ("-I", "-S", "-B", "-X", "utf8", "-c", _HARNESS)


class NoSandbox(Exception):
    """There is no sandbox on this machine that holds; says why."""


@dataclass(frozen=True, slots=True)
class Limits:
    time_s: float = 5.0
    memory_mb: int = 256  # of address space, the interpreter's own included

    def of_process(self) -> dict[str, int]:
        """The limits that the process puts on itself before it reads the program."""
        return {
            "RLIMIT_CPU": math.ceil(self.time_s) + 1,  # a net under the wall limit, which ends it sooner
            "RLIMIT_AS": self.memory_mb << 20,
            "RLIMIT_NPROC": THREADS
            + 2,  # and itself and bubblewrap's init; counted per sandbox since Linux 5.14
            "RLIMIT_FSIZE": TMP_BYTES,
            "RLIMIT_NOFILE": 64,
            "RLIMIT_STACK": 8 << 20,
            "RLIMIT_MEMLOCK": 0,
            "RLIMIT_MSGQUEUE": 0,
            "RLIMIT_CORE": 1,  # bytes: with 0 the kernel would still call a crash handler outside, see core(5)
        }


def start() -> Child:
    """A harness in a fresh sandbox, ready for its job. Raises NoSandbox or SandboxFailed."""
    return ready(jailed(*_proven(shutil.which("bwrap")), PYTHON))


def start_without() -> Child:
    """A harness in a plain process: limits on time and memory, but our files, network and user. Or SandboxFailed."""
    folder = TemporaryDirectory(prefix="unsandboxed-")
    process, line = open_process([sys.executable, *PYTHON], cwd=folder.name, start_new_session=True)

    def stop() -> None:
        with suppress(ProcessLookupError):
            os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        folder.cleanup()

    return ready(Child(process, line, stop, OUTPUT_BYTES, boxed=False))


@cache  # what it raises is not kept, so a machine that was too busy is tried again
def _proven(bwrap: str | None) -> tuple[str, Interpreter]:
    """Bubblewrap and a Python for it, once a sandbox was seen to hold. Raises NoSandbox."""
    if bwrap is None:
        raise NoSandbox("bubblewrap (bwrap) is not installed")
    python = interpreter()
    if python is None:
        raise NoSandbox("no Python 3.11 or newer that an unprivileged user can run")
    try:
        with ready(jailed(bwrap, python, PYTHON)) as child:
            broken = probed(child, python)
    except (SandboxFailed, Exceeded, ValueError) as error:
        raise NoSandbox(f"the sandbox cannot be tried out: {error}") from error
    if broken:
        raise NoSandbox(f"the sandbox does not hold: {broken}")
    return bwrap, python


def probed(child: Child, python: Interpreter) -> str:
    """What the probe finds broken inside; nothing, if all holds."""
    deadline = time.monotonic() + START_S
    folders = sorted({"dev", "tmp", *(Path(path).parts[1] for path in python.files)})
    hidden = [__file__, "/etc/passwd", "/proc/self"]
    job = {"program": _PROBE, "entry_point": "broken_promises", "stdin": "", "limits": Limits().of_process()}
    call = {"args": [folders, hidden], "kwargs": {}, "output_bytes": OUTPUT_BYTES}
    answers = [child.ask({"number": "probe", **request}, deadline) for request in (job, {}, call)]
    reply = json.loads(answers[-1] or b"null")
    if not isinstance(reply, dict) or reply.get("failure") or not isinstance(reply.get("value"), list):
        return f"the probe says {reply!r}"
    return ", ".join(reply["value"])


def ready(child: Child) -> Child:
    """Wait until the harness speaks. Raises SandboxFailed, and ends the child, if it does not."""
    try:
        if child.ask(None, time.monotonic() + START_S) is not None:
            return child
        child.status(time.monotonic() + START_S)
        trouble = child.complaint
    except Exceeded:
        trouble = f"it takes more than {START_S:g} s to start"
    except BaseException:
        child.close()
        raise
    child.close()
    raise SandboxFailed(trouble)
