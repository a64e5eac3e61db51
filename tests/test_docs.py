"""What the pages say can be done can be done: every query runs, every command parses, every file named exists."""

import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from flows.cli import app
from warehouse.query import render
from warehouse.store import Warehouse

REPOSITORY = Path(__file__).parents[1]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
QUERIES = [query for page in PAGES for query in re.findall(r"```sql\n(.*?)```", page.read_text(), re.DOTALL)]
COMMANDS = [
    line.strip()
    for page in PAGES
    for block in re.findall(r"```sh\n(.*?)```", page.read_text(), re.DOTALL)
    for line in block.splitlines()
    if line.strip().startswith("edgework ")
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("home")
    Warehouse(folder).close()
    return folder


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_runs(query: str, home: Path) -> None:
    assert "row" in render(query, home)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_parses(command: str, home: Path) -> None:
    name, *arguments = shlex.split(command)[1:]
    command_of_that_name = get_command(app).commands[name]  # type: ignore[attr-defined]
    context = command_of_that_name.make_context(name, arguments)  # raises on an unknown option
    if name == "sql":
        assert "row" in render(context.params["query"], home)


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_every_file_that_a_page_links_exists(page: Path) -> None:
    for target in re.findall(r"\]\(([^)#:]+)\)", page.read_text()):
        assert (page.parent / target).exists(), target


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_no_page_has_a_blank_left_to_fill(page: Path) -> None:
    assert not re.findall(r"\b(?:TODO|TBD|FIXME|DEMO_\w+)\b", page.read_text())


def test_there_is_something_to_test() -> None:
    assert len(QUERIES) >= 4
    assert len(COMMANDS) >= 4
