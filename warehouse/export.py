"""A home's content as a dataset folder, which `datasets.load_dataset(folder, config)` reads.

Each config is a folder of Parquet files, one for each split, and README.md is the card that lists them.
The same home gives the same bytes, whenever it is exported.
"""

import shutil
from pathlib import Path

import duckdb

from warehouse.card import MARK, card
from warehouse.catalog import quoted
from warehouse.errors import WarehouseError
from warehouse.export_configs import CONFIGS, SETUP, Config
from warehouse.query import open_reader

_CARD = "README.md"


class ExportRefused(WarehouseError):
    """The folder holds something else, which an export would replace."""


def export(home: Path, folder: Path) -> dict[str, int]:
    """Write the dataset folder, whole or not at all; an earlier export in it is replaced. Returns rows by config.

    Raises ExportRefused if the folder holds anything but an earlier export, and as `open_reader` does.
    """
    folder = folder.resolve()
    _check_replaceable(folder)
    unfinished = folder.with_name(f".{folder.name}.unfinished")
    with open_reader(home) as con:
        _discard(unfinished)
        unfinished.mkdir(parents=True)
        try:
            con.execute(SETUP)
            rows = {name: _write(con, config, unfinished / name) for name, config in CONFIGS.items()}
            (unfinished / _CARD).write_text(card(con, rows), encoding="utf-8")
            _replace(folder, unfinished)
        finally:
            _discard(unfinished)
    return {name: sum(splits.values()) for name, splits in rows.items()}


def _write(con: duckdb.DuckDBPyConnection, config: Config, folder: Path) -> dict[str, int]:
    """One Parquet file for each split; returns their rows."""
    folder.mkdir()
    rows = {}
    for split in config.splits:
        rows_of_split = f"from ({config.query}) where split = {quoted(split)} order by {config.order}"
        copy = f"copy (select * exclude (split) {rows_of_split}) to {quoted(folder / f'{split}.parquet')}"
        [(rows[split],)] = con.execute(f"{copy} (format parquet, compression zstd)").fetchall()
    return rows


def _check_replaceable(folder: Path) -> None:
    if not folder.exists():
        return
    if not folder.is_dir():
        raise ExportRefused(f"an export is a folder; {folder} is a file")
    strangers = sorted({path.name for path in folder.iterdir()} - {_CARD, *CONFIGS})
    if strangers:
        raise ExportRefused(
            f"an export takes a new or empty folder, or replaces an earlier export; {folder} holds {strangers[0]!r}"
        )
    if any(folder.iterdir()) and not _is_ours(folder / _CARD):
        raise ExportRefused(
            f"an export replaces only an earlier export; {folder / _CARD} does not say that it is one"
        )


def _is_ours(readme: Path) -> bool:
    return readme.is_file() and MARK.encode() in readme.read_bytes()


def _replace(folder: Path, finished: Path) -> None:
    """Put the finished folder in its place. A kill between the renames leaves the old one beside it."""
    replaced = folder.with_name(f".{folder.name}.replaced")
    _discard(replaced)
    if folder.exists():
        folder.rename(replaced)
    finished.rename(folder)
    _discard(replaced)


def _discard(folder: Path) -> None:
    if folder.exists():
        shutil.rmtree(folder)
