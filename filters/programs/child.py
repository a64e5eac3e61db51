"""A process that may be hostile, spoken to over pipes: it can neither block us nor fill our memory.

Requests go to its standard input, a socket; its answers come back over it, a line each. What it prints on
standard output and standard error is counted and, as far as the limit goes, kept.
"""

import marshal
import os
import select
import socket
import subprocess
import time
from collections.abc import Callable
from typing import Self

_PIECE = 1 << 16  # bytes read at a time


class Exceeded(Exception):
    """A program went past a limit: `reason` is time_limit or output_limit."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class Child:
    """Owns the process and our ends of its pipes; leaving the context ends everything in it.

    `stop` ends the process and all that it started. `most` is how many bytes it may send on each of its ways.
    `boxed` says that it stands in a sandbox, so that a signal which ends it comes from outside.
    """

    def __init__(
        self,
        process: subprocess.Popen[bytes],
        line: socket.socket,
        stop: Callable[[], None],
        most: int,
        *,
        boxed: bool,
    ) -> None:
        self.boxed = boxed
        assert process.stdout is not None
        assert process.stderr is not None
        self._process, self._line, self._stop, self._most = process, line, stop, most
        self._unsent = b""
        self._received = {handle: bytearray() for handle in (process.stdout, process.stderr, line)}
        self._open = {handle.fileno(): handle for handle in self._received}
        for handle in self._open:
            os.set_blocking(handle, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        self._stop()
        for handle in self._received:
            handle.close()

    @property
    def complaint(self) -> str:
        """The end of what it has printed on standard error."""
        assert self._process.stderr is not None
        return bytes(self._received[self._process.stderr][-300:]).decode("utf-8", "replace").strip()

    @property
    def printed(self) -> bytes:
        """What it has printed on standard output."""
        assert self._process.stdout is not None
        return bytes(self._received[self._process.stdout])

    def ask(self, request: dict[str, object] | None, deadline: float) -> bytes | None:
        """Send a request and wait for a line; None if the process ends or closes its end instead.

        The deadline is a reading of the monotonic clock. Raises Exceeded.
        """
        if request is not None:
            body = marshal.dumps(request)
            self._unsent = len(body).to_bytes(8) + body
        answers = self._received[self._line]
        while (end := answers.find(b"\n")) < 0:
            if self._line.fileno() not in self._open:
                return None
            self._pump(deadline)
        line = bytes(answers[:end])
        del answers[: end + 1]
        return line

    def status(self, deadline: float) -> int:
        """Wait until it ends: its exit status, or minus the signal that ended it. Raises Exceeded."""
        while self._open:
            self._pump(deadline)
        try:
            return self._process.wait(max(0.0, deadline - time.monotonic()))
        except subprocess.TimeoutExpired:
            raise Exceeded("time_limit") from None

    def _pump(self, deadline: float) -> None:
        """Wait until something can be read or written, and do it once."""
        left_s = deadline - time.monotonic()
        if left_s <= 0:
            raise Exceeded("time_limit")
        poll = select.poll()
        for handle in self._open:
            poll.register(handle, select.POLLIN)
        if self._unsent and self._line.fileno() in self._open:
            poll.register(self._line, select.POLLIN | select.POLLOUT)
        for handle, events in poll.poll(1 + 1000 * left_s):
            if events & select.POLLOUT:
                self._write()
            if events & ~select.POLLOUT:
                self._read(handle)

    def _write(self) -> None:
        try:
            self._unsent = self._unsent[self._line.send(self._unsent[:_PIECE]) :]
        except BlockingIOError:
            return
        except OSError:  # nobody reads any more; that it has ended shows elsewhere
            self._unsent = b""

    def _read(self, handle: int) -> None:
        try:
            piece = os.read(handle, _PIECE)
        except BlockingIOError:
            return
        except OSError:  # a socket that the other side left with our bytes unread
            piece = b""
        if not piece:
            del self._open[handle]
            return
        received = self._received[self._open[handle]]
        if len(received) + len(piece) > self._most:
            raise Exceeded("output_limit")
        received += piece
