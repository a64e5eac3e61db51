"""What there is to push: the files of a finished export, each with its sha256, and what they are called in all."""

from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import duckdb

from warehouse.catalog import quoted
from warehouse.export.folder import CARD, MARK
from warehouse.hub.patience import PushRefused, Say

if TYPE_CHECKING:
    from huggingface_hub import CommitOperationAdd


def additions(folder: Path, say: Say) -> "dict[str, CommitOperationAdd]":
    """The files by path, in the order of their paths. Raises PushRefused if the folder is no export."""
    from huggingface_hub import CommitOperationAdd

    if not is_card(folder / CARD):
        raise PushRefused(f"a push sends a finished export; {folder / CARD} does not say that it is one")
    files = {path.relative_to(folder).as_posix(): path for path in folder.rglob("[!.]*") if path.is_file()}
    found = {path: CommitOperationAdd(path, files[path]) for path in sorted(files)}
    size = sum(addition.upload_info.size for addition in found.values())
    say(f"{len(found):,} files, {size / 1e6:,.1f} MB")
    with ThreadPoolExecutor() as threads:  # the sha256 is computed as it is first asked for
        list(threads.map(lambda addition: addition.upload_info.sha256, found.values()))
    return found


def is_card(file: Path) -> bool:
    return file.is_file() and MARK in file.read_text(encoding="utf-8", errors="replace")


def digest(additions: "dict[str, CommitOperationAdd]") -> str:
    """Of the whole export, wherever and whenever it was written: the hash of what `sha256sum` prints of its files."""
    lines = (f"{addition.upload_info.sha256.hex()}  {path}\n" for path, addition in additions.items())
    return sha256("".join(lines).encode()).hexdigest()


def last_round(additions: "dict[str, CommitOperationAdd]") -> int:
    """The newest round of any row, from the footers of the Parquet files; 0 without rows."""
    files = [
        str(addition.path_or_fileobj) for path, addition in additions.items() if path.endswith(".parquet")
    ]
    if not files:
        return 0
    footers = f"parquet_metadata([{', '.join(map(quoted, files))}]) where path_in_schema = 'round'"
    with duckdb.connect() as con:
        [(newest,)] = con.execute(
            f"select coalesce(max(stats_max_value::bigint), 0) from {footers}"
        ).fetchall()
    return int(newest)
