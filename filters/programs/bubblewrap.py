"""One process under bubblewrap: what it sees of the machine, how it is started, and how all in it is ended."""

import json
import os
import signal
import socket
import subprocess
from collections.abc import Callable, Sequence
from contextlib import suppress
from pathlib import Path

from filters.programs import seccomp
from filters.programs.child import Child
from filters.programs.interpreter import NOBODY, Interpreter, unprivileged

TMP_BYTES = 16 << 20
OUTPUT_BYTES = 1 << 20  # on each of standard output, standard error and the way of results

_END_S = 10.0
_ENVIRONMENT = {"MALLOC_ARENA_MAX": "1"}  # an arena for each thread would use up the limit on address space


class SandboxFailed(Exception):
    """A sandbox did not start, or was ended from outside; says what is known of it."""


def jailed(bwrap: str, python: Interpreter, arguments: Sequence[str]) -> Child:
    """Start Python in a sandbox. Raises SandboxFailed, or ValueError on a machine without a filter."""
    told, tell = os.pipe()
    filtering, filter_end = os.pipe()
    os.write(filter_end, seccomp.one_process())
    os.close(filter_end)
    command = [
        bwrap,
        *("--info-fd", str(tell), "--seccomp", str(filtering)),
        *_walls(python),
        *(python.executable, *arguments),
    ]
    try:
        process, line = open_process(command, cwd="/", pass_fds=(tell, filtering), **unprivileged())
    finally:
        os.close(tell)
        os.close(filtering)
    with os.fdopen(told, "rb") as info:
        return Child(process, line, _stop_from_inside(process, info.read()), OUTPUT_BYTES, boxed=True)


def _walls(python: Interpreter) -> list[str]:
    folders = sorted({str(Path(path).parent) for path in python.shared})
    return [
        *("--unshare-all", "--unshare-user", "--disable-userns", "--uid", str(NOBODY), "--gid", str(NOBODY)),
        *("--cap-drop", "ALL", "--new-session", "--die-with-parent", "--hostname", "sandbox", "--clearenv"),
        *("--setenv", "LD_LIBRARY_PATH", ":".join(folders), "--setenv", "HOME", "/tmp"),
        *(word for item in _ENVIRONMENT.items() for word in ("--setenv", *item)),
        *(word for path in python.files for word in ("--ro-bind", path, path)),
        *(word for path in python.installed for word in ("--tmpfs", path, "--remount-ro", path)),
        *("--dev-bind", "/dev/null", "/dev/null"),
        *("--size", str(TMP_BYTES), "--tmpfs", "/tmp", "--chdir", "/tmp", "--remount-ro", "/"),
    ]


def open_process(command: list[str], **options: object) -> tuple[subprocess.Popen[bytes], socket.socket]:
    """Start a process whose standard input is a socket, and give it with our end. Raises SandboxFailed."""
    ours, theirs = socket.socketpair()
    with theirs:
        try:
            process = subprocess.Popen(
                command,
                stdin=theirs,
                stdout=subprocess.PIPE,
                stderr=subprocess.PIPE,
                env=_ENVIRONMENT,
                **options,  # type: ignore[call-overload]
            )
        except OSError as error:
            ours.close()
            raise SandboxFailed(f"{command[0]} does not start: {error.strerror}") from error
    return process, ours


def _stop_from_inside(process: subprocess.Popen[bytes], info: bytes) -> Callable[[], None]:
    """How to end a sandbox: kill its first process. The kernel then ends all others in it, and only after
    that does bubblewrap see its child end and end itself; so nothing outlives the wait."""
    try:
        first = os.pidfd_open(json.loads(info)["child-pid"])
    except (ValueError, KeyError, OSError):  # it did not get that far
        first = None

    def stop() -> None:
        if first is not None:
            with suppress(ProcessLookupError):
                signal.pidfd_send_signal(first, signal.SIGKILL)
            os.close(first)
        else:
            process.kill()
        try:
            process.wait(_END_S)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()

    return stop
