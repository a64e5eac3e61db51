"""Where imported rows come from is recorded once, with a licence if one is stated, and an export states it."""

import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from flows.cli import app
from warehouse.errors import WarehouseError
from warehouse.query import open_reader


@pytest.fixture
def file(tmp_path: Path) -> Path:
    rows = [{"question": f"What is {n} + 1?", "answer": n + 1, "samples": [f"A: {n + 1}"]} for n in range(3)]
    path = tmp_path / "rows.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def run(*arguments: object) -> str:
    result = CliRunner().invoke(app, [str(argument) for argument in arguments], catch_exceptions=False)
    assert result.exit_code == 0, result.output
    return result.output


def test_a_licence_goes_from_the_import_to_the_card(file: Path, tmp_path: Path) -> None:
    home = tmp_path / "home"
    for license in ([], ["--license", "mit"], ["--license", "mit"], []):
        run("import", file, "--name", "mine", "--home", home, *license)
    with open_reader(home) as con:
        found = con.sql(
            "select name, file, license, problems, samples from sources order by imported_at"
        ).fetchall()
    assert found == [("mine", "rows.jsonl", None, 3, 3), ("mine", "rows.jsonl", "mit", 3, 3)]
    assert "problems: 3 rows" in run("export", tmp_path / "out", "--home", home)
    assert "license:\n- mit\n" in (tmp_path / "out" / "README.md").read_text()


def test_a_licence_that_is_none_is_refused_before_anything_is_written(file: Path, tmp_path: Path) -> None:
    with pytest.raises(WarehouseError, match="such as mit"):
        run("import", file, "--name", "mine", "--home", tmp_path / "home", "--license", "MIT?")
    assert not (tmp_path / "home").exists()
