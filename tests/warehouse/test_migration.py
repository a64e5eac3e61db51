"""Homes as earlier versions left them (homes/, made by those versions): read as they are, upgraded when written to."""

import io
import tarfile
from pathlib import Path

import duckdb
import pytest

from warehouse.errors import HomeDamaged
from warehouse.kinds import schema_version
from warehouse.query import open_reader, print_rows
from warehouse.store import Warehouse

VERSIONS = [1, 2]
OUTCOMES = """
    select sample_key, problem_key, policy, round, stage, family, level, split, tokens, finish,
        outcome, reason, judge, answer, steps, steps_reason, revision
    from outcomes order by sample_key
"""
PLACE = ("gcd", 2)
# s1 was judged again, and by a trial of another judge, which counts for nothing; nobody checked the steps of e1.
EXPECTED = [
    (
        "e1",
        "p3",
        "base-00000000",
        1,
        "evaluate",
        *PLACE,
        "heldout",
        4,
        "stop",
        "right",
        "equal",
        "integer/2",
        "7",
        None,
        None,
        0,
    ),
    (
        "s1",
        "p1",
        "base-00000000",
        1,
        "sample",
        *PLACE,
        "train",
        4,
        "stop",
        "wrong",
        "different",
        "integer/2",
        "7",
        "wrong",
        "false_step",
        0,
    ),
    (
        "s2",
        "p1",
        "base-00000000",
        1,
        "sample",
        *PLACE,
        "train",
        4,
        "stop",
        "wrong",
        "different",
        "integer/2",
        "7",
        None,
        None,
        0,
    ),
    (
        "s3",
        "p2",
        "base-00000000",
        1,
        "sample",
        *PLACE,
        "train",
        4,
        "stop",
        "right",
        "equal",
        "math/1",
        "7",
        "no_answer",
        "no_steps",
        0,
    ),
]


