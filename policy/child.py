"""A process that works for us and says in lines of JSON how it goes. It leaves when we do, however we end."""

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

MARK = "edgework "  # begins the lines that are for us: libraries print, too


def run(
    command: list[str], environment: dict[str, str], log: Path, on_line: Callable[[dict[str, object]], None]
) -> int:
    """Run the command to its end and return its exit status; negative if a signal ended it.

    Each report goes to `on_line`, whatever else is printed to `log`. When `on_line` raises, the command and all that
    it started have ended before the error goes on.
    """
    with log.open("w") as errors:
        process = subprocess.Popen(
            command,
            env=os.environ | environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=errors,
            text=True,
            start_new_session=True,  # Ctrl-C is for us
        )
        assert process.stdin
        assert process.stdout
        try:
            for line in process.stdout:
                if line.startswith(MARK):
                    on_line(json.loads(line.removeprefix(MARK)))
                else:
                    errors.write(line)
                    errors.flush()
        except BaseException:
            process.stdin.close()
            with suppress(ProcessLookupError):
                os.killpg(process.pid, signal.SIGKILL)
            process.stdout.read()  # returns when the last of them has left
            raise
        finally:
            process.stdin.close()
            status = process.wait()
            process.stdout.close()
    return status


def report(said: dict[str, object]) -> None:
    """Say something to whoever called `run`."""
    print(MARK + json.dumps(said), flush=True)


def leave_with_parent() -> None:
    """End this process when the one that called `run` is gone, whatever else goes on here."""
    threading.Thread(target=_follow, daemon=True, name="leave-with-parent").start()


def _follow() -> None:
    sys.stdin.read()  # returns when the other end is gone
    os._exit(os.EX_TEMPFAIL)
