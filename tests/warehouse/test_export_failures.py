"""What an export says when the home is damaged or the disk takes no more, and that nothing is replaced then."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.warehouse.small_home import problem
from warehouse.errors import HomeDamaged
from warehouse.export import ExportFailed, export, reading
from warehouse.store import Warehouse

REPOSITORY = Path(__file__).parents[2]


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with Warehouse(tmp_path / "home") as store:
        questions = (os.urandom(2000).hex() for _ in range(200))  # that no codec makes shorter
        rows = [problem(f"{n:03}", question=question) for n, question in enumerate(questions)]
        store.commit("problems", {"problems": rows})
    return tmp_path / "home"


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def altered(shard: Path) -> None:
    shard.write_bytes(shard.read_bytes()[:-9] + b"x" + shard.read_bytes()[-8:])


def truncated(shard: Path) -> None:
    shard.write_bytes(shard.read_bytes()[:-1])


@pytest.mark.parametrize("harm", [altered, truncated, Path.unlink])
def test_a_damaged_shard_is_named_and_the_old_export_stays(home: Path, tmp_path: Path, harm) -> None:  # type: ignore[no-untyped-def]
    export(home, tmp_path / "out")
    before = contents(tmp_path / "out")
    [shard] = (home / "shards" / "problems").glob("*.parquet")
    harm(shard)
    with pytest.raises(HomeDamaged, match=shard.name):
        export(home, tmp_path / "out")
    assert contents(tmp_path / "out") == before
    assert {path.name for path in tmp_path.iterdir()} == {"home", "out"}


def test_too_little_memory_is_told(home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "MEMORY", "1MB")
    with pytest.raises(ExportFailed, match="1MB of memory and what is free of the disk are not enough"):
        export(home, tmp_path / "out")
    assert {path.name for path in tmp_path.iterdir()} == {"home"}


LIMITED = """
import resource, sys
from pathlib import Path
from warehouse.export import ExportFailed, export, parts
home, out, limit, parts.BYTES_PER_PART = Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
try:
    export(home, out)
except ExportFailed as error:
    print(error)
"""


# Enough for neither the rows as they are divided nor as they are written, and for those of a part alone.
@pytest.mark.parametrize(("limit", "per_part"), [(100_000, 2**28), (200_000, 80_000)])
def test_a_disk_that_takes_no_more_is_told_and_the_old_export_stays(
    home: Path, tmp_path: Path, limit: int, per_part: int
) -> None:
    with Warehouse(tmp_path / "other") as store:
        store.commit("problems", {"problems": [problem("a")]})
    export(tmp_path / "other", tmp_path / "out")
    before = contents(tmp_path / "out")
    command = [sys.executable, "-c", LIMITED, str(home), str(tmp_path / "out"), str(limit), str(per_part)]
    done = subprocess.run(command, cwd=REPOSITORY, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert "takes no more: the limit on the size of a file is reached" in done.stdout
    assert contents(tmp_path / "out") == before
    assert {path.name for path in tmp_path.iterdir()} == {"home", "other", "out"}
