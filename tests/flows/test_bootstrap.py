"""The way from nothing to a base, made short: a checkpoint that loads, and a card that says what it does."""

from dataclasses import replace
from pathlib import Path

import pyarrow.parquet as pq
import pytest

from curriculum.records import Problem
from flows import bootstrap, card
from policy import checkpoint


def test_reference_rows_leave_held_out_questions_out(tmp_path: Path) -> None:
    bootstrap.write_reference_rows(tmp_path / "rows.parquet", 900)
    rows = pq.read_table(tmp_path / "rows.parquet").to_pylist()
    assert len(rows) == 900
    splits = {Problem("any", 1, row["prompt"], "", "text").split for row in rows}
    assert splits == {"train"}
    assert all(row["completion"].splitlines()[-1].startswith("A: ") for row in rows)


def test_the_rows_are_the_same_every_time(tmp_path: Path) -> None:
    for name in ("a.parquet", "b.parquet"):
        bootstrap.write_reference_rows(tmp_path / name, 50)
    assert (tmp_path / "a.parquet").read_bytes() == (tmp_path / "b.parquet").read_bytes()


def test_a_short_bootstrap_ends_with_a_checkpoint_and_its_card(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(card, "PROBLEMS_PER_CELL", 1)
    settings = replace(bootstrap.SETTINGS, steps=2, tokens_per_batch=512)
    bootstrap.bootstrap(tmp_path / "tiny", tmp_path / "work", 60, settings)
    model, tokenizer = checkpoint.load(tmp_path / "tiny")
    assert model.num_parameters() <= 3_000_000
    assert (tmp_path / "tiny" / "model.safetensors").stat().st_size <= 8_000_000
    assert tokenizer.decode(tokenizer("A: 12")["input_ids"]) == "A: 12"
    text = (tmp_path / "tiny" / "README.md").read_text()
    assert "| chain_sums | 0 |" in text
