"""A home's content as a dataset folder, which `datasets.load_dataset(folder, config)` reads.

Each config is a folder of Parquet files, README.md is the card that lists them, and plot.png goes with it. The same
home gives the same bytes, whenever it is exported and however its shards were merged meanwhile. Memory stays
flat: the rows pass through in parts, and what does not fit goes to a scratch folder beside the export.
"""

from collections.abc import Callable
from pathlib import Path
from typing import TypeAlias

import duckdb
import pyarrow as pa

from warehouse.export.card import card_text
from warehouse.export.configs import CONFIGS, query
from warehouse.export.files import SplitFiles
from warehouse.export.folder import CARD, PLOT, ExportRefused, check_replaceable, replacing
from warehouse.export.pairs import Candidate, matched_pairs
from warehouse.export.parts import divide, look_into, parts_of
from warehouse.export.plot import draw_plot
from warehouse.export.reading import ExportFailed, bound, check_intact, failures_named
from warehouse.query import open_reader

__all__ = ["ExportFailed", "ExportRefused", "Show", "export"]

Show: TypeAlias = Callable[[str, int, int], None]
"""Told what is being done, how many of its steps are done, and of how many."""

_BATCH = 10_000  # rows
_PAIRS = pa.schema([("chosen_key", pa.string()), ("rejected_key", pa.string())])
_Rows: TypeAlias = dict[str, dict[str, int]]


def export(home: Path, folder: Path, show: Show = lambda what, done, of: None) -> dict[str, int]:
    """Write the dataset folder, whole or not at all; an earlier export in it is replaced. Returns rows by config.

    Raises ExportRefused if the folder holds anything but an earlier export, ExportFailed if the disk takes no more,
    HomeDamaged, naming the file, if a shard is not what was committed, and what `open_reader` raises.
    """
    home, folder = home.resolve(), folder.resolve()
    check_replaceable(folder)
    with open_reader(home) as con, failures_named(home, folder):
        show("check", 0, 1)
        check_intact(con, home)
        show("check", 1, 1)
        with replacing(folder) as (dataset, scratch):
            bound(con, scratch / "spilled")
            for done, of in divide(con, scratch):
                show("divide", done, of)
            rows = _write_in_parts(con, scratch, dataset, show) | _write_whole(con, dataset)
            rows = {name: rows[name] for name in CONFIGS}
            plotted = draw_plot(con, dataset / PLOT)
            (dataset / CARD).write_text(card_text(con, home, dataset, rows, plotted), encoding="utf-8")
    return {name: sum(splits.values()) for name, splits in rows.items()}


def _write_in_parts(con: duckdb.DuckDBPyConnection, scratch: Path, dataset: Path, show: Show) -> _Rows:
    rows: _Rows = {name: {} for name, config in CONFIGS.items() if config.in_parts}
    for split in ("train", "heldout"):
        names = [name for name in rows if split in CONFIGS[name].splits]
        files: dict[str, SplitFiles] = {}
        of_split = parts_of(con, split)
        for done, part in enumerate(of_split, 1):
            look_into(con, scratch, part)
            if "preferences" in names:
                _pair_up(con)
            for name in names:
                reader = con.sql(query(name)).to_arrow_reader(_BATCH)
                files.setdefault(name, SplitFiles(dataset / name, split, reader.schema))
                files[name].add(reader)
            show(f"write: {split}", done, len(of_split))
        for name in names:
            rows[name][split] = _finished(files.get(name))
    return rows


def _write_whole(con: duckdb.DuckDBPyConnection, dataset: Path) -> _Rows:
    rows: _Rows = {name: {} for name, config in CONFIGS.items() if not config.in_parts}
    for name in rows:
        for split in CONFIGS[name].splits:
            reader = con.sql(query(name), params={"split": split}).to_arrow_reader(_BATCH)
            files = SplitFiles(dataset / name, split, reader.schema)
            files.add(reader)
            rows[name][split] = _finished(files)
    return rows


def _finished(files: SplitFiles | None) -> int:
    if files is None:
        return 0
    files.finish()
    return files.rows


def _pair_up(con: duckdb.DuckDBPyConnection) -> None:
    """Find the pairs of a part, and let queries see them as `pairs`."""
    found = con.sql(query("candidates")).to_arrow_table()
    candidates = map(Candidate._make, zip(*(column.to_pylist() for column in found.columns), strict=True))
    keys = [(pair.chosen.sample_key, pair.rejected.sample_key) for pair in matched_pairs(candidates)]
    columns = zip(*keys, strict=True) if keys else ([], [])
    con.register("pairs", pa.table([pa.array(column, pa.string()) for column in columns], schema=_PAIRS))
