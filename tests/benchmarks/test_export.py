"""The comparison of an export with its home notices a row that is missing, added or other than it was."""

from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
import pytest

from benchmarks.export import compared
from tests.warehouse.small_home import outcome, problem, sample, verdict
from warehouse.export import export
from warehouse.store import Warehouse


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    drawn = [sample(f"s{n}", "a", draw=n) for n in range(5)]
    tables = {
        "problems": [problem("a")],
        "samples": drawn,
        "verdicts": [verdict(row["key"], "right") for row in drawn],
        "outcome_revisions": [outcome(row, "train", "right") for row in drawn],
    }
    with Warehouse(tmp_path / "home") as store:
        store.commit("all", tables)
    export(tmp_path / "home", tmp_path / "out")
    return tmp_path / "home"


def altered(table: pa.Table) -> pa.Table:
    texts = pc.replace_substring(table["text"], "A: 7 s3", "A: 8 s3")
    return table.set_column(table.column_names.index("text"), "text", texts)


def shortened(table: pa.Table) -> pa.Table:
    return table.slice(0, 4)


def lengthened(table: pa.Table) -> pa.Table:
    return pa.concat_tables([table, table.slice(0, 1)])


@pytest.mark.parametrize("streaming", [False, True])
def test_what_was_exported_is_equal(home: Path, tmp_path: Path, streaming: bool) -> None:
    found = compared(home, tmp_path / "out", tmp_path, streaming)
    assert found == {"sft": 0, "preferences": 0, "problems": 1, "samples": 5, "evaluations": 0}


@pytest.mark.parametrize("change", [altered, shortened, lengthened])
def test_what_was_changed_is_not(home: Path, tmp_path: Path, change) -> None:  # type: ignore[no-untyped-def]
    [file] = (tmp_path / "out" / "samples").iterdir()
    table = pq.read_table(file)
    changed = change(table)
    assert not changed.equals(table)
    pq.write_table(changed, file)
    with pytest.raises(ValueError, match="samples/train"):
        compared(home, tmp_path / "out", tmp_path, streaming=False)
