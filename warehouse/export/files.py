"""The Parquet files of one split, such as `train-00000-of-00003.parquet`, filled one after the other.

Where a row group or a file ends depends on the rows alone, not on the batches in which they came, so the same
rows give the same bytes.
"""

import os
from collections.abc import Iterable
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from warehouse.shards import flush_folder

ROWS_PER_FILE = 250_000
BYTES_PER_FILE = 512 * 2**20  # of text
ROWS_PER_GROUP = 10_000  # what a reader that streams holds at a time
BYTES_PER_GROUP = 64 * 2**20


class SplitFiles:
    """Takes batches of rows; a split without rows has no file."""

    def __init__(self, folder: Path, split: str, schema: pa.Schema) -> None:
        self.rows = 0
        self._folder = folder
        self._split = split
        self._waiting = pa.table([[]] * len(schema), schema=schema)
        self._files: list[Path] = []
        self._writer: pq.ParquetWriter | None = None
        self._rows_in_file = self._bytes_in_file = 0

    def add(self, batches: Iterable[pa.RecordBatch]) -> None:
        for batch in batches:
            self._waiting = pa.concat_tables([self._waiting, pa.Table.from_batches([batch])])
            if self._waiting.num_rows > ROWS_PER_GROUP or self._waiting.nbytes > BYTES_PER_GROUP:
                self._write_groups(all_of_them=False)

    def finish(self) -> None:
        """Write what waits, close the last file, and give the files their names."""
        self._write_groups(all_of_them=True)
        self._close()
        for number, file in enumerate(self._files):
            file.rename(self._folder / f"{self._split}-{number:05}-of-{len(self._files):05}.parquet")
        if self._files:
            flush_folder(self._folder)

    def _write_groups(self, all_of_them: bool) -> None:
        """Write the row groups that are full, and the last one too if no more rows will come."""
        sizes = np.cumsum(_text_bytes(self._waiting))
        start = 0
        while start < len(sizes):
            before = sizes[start - 1] if start else 0
            fitting = int(np.searchsorted(sizes, before + BYTES_PER_GROUP, side="right"))
            end = max(start + 1, min(fitting, start + ROWS_PER_GROUP))
            if end >= len(sizes) and not all_of_them:
                break  # the next row might still belong to it
            self._write(self._waiting.slice(start, end - start), int(sizes[end - 1] - before))
            start = end
        self._waiting = self._waiting.slice(start).combine_chunks()

    def _write(self, group: pa.Table, size: int) -> None:
        full = (
            self._rows_in_file + group.num_rows > ROWS_PER_FILE or self._bytes_in_file + size > BYTES_PER_FILE
        )
        if self._writer is None or (full and self._rows_in_file):
            self._close()
            self._open(group.schema)
        assert self._writer is not None
        self._writer.write_table(group, row_group_size=group.num_rows)
        self._rows_in_file += group.num_rows
        self._bytes_in_file += size
        self.rows += group.num_rows

    def _open(self, schema: pa.Schema) -> None:
        self._folder.mkdir(exist_ok=True)
        self._files.append(self._folder / f"{self._split}-{len(self._files):05}.parquet")
        self._writer = pq.ParquetWriter(self._files[-1], schema, compression="zstd", write_page_index=True)
        self._rows_in_file = self._bytes_in_file = 0

    def _close(self) -> None:
        if self._writer is not None:
            self._writer.close()
            with self._files[-1].open("rb") as file:
                os.fsync(file.fileno())
        self._writer = None


def _text_bytes(table: pa.Table) -> NDArray[np.int64]:
    """The bytes of text in each row, shape (rows,)."""
    sizes = np.zeros(table.num_rows, np.int64)
    for column in table.columns:
        if pa.types.is_string(column.type):
            sizes += pc.fill_null(pc.binary_length(column), 0).to_numpy()
    return sizes
