"""Shards that a worker writes into the home, and that are committed where the home's one writer is."""

import errno
from dataclasses import replace
from pathlib import Path

import pytest

from tests.warehouse.test_store import contents, spend, verdict
from warehouse import store as stores
from warehouse.errors import HomeNotShared, ShardDamaged, WrongRows
from warehouse.handing_in import hand_in
from warehouse.store import Warehouse

UNIT = "r0001/sample/0003"
FILE = "shards/verdicts/r0001~sample~0003.parquet"
TABLES = {"verdicts": [verdict("a"), verdict("b")], "logprobs": []}


def test_what_was_handed_in_is_committed_as_if_it_had_been_written_here(tmp_path: Path) -> None:
    ledger = "select name, kind, path, first_row, rows from ledger order by kind"
    found = []
    for elsewhere in (False, True):
        home = tmp_path / str(elsewhere)
        with Warehouse(home) as store:
            if elsewhere:
                handed_in = hand_in(home, UNIT, TABLES)
                assert store.query("from verdicts") == []
                store.commit(UNIT, {"spend": [spend(1)]}, handed_in)
            else:
                store.commit(UNIT, TABLES | {"spend": [spend(1)]})
        with Warehouse(home) as store:
            assert store.repairs == []
            found.append(
                (store.query(ledger), store.query("from verdicts order by all"), set(contents(home)))
            )
    assert found[0] == found[1]


def test_a_worker_that_was_given_up_cannot_change_what_was_committed(tmp_path: Path) -> None:
    with Warehouse(tmp_path) as store:
        late = hand_in(tmp_path, UNIT, {"verdicts": [verdict("a", "wrong")]})
        store.commit(UNIT, {}, hand_in(tmp_path, UNIT, {"verdicts": [verdict("a")]}))
        committed = (tmp_path / FILE).read_bytes()
        later = hand_in(tmp_path, UNIT, {"verdicts": [verdict("a", "wrong")]})
        assert (tmp_path / FILE).read_bytes() == committed
        assert late.shards[0].path != later.shards[0].path
    with Warehouse(tmp_path) as store:
        assert store.query("select outcome from verdicts") == [{"outcome": "right"}]
    assert [path.name for path in tmp_path.glob("shards/*/*")] == [
        Path(FILE).name
    ]  # the others are cleared away


def test_a_home_that_is_not_shared_is_told_with_path_and_machine(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "here") as store:
        handed_in = hand_in(tmp_path / "elsewhere", UNIT, TABLES)
        place = f"{tmp_path / 'here' / handed_in.shards[0].path}, written on node-7, is not to be seen on"
        with pytest.raises(HomeNotShared, match=place):
            store.commit(UNIT, {}, replace(handed_in, host="node-7"))
        assert not store.has(UNIT)
        store.commit(UNIT, TABLES)


def test_what_arrives_otherwise_than_it_was_written_is_not_committed(tmp_path: Path) -> None:
    with Warehouse(tmp_path) as store:
        handed_in = hand_in(tmp_path, UNIT, TABLES)
        file = tmp_path / handed_in.shards[0].path
        file.write_bytes(file.read_bytes()[:-1] + b"x")
        with pytest.raises(ShardDamaged, match="is not: its content was altered"):
            store.commit(UNIT, {}, handed_in)
        assert not store.has(UNIT)


def test_rows_of_a_kind_come_from_one_side(tmp_path: Path) -> None:
    with Warehouse(tmp_path) as store:
        with pytest.raises(WrongRows, match="both of logprobs, verdicts"):
            store.commit(UNIT, TABLES, hand_in(tmp_path, UNIT, TABLES))
        with pytest.raises(WrongRows, match="row 0 lacks outcome"):
            hand_in(tmp_path, UNIT, {"verdicts": [{k: v for k, v in verdict("a").items() if k != "outcome"}]})


def test_what_was_renamed_and_not_published_is_handed_in_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def killed(*_: object) -> None:
        raise KeyboardInterrupt

    with Warehouse(tmp_path) as store, monkeypatch.context() as patched:
        patched.setattr(stores, "publish", killed)
        with pytest.raises(KeyboardInterrupt):
            store.commit(UNIT, {}, hand_in(tmp_path, UNIT, TABLES))
        assert (tmp_path / FILE).exists()
    with Warehouse(tmp_path) as store:
        assert not store.has(UNIT)
        assert not (tmp_path / FILE).exists()
        store.commit(UNIT, {}, hand_in(tmp_path, UNIT, TABLES))
        assert len(store.query("from verdicts")) == 2


def test_a_commit_that_failed_after_the_renames_can_be_tried_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def away(*_: object) -> None:
        raise OSError(errno.EIO, "Input/output error")

    with Warehouse(tmp_path) as store:
        handed_in = hand_in(tmp_path, UNIT, TABLES)
        with monkeypatch.context() as patched:
            patched.setattr(stores, "publish", away)
            with pytest.raises(OSError, match="Input/output error"):
                store.commit(UNIT, {"spend": [spend(1)]}, handed_in)
        store.commit(UNIT, {"spend": [spend(1)]}, handed_in)
        assert len(store.query("from verdicts")) == 2
    with Warehouse(tmp_path) as store:
        assert not store.repairs
