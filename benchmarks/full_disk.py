"""Runs of examples/quick.toml on a disk that fills up at one stage or another: told, and resumed once there is room?

python -m benchmarks.full_disk --free 100 600 2000 4000 8000

Each number is the KiB that are free when the run starts, of a tmpfs that bubblewrap mounts for it.
"""

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks.kills import runs
from benchmarks.kills.pictures import differences, picture, strays
from benchmarks.kills.stories import Undisturbed, undisturbed

DISK = 64 * 2**20  # bytes
PAGE = 4096
QUICK = ["run", "--config", str(runs.QUICK)]


def resumed(disk: Path, free_kib: int, expected: Undisturbed) -> str:
    """Called where `disk` is the small one: run without room, make room, run again; what came of it."""
    ballast, home, log = disk / "ballast", disk / "home", disk.parent / "full.log"
    with ballast.open("wb", buffering=0) as file:
        for _ in range((DISK - free_kib * 1024) // PAGE):
            file.write(bytes(PAGE))
    code = runs.start([*QUICK, "--home", str(home)], log, {}).wait(600)
    last = (log.read_text().strip().splitlines() or [""])[-1]
    lines = sum(line.startswith("Traceback") for line in log.read_text().splitlines())
    stage = f"{len(runs.units(home))} units committed"
    ballast.unlink()
    try:
        runs.finish(runs.start([*QUICK, "--home", str(home)], log, {}), log)
    except RuntimeError as error:
        return f"{stage}, exit {code}, {last!r}; NOT RESUMED: {error}"
    wrong = differences(picture(home), expected.picture) + strays(home)
    return f"{stage}, exit {code}, {lines} tracebacks, {last!r}; then {'; '.join(wrong) or 'equal'}"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--free", type=int, nargs="+", default=[100, 600, 2000, 4000, 8000], help="KiB")
    parser.add_argument("--on", type=Path, help=argparse.SUPPRESS)  # the small disk, once it is mounted
    given = parser.parse_args()
    if given.on is None:
        with tempfile.TemporaryDirectory(prefix="edgework-disk-") as folder:
            disk = Path(folder) / "disk"
            disk.mkdir()
            command = [sys.executable, "-m", "benchmarks.full_disk", "--on", str(disk), "--free"]
            mount = ["bwrap", "--dev-bind", "/", "/", "--size", str(DISK), "--tmpfs", str(disk), "--"]
            raise SystemExit(subprocess.call([*mount, *command, *map(str, given.free)], cwd=runs.REPOSITORY))
    expected = undisturbed(given.on.parent, QUICK, {})
    for free in given.free:
        print(f"{free:6} KiB free: {resumed(given.on, free, expected)}", flush=True)
        for left in sorted(given.on.rglob("*"), reverse=True):
            left.rmdir() if left.is_dir() else left.unlink()


if __name__ == "__main__":
    main()
