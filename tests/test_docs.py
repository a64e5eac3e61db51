"""What the pages say can be done can be done: every query runs, every command parses, every file named exists."""

import csv
import io
import re
import shlex
from pathlib import Path

import pytest
from typer.main import get_command

from benchmarks.large_home import build
from flows.cli import app
from warehouse.query import grains, print_rows

REPOSITORY = Path(__file__).parents[1]
PAGES = [REPOSITORY / "README.md", *sorted((REPOSITORY / "docs").rglob("*.md"))]
QUERY_PAGE = REPOSITORY / "docs" / "query.md"
QUERIES = [query for page in PAGES for query in re.findall(r"```sql\n(.*?)```", page.read_text(), re.DOTALL)]
COMMANDS = [
    line.strip()
    for page in PAGES
    for block in re.findall(r"```sh(?: background)?\n(.*?)```", page.read_text(), re.DOTALL)
    for line in block.splitlines()
    if line.strip().startswith("edgework ")
]


@pytest.fixture(scope="module")
def home(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five rounds with something in every view: see benchmarks/large_home.py."""
    folder = tmp_path_factory.mktemp("home")
    build(folder, samples=20_000, rounds=5)
    return folder


def rows(query: str, home: Path) -> int:
    out = io.StringIO()
    print_rows(query, home, "csv", out)
    return len(list(csv.reader(io.StringIO(out.getvalue(), newline="")))) - 1


@pytest.mark.parametrize("query", QUERIES)
def test_every_query_runs(query: str, home: Path) -> None:
    assert rows(query, home) >= 0


@pytest.mark.parametrize("query", re.findall(r"```sql\n(.*?)```", QUERY_PAGE.read_text(), re.DOTALL))
def test_every_question_of_the_query_page_has_an_answer(query: str, home: Path) -> None:
    assert rows(query, home) > 0


def test_the_query_page_says_of_every_view_what_its_file_says(home: Path) -> None:
    table = re.findall(r"^\| `(\w+)` \| (one row .*) \|$", QUERY_PAGE.read_text(), re.MULTILINE)
    assert dict(table) == {view: grain.removesuffix(".") for view, grain in grains(home).items()}


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_parses(command: str, home: Path) -> None:
    name, *arguments = shlex.split(command, comments=True)[1:]
    command_of_that_name = get_command(app).commands[name]  # type: ignore[attr-defined]
    context = command_of_that_name.make_context(name, arguments)  # raises on an unknown option
    if name == "sql" and context.params["query"] not in (None, "-"):
        assert rows(context.params["query"], home) >= 0


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
