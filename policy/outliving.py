"""Processes of a library that would outlive us: when we are gone, however we end, they are ended.

vLLM's engine process on a GPU is one. After a SIGKILL of ours it would keep the GPU's memory, of which the same command
would find too little.
"""

import subprocess
from collections.abc import Sequence

PROGRAM = 'read _ || kill -KILL "$@"'  # `read` fails when the other end of its pipe is gone


class EndedWithUs:
    """Ends these processes when this one is gone; not those that have been let go by `close`."""

    def __init__(self, pids: Sequence[int]) -> None:
        self._watch = subprocess.Popen(
            ["sh", "-c", PROGRAM, "sh", *map(str, pids)],
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,  # Ctrl-C is for us
        )

    def close(self) -> None:
        """Before they end by themselves: their numbers may be given to others."""
        self._watch.communicate(b"\n")
