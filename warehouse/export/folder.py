"""A dataset folder that is replaced whole or not at all, whatever happens meanwhile.

The new one grows beside it under a hidden name and takes its place in one step: where the system can swap two
names (Linux, macOS), a kill at any instant leaves the old export or the new one. Elsewhere there is a moment between
two renames; what a kill then left is put right by the next export. An export under way holds a lock, so that
the next one clears away only what the dead have left.
"""

import ctypes
import fcntl
import glob
import os
import re
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from warehouse.errors import WarehouseError
from warehouse.export.configs import CONFIGS
from warehouse.shards import flush_folder

CARD = "README.md"
PLOT = "plot.png"
MARK = "<!-- written by edgework export; the next export replaces this folder -->"

_OURS = re.compile(
    rf"{re.escape(CARD)}|{re.escape(PLOT)}|({'|'.join(CONFIGS)})(/\w+(-\d+-of-\d+)?\.parquet)?"
)
_SWAP = 2  # RENAME_EXCHANGE on Linux, RENAME_SWAP on macOS
_HERE = -100  # AT_FDCWD


class ExportRefused(WarehouseError):
    """The folder holds something else, which an export would replace."""


class Unfinished(NamedTuple):
    """`dataset` becomes the folder; `scratch` is for what is needed on the way."""

    dataset: Path
    scratch: Path


def check_replaceable(folder: Path) -> None:
    """Raises ExportRefused unless the folder is new, empty, or an earlier export and nothing else."""
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ExportRefused(f"an export is a folder; {folder} is a file")
    found = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))
    strangers = [name for name in found if not _OURS.fullmatch(name)]
    if strangers:
        raise ExportRefused(
            f"an export takes a new or empty folder, or replaces an earlier export; {folder} holds {strangers[0]!r}"
        )
    if found and not _is_ours(folder / CARD):
        raise ExportRefused(
            f"an export replaces only an earlier export; {folder / CARD} does not say that it is one"
        )


def _is_ours(readme: Path) -> bool:
    return readme.is_file() and MARK.encode() in readme.read_bytes()


@contextmanager
def replacing(folder: Path) -> Iterator[Unfinished]:
    """Two new folders, of which `dataset` takes the place of `folder` if the block ends without an error."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    prefix = f".{folder.name}.unfinished-"
    _clear_leftovers(folder, prefix)
    work = Path(tempfile.mkdtemp(prefix=prefix, dir=folder.parent))
    lock = os.open(work, os.O_RDONLY)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        unfinished = Unfinished(work / "dataset", work / "scratch")
        for path in unfinished:
            path.mkdir()
        yield unfinished
        flush_folder(unfinished.dataset)
        check_replaceable(folder)  # nobody put anything there meanwhile
        _replace(folder, unfinished.dataset, work)
        flush_folder(folder.parent)
    finally:
        shutil.rmtree(work, ignore_errors=True)
        os.close(lock)


def _clear_leftovers(folder: Path, prefix: str) -> None:
    for work in folder.parent.glob(f"{glob.escape(prefix)}*"):
        lock = os.open(work, os.O_RDONLY)
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
            if (work / "replaced").exists() and not folder.exists():
                (work / "replaced").rename(folder)
            shutil.rmtree(work, ignore_errors=True)
        except BlockingIOError:
            pass  # another export is at it
        finally:
            os.close(lock)


def _replace(folder: Path, finished: Path, work: Path) -> None:
    if not folder.exists():
        finished.rename(folder)
    elif not _swap(folder, finished):
        folder.rename(work / "replaced")
        finished.rename(folder)


def _swap(one: Path, other: Path) -> bool:
    """Exchange two names in one step; False where the system or the file system cannot."""
    names = [os.fsencode(one), os.fsencode(other)]
    system = ctypes.CDLL(None)
    if hasattr(system, "renameat2"):
        return bool(system.renameat2(_HERE, names[0], _HERE, names[1], _SWAP) == 0)
    if hasattr(system, "renamex_np"):
        return bool(system.renamex_np(*names, _SWAP) == 0)
    return False
