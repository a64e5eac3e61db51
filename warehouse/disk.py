"""What a disk refuses, in words: no room, a quota, a folder that may not be written to."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from warehouse.errors import HomeNotWritable

_REFUSALS = {
    errno.ENOSPC: "the disk is full",
    errno.EDQUOT: "the disk quota is used up",
    errno.EFBIG: "the limit on the size of a file is reached",
    errno.EROFS: "it is on a file system mounted read-only",
    errno.EACCES: "this user may not write there",
    errno.EPERM: "this user may not write there",
}


@contextmanager
def refusal_named(home: Path) -> Iterator[None]:
    """A refusal to write, by the system or by DuckDB, as HomeNotWritable; any other error as it is."""
    try:
        yield
    except Exception as error:  # DuckDB, torch and safetensors each wrap the system's words in their own
        reason = refusal(error)
        if reason is None:
            raise
        raise HomeNotWritable(
            f"a run writes to its home, and {home} takes no more: {reason}."
            " What is committed is safe; once this is put right, the same command carries on"
        ) from error


def refusal(error: Exception) -> str | None:
    """What the disk refused, or None if the error is of another kind."""
    if isinstance(error, OSError):
        return _REFUSALS.get(error.errno or 0)
    found = (reason for number, reason in _REFUSALS.items() if os.strerror(number) in str(error))
    return next(found, None)