@pytest.fixture(params=VERSIONS)
def home(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    name = f"version-{request.param}"
    with tarfile.open(Path(__file__).parent / "homes" / f"{name}.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / name


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in sorted(folder.rglob("*")) if p.is_file()}


def test_an_older_home_is_read_as_it_is(home: Path) -> None:
    before = contents(home)
    with open_reader(home) as con:
        assert con.execute(OUTCOMES).fetchall() == EXPECTED
        assert con.execute("select kind, sum(rows)::int from ledger group by all order by all").fetchall() == [
            ("problems", 3), ("samples", 4), ("selections", 3), ("spend", 1), ("verdicts", 10), (None, 0),
        ]  # fmt: skip
        assert con.execute("select distinct problem_key from selections").fetchall() == [(None,)]
    said = io.StringIO()
    print_rows("select sample_key, judge from verdicts", home, "csv", said)
    assert "s1,integer/2" in said.getvalue()
    assert contents(home) == before


def test_an_older_home_is_upgraded_when_it_is_written_to(home: Path) -> None:
    before = contents(home)
    Warehouse(home).close()
    with duckdb.connect(home / "warehouse.duckdb", read_only=True) as con:
        con.execute(f"set variable home = '{home}'")
        assert con.execute("select version from schema_version").fetchall() == [(schema_version(),)]
        assert con.execute(OUTCOMES).fetchall() == EXPECTED
    after = contents(home)
    assert all(after[path] == before[path] for path in before if path.startswith("shards/"))
    with Warehouse(home) as store:
        assert store.has("r0001/sample/0000")
        again = {column: [value] for column, value in zip(_names(home), EXPECTED[1], strict=True)}
        store.commit(
            "later",
            {
                "outcome_revisions": [
                    {c: v[0] for c, v in again.items()} | {"revision": 1, "outcome": "right"}
                ]
            },
        )
        assert store.query("select outcome, revision from outcomes where sample_key = 's1'") == [
            {"outcome": "right", "revision": 1}
        ]


def _names(home: Path) -> list[str]:
    with open_reader(home) as con:
        return [column[0] for column in con.execute(OUTCOMES).description or ()]


def test_columns_and_filters_reach_the_shards_of_every_version(home: Path) -> None:
    verdict = {
        "sample_key": "s9",
        "judge": "integer/2",
        "outcome": "right",
        "reason": "equal",
        "extracted": "7",
    }
    with Warehouse(home) as store:
        store.commit("later", {"verdicts": [verdict | {"found_in": "boxed"}]})
        [row] = store.query("explain select outcome, found_in from verdicts where sample_key = 's3'")
    plan = row["explain_value"]
    assert plan.count("Read Parquet") == plan.count("= 's3'") > 0
    assert "extracted" not in plan


def test_an_older_home_that_lost_a_shard_is_told_and_then_mended(home: Path) -> None:
    (home / "shards/verdicts/r0001~sample~0000.parquet").unlink()
    with pytest.raises(HomeDamaged, match=r"r0001~sample~0000\.parquet"):
        open_reader(home)
    with Warehouse(home) as store:
        assert [(repair.name, repair.state) for repair in store.repairs] == [
            ("r0001/sample/0000", "it is missing")
        ]
        assert not store.has("r0001/sample/0000")
        assert store.query("select sample_key from outcomes") == [{"sample_key": "e1"}]


def test_an_upgrade_that_is_cut_short_is_made_again(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as patch:
        patch.setattr("warehouse.recovery.publish", _cut_short)
        with pytest.raises(KeyboardInterrupt):
            Warehouse(home)
    with open_reader(home) as con:
        assert con.execute(OUTCOMES).fetchall() == EXPECTED
    with Warehouse(home) as store:
        assert len(store.query(OUTCOMES)) == len(EXPECTED)


def _cut_short(*_: object) -> None:
    raise KeyboardInterrupt


@pytest.mark.parametrize("lost", ["outcome_revisions/schema~0003", "samples/r0001~sample~0000"])
def test_what_an_upgrade_filled_in_is_filled_in_again(home: Path, lost: str) -> None:
    Warehouse(home).close()
    (home / f"shards/{lost}.parquet").unlink()
    with Warehouse(home) as store:
        found = [row["sample_key"] for row in store.query(OUTCOMES)]
    # of samples that are to be drawn again nothing is said until they are
    assert found == (["e1"] if lost.startswith("samples") else ["e1", "s1", "s2", "s3"])
    with Warehouse(home) as store:
        assert store.repairs == []
        assert store.has("schema/0003")


@pytest.fixture
def version_3(tmp_path: Path) -> Path:
    """The rows of version-2.tar.xz, committed by version 3, which merged its verdicts and its costs."""
    with tarfile.open(Path(__file__).parent / "homes" / "version-3.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    return tmp_path / "version-3"


def test_a_home_of_version_3_is_read_as_it_is_and_upgraded(version_3: Path) -> None:
    before = contents(version_3)
    superseded = "select path, bytes, superseded_at from superseded order by path"
    with open_reader(version_3) as con:
        assert con.execute(OUTCOMES).fetchall() == EXPECTED
        old = con.execute(superseded).fetchall()
        assert len(old) == 9
    assert contents(version_3) == before
    with Warehouse(version_3) as store:
        assert store.repairs == []
        [row] = store.query("select distinct kind, sha256, merged_into from superseded")
        assert row == {"kind": None, "sha256": None, "merged_into": None}
    with duckdb.connect(version_3 / "warehouse.duckdb", read_only=True) as con:
        con.execute(f"set variable home = '{version_3}'")
        assert con.execute("select version from schema_version").fetchall() == [(schema_version(),)]
        assert con.execute(OUTCOMES).fetchall() == EXPECTED
        assert con.execute(superseded).fetchall() == old
    after = contents(version_3)
    assert all(after[path] == before[path] for path in before if path.startswith("shards/"))


@pytest.mark.parametrize("upgraded", [False, True])
def test_what_version_3_superseded_restores_nothing(version_3: Path, upgraded: bool) -> None:
    if upgraded:
        Warehouse(version_3).close()
    [merged] = version_3.glob("shards/verdicts/merged~*.parquet")
    merged.unlink()
    with Warehouse(version_3) as store:
        assert {repair.name for repair in store.repairs} == {
            "r0001/sample/0000",
            "r0001/evaluate/0000",
            "rejudge/integer-2/aa",
        }
        assert not any(repair.restored for repair in store.repairs)


def test_a_home_of_version_4_gets_the_hosts_of_what_comes(tmp_path: Path) -> None:
    with tarfile.open(Path(__file__).parent / "homes" / "version-4.tar.xz") as archive:
        archive.extractall(tmp_path, filter="data")
    home = tmp_path / "version-4"
    before = contents(home)
    with open_reader(home) as con:
        assert con.execute("select seconds, host from timeline").fetchall() == [(1.5, None)]
    assert contents(home) == before
    with Warehouse(home) as store:
        [row] = store.query("from timeline")
        store.commit("r0001/sample/0001", {"timeline": [row | {"seconds": 2.5, "host": "node-7"}]})
        assert store.query("select seconds, host from timeline order by all") == [
            {"seconds": 1.5, "host": None},
            {"seconds": 2.5, "host": "node-7"},
        ]
