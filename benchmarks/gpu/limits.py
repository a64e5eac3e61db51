"""What the hardware can do, measured: the roofs that tokens per second are held against."""

import time
from dataclasses import dataclass

import torch

from policy.checkpoint import compute_dtype, device

REPEATS = 10


@dataclass(frozen=True, slots=True)
class Limits:
    """Bytes read and written a second by a copy, and floating-point operations a second of a large product."""

    bytes_per_s: float
    flops_per_s: float


def measure(small: bool) -> Limits:
    where, dtype = device(), compute_dtype()
    size = 2**20 if small else 2**29
    side = 512 if small else 8192
    source = torch.empty(size, dtype=torch.uint8, device=where)
    target = torch.empty_like(source)
    matrix = torch.randn(side, side, dtype=dtype, device=where)
    copying = _seconds(lambda: target.copy_(source))
    product = _seconds(lambda: matrix @ matrix)
    return Limits(2 * size / copying, 2 * side**3 / product)


def _seconds(work: object) -> float:
    """The shortest of some runs, the first of which warms up."""
    times = []
    for _ in range(REPEATS):
        synchronize()
        started = time.perf_counter()
        work()  # type: ignore[operator]
        synchronize()
        times.append(time.perf_counter() - started)
    return min(times[1:])


def synchronize() -> None:
    if torch.cuda.is_available():
        torch.cuda.synchronize()
