"""The example notebook, run from top to bottom without a browser and without a network."""

import json
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from benchmarks.large_home import build
from warehouse.store import Warehouse

pytest.importorskip("marimo", reason="marimo, which runs the notebook, is not installed")

NOTEBOOK = Path(__file__).parents[1] / "examples" / "look-around.py"
RUN = """
    import json, runpy, socket, sys

    def refuse(*args):
        raise OSError("the notebook asked for the network")

    socket.socket.connect = refuse
    sys.argv = ["look-around.py", "--home", sys.argv[1]]
    outputs, found = runpy.run_path({notebook!r})["app"].run()
    sizes = {{name: len(found[name]) for name in ("checkpoints", "frontier", "costs", "candidates")}}
    drawn = [sum(len(axes.get_lines()) + len(axes.patches) for axes in found[name].axes)
             for name in ("held_out", "beliefs", "spend")]
    print(json.dumps([sizes, drawn]))
"""


def look_around(home: Path) -> tuple[dict[str, int], list[int]]:
    command = [sys.executable, "-c", textwrap.dedent(RUN.format(notebook=str(NOTEBOOK))), str(home)]
    done = subprocess.run(command, capture_output=True, text=True, timeout=120, cwd=NOTEBOOK.parents[1])
    assert done.returncode == 0, done.stderr
    sizes, drawn = json.loads(done.stdout.splitlines()[-1])
    return sizes, drawn


def test_the_notebook_shows_a_home(tmp_path: Path) -> None:
    build(tmp_path / "home", samples=10_000, rounds=4)
    before = {path: path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file()}
    sizes, drawn = look_around(tmp_path / "home")
    assert sizes["checkpoints"] == 5
    assert min(sizes.values()) > 0
    assert min(drawn) > 0
    assert {path: path.read_bytes() for path in (tmp_path / "home").rglob("*") if path.is_file()} == before


def test_the_notebook_shows_a_home_where_nothing_has_happened_yet(tmp_path: Path) -> None:
    Warehouse(tmp_path / "home").close()
    sizes, _ = look_around(tmp_path / "home")
    assert set(sizes.values()) == {0}
