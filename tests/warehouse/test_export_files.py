"""Where row groups and files end depends on the rows alone."""

from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from warehouse.export import files
from warehouse.export.files import SplitFiles

SCHEMA = pa.schema([("n", pa.int64()), ("text", pa.string())])


def written(folder: Path, texts: list[str | None], batch: int) -> dict[str, bytes]:
    split = SplitFiles(folder / "c", "train", SCHEMA)
    table = pa.table([list(range(len(texts))), texts], schema=SCHEMA)
    split.add(table.to_batches(max_chunksize=batch))
    split.finish()
    assert split.rows == len(texts)
    return {file.name: file.read_bytes() for file in sorted((folder / "c").glob("*"))}


def groups(folder: Path) -> list[list[int]]:
    found = []
    for file in sorted((folder / "c").glob("*.parquet")):
        metadata = pq.ParquetFile(file).metadata
        found.append([metadata.row_group(i).num_rows for i in range(metadata.num_row_groups)])
    return found


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(files, "ROWS_PER_GROUP", 3)
    monkeypatch.setattr(files, "ROWS_PER_FILE", 7)
    monkeypatch.setattr(files, "BYTES_PER_GROUP", 100)
    monkeypatch.setattr(files, "BYTES_PER_FILE", 150)


@pytest.mark.usefixtures("small")
def test_groups_and_files_are_full_before_the_next_begins(tmp_path: Path) -> None:
    names = list(written(tmp_path, ["x"] * 8, 8))
    assert names == ["train-00000-of-00002.parquet", "train-00001-of-00002.parquet"]
    assert groups(tmp_path) == [[3, 3], [2]]


@pytest.mark.usefixtures("small")
def test_long_texts_end_a_group_and_a_file_early(tmp_path: Path) -> None:
    written(tmp_path, ["x" * 60, "x" * 60, None, "x" * 500, "x" * 40, "x" * 40], 2)
    assert groups(tmp_path) == [[1, 2], [1], [2]]


def test_no_rows_are_no_file(tmp_path: Path) -> None:
    assert written(tmp_path, [], 5) == {}
    assert not (tmp_path / "c").exists()


@pytest.mark.usefixtures("small")
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(st.none() | st.integers(0, 130).map("x".__mul__), max_size=25), st.integers(1, 26))
def test_batches_do_not_show(
    tmp_path_factory: pytest.TempPathFactory, texts: list[str | None], batch: int
) -> None:
    one, other = tmp_path_factory.mktemp("one"), tmp_path_factory.mktemp("other")
    assert written(one, texts, batch) == written(other, texts, 1)
    assert all(rows <= 3 for file in groups(one) for rows in file)
    assert all(sum(file) <= 7 for file in groups(one))
