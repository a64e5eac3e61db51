"""What a task tries again, and what it does not; and the shard whose commit met a file system that was away."""

import errno
from pathlib import Path

import duckdb
import pytest
from prefect import flow, task

from curriculum.errors import InputError
from flows import retries
from flows.drawing import Finished, ShardJob
from flows.retries import again, is_passing
from flows.shard_samples import Work
from tests.warehouse.test_store import verdict
from warehouse.errors import HomeNotWritable
from warehouse.hub.patience import PushFailed, PushRefused
from warehouse.store import Warehouse


@pytest.mark.parametrize(
    ("error", "passes"),
    [
        (OSError(errno.ESTALE, "Stale file handle"), True),
        (OSError(errno.EIO, "Input/output error"), True),
        (PushFailed("the Hub is away"), True),
        (duckdb.IOException("IO Error: Could not read from file: Stale file handle"), True),
        (duckdb.IOException("IO Error: Could not write file: No space left on device"), False),
        (OSError(errno.ENOSPC, "No space left on device"), False),
        (FileNotFoundError(errno.ENOENT, "No such file"), False),
        (HomeNotWritable("the disk is full"), False),
        (PushRefused("no token"), False),
        (InputError("no such key"), False),
        (ValueError("a fault of ours"), False),
    ],
)
def test_what_a_network_did_is_tried_again_and_nothing_else(error: Exception, passes: bool) -> None:
    assert is_passing(error) is passes


def test_a_task_is_tried_again_until_the_file_system_is_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(retries, "DELAYS_S", [0.0, 0.0, 0.0])
    tries: list[str] = []

    @again
    @task
    def look(errors: tuple[Exception, ...]) -> str:
        tries.append("look")
        if len(tries) <= len(errors):
            raise errors[len(tries) - 1]
        return "found"

    @flow
    def looking(*errors: Exception) -> str:
        return look(errors)

    assert looking(OSError(errno.ESTALE, "away"), OSError(errno.EIO, "away")) == "found"
    assert len(tries) == 3
    tries.clear()
    with pytest.raises(InputError):
        looking(InputError("no such key"))
    assert len(tries) == 1


def test_a_shard_is_committed_at_the_second_try_without_being_drawn_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    drawn: list[int] = []

    def finish() -> Finished:
        drawn.append(1)
        return Finished({"verdicts": [verdict("a")]})

    with Warehouse(tmp_path) as store:
        job = ShardJob(Work(1, "sample", 0, [], 0), store, finish)
        with monkeypatch.context() as patched:
            patched.setattr(
                "warehouse.store.publish", lambda *_: (_ for _ in ()).throw(OSError(errno.EIO, "away"))
            )
            with pytest.raises(OSError, match="away"):
                job.judge_and_commit()
        job.judge_and_commit()
        assert len(store.query("from verdicts")) == 1
    assert drawn == [1]
