"""`benchmarks/gpu.sh`: print the figures as they come, and keep them with hardware and date."""

import argparse
import os
import platform
import re
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import TextIO

import torch

from benchmarks.gpu import judged, limits, models, rounds, sampling, training, versions

RESULTS = Path(__file__).parents[1] / "results"


def lines(small: bool) -> Iterator[str]:
    name = torch.cuda.get_device_name() if torch.cuda.is_available() else f"no GPU: {platform.machine()}"
    yield f"{datetime.now(UTC):%Y-%m-%d}  {name}  {versions.line()}"
    roofs = limits.measure(small)
    yield f"limits: {roofs.bytes_per_s / 1e9:,.0f} GB/s copied, {roofs.flops_per_s / 1e12:,.1f} TFLOP/s in a product"
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "model"
        parameters = models.build(folder, small)
        yield f"a Qwen2-shaped model of {parameters / 1e6:,.1f} million random parameters"
        yield from sampling.lines(folder, parameters, roofs, small)
        yield from judged.lines(folder, small)
        yield from training.lines(folder, parameters, roofs, small)
        yield from rounds.lines(folder, small)


def main() -> None:
    parser = argparse.ArgumentParser(prog="benchmarks/gpu.sh", description=__doc__)
    parser.add_argument(
        "--small", action="store_true", help="a rehearsal in a minute or two; nothing is kept"
    )
    small = parser.parse_args().small
    if not small and not torch.cuda.is_available():
        sys.exit("benchmarks/gpu.sh measures a CUDA GPU, and torch sees none here; --small rehearses without")
    with _kept(small) as file:
        for line in lines(small):
            print(line, flush=True)
            print(line, file=file, flush=True)  # what is measured is kept, whatever comes of the rest


def _kept(small: bool) -> TextIO:
    if small:
        return Path(os.devnull).open("w")
    name = re.sub(r"\W+", "-", torch.cuda.get_device_name()).lower()
    return (RESULTS / f"{datetime.now(UTC):%Y-%m-%d}-gpu-{name}.txt").open("w")


main()
