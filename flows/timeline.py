"""When each part of a round ran, how much of it the engine was at work, and how much memory was in use."""

import resource
import socket
from datetime import UTC, datetime, timedelta
from pathlib import Path

import torch

PAGES = Path("/proc/self/statm")


def timeline_row(
    number: int,
    stage: str,
    seconds: float,
    engine_seconds: float | None = None,
    memory: int | None = None,
    host: str | None = None,
) -> dict[str, object]:
    """The row of what ends now and took so many seconds; `memory` in bytes, if not what is in use now and here."""
    return {
        "round": number,
        "stage": stage,
        "started_at": (datetime.now(UTC) - timedelta(seconds=seconds)).replace(tzinfo=None),
        "seconds": seconds,
        "engine_seconds": engine_seconds,
        "memory_bytes": memory or memory_in_use(),
        "host": host or socket.gethostname(),
    }


def memory_in_use() -> int:
    """Bytes: of the GPU, by all processes; without one, the resident memory of this process."""
    if torch.cuda.is_available():
        free, total = torch.cuda.mem_get_info()
        return total - free
    return int(PAGES.read_text().split()[1]) * resource.getpagesize()
