"""`kill -9` in the middle of commits: what is committed is whole, and nothing else is left."""

import random
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from warehouse.store import Warehouse

ROWS = 500

# Commits units 0, 1, 2, ... of two kinds each, from the first that is not committed, saying which are.
COMMITTER = f"""
    import sys
    from warehouse.store import Warehouse

    def unit(i):
        verdict = {{"judge": "integer/1", "outcome": "right", "reason": "equal", "extracted": "7" * 50, "found_in": ""}}
        spend = {{"round": i, "stage": "sample", "tokens": i, "seconds": 0.5}}
        verdicts = [{{"sample_key": f"{{i}}-{{j}}", **verdict}} for j in range({ROWS})]
        return {{"verdicts": verdicts, "spend": [spend]}}

    def go(store):
        i = 0
        while True:
            if not store.has(f"r0001/{{i:06d}}"):
                store.commit(f"r0001/{{i:06d}}", unit(i))
                print(i, flush=True)
            i += 1
"""


def start(home: Path, script: str) -> "subprocess.Popen[str]":
    text = f"{textwrap.dedent(COMMITTER)}\n{textwrap.dedent(script)}"
    return subprocess.Popen([sys.executable, "-c", text, str(home)], stdout=subprocess.PIPE, text=True)


def check_whole(home: Path, acknowledged: list[int], kills: int = 1) -> int:
    """Reopen the home and check it against what the killed process had said; returns the units it has."""
    with Warehouse(home) as store:
        units = store.query("select distinct name from ledger order by name")
        assert [unit["name"] for unit in units] == [f"r0001/{i:06d}" for i in range(len(units))]
        assert set(acknowledged) <= set(range(len(units)))
        assert len(units) <= len(acknowledged) + kills  # at most the one in flight was not yet announced
        verdicts = store.query(
            "select split_part(sample_key, '-', 1)::int as i, count(*) as n,"
            " count(distinct sample_key) as keys from verdicts group by i order by i"
        )
        assert verdicts == [{"i": i, "n": ROWS, "keys": ROWS} for i in range(len(units))]
        assert [row["round"] for row in store.query("from spend order by round")] == list(range(len(units)))
        listed = {row["path"] for row in store.query("select path from ledger where path is not null")}
        assert listed == {row["path"] for row in store.query("select path from shards")}
        superseded = {row["path"] for row in store.query("select path from superseded")}
    left = {str(path.relative_to(home)) for path in home.rglob("*") if path.is_file()}
    catalogs = {"warehouse.duckdb", "warehouse.previous.duckdb"}
    assert left - catalogs == listed | superseded | {"lock"}
    assert "warehouse.duckdb" in left
    return len(units)


def test_kills_at_random_instants(tmp_path: Path) -> None:
    rng = random.Random(20)
    acknowledged: list[int] = []
    for kills in range(1, 9):
        run = start(tmp_path, "go(Warehouse(sys.argv[1]))")
        assert run.stdout is not None
        first = run.stdout.readline()  # it is past its imports, and committing
        time.sleep(rng.uniform(0, 0.15))
        run.kill()
        acknowledged += [int(line) for line in [first, *run.stdout.read().split()]]
        run.wait()
        check_whole(tmp_path, acknowledged, kills)
    assert len(set(acknowledged)) == len(acknowledged)  # no unit was committed twice
    assert len(acknowledged) >= 8


# A commit of two kinds renames four times: a shard, a shard, the previous catalog, the catalog.
@pytest.mark.parametrize(
    ("rename", "moment", "survives"),
    [
        (1, "before", 1),
        (1, "after", 1),
        (2, "before", 1),
        (2, "after", 1),
        (3, "before", 1),
        (3, "after", 1),
        (4, "before", 1),
        (4, "after", 2),
    ],
)
def test_a_kill_at_each_rename(tmp_path: Path, rename: int, moment: str, survives: int) -> None:
    script = f"""
        import os, signal
        from pathlib import Path
        store = Warehouse(sys.argv[1])
        store.commit("r0001/000000", unit(0))
        print(0, flush=True)
        rename, count = Path.rename, 0
        def rename_and_die(self, target):
            global count
            count += 1
            if (count, "before") == ({rename}, "{moment}"): os.kill(os.getpid(), signal.SIGKILL)
            rename(self, target)
            if (count, "after") == ({rename}, "{moment}"): os.kill(os.getpid(), signal.SIGKILL)
        Path.rename = rename_and_die
        go(store)
    """
    run = start(tmp_path, script)
    assert run.communicate(timeout=120)[0].split() == ["0"]
    assert run.returncode == -9
    assert check_whole(tmp_path, [0]) == survives


@pytest.mark.parametrize("killed_in", ["shard", "catalog"])
def test_a_kill_that_leaves_a_half_written_file(tmp_path: Path, killed_in: str) -> None:
    script = f"""
        import os, signal
        import warehouse.catalog, warehouse.shards
        store = Warehouse(sys.argv[1])
        store.commit("r0001/000000", unit(0))
        print(0, flush=True)
        def half(path, *_, **__):
            path.write_bytes(b"PAR1 and then nothing")
            os.kill(os.getpid(), signal.SIGKILL)
        if "{killed_in}" == "shard":
            warehouse.shards.pq.ParquetWriter = half
        else:
            warehouse.catalog.list_committed = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
        go(store)
    """
    run = start(tmp_path, script)
    assert run.communicate(timeout=120)[0].split() == ["0"]
    assert list(tmp_path.rglob("*.tmp")), "the kill left something unfinished"
    assert check_whole(tmp_path, [0]) == 1


def test_a_kill_before_the_first_commit_leaves_a_home_that_opens(tmp_path: Path) -> None:
    script = """
        import os, signal
        from pathlib import Path
        Path.rename = lambda self, target: os.kill(os.getpid(), signal.SIGKILL)
        Warehouse(sys.argv[1])
    """
    run = start(tmp_path / "home", script)
    assert run.wait(timeout=120) == -9
    assert not (tmp_path / "home/warehouse.duckdb").exists()
    assert check_whole(tmp_path / "home", []) == 0
