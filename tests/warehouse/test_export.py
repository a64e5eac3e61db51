"""What an export holds, that it is the same each time, and that `datasets` reads it."""

import os
import subprocess
import sys
import time
from pathlib import Path

import duckdb
import pytest

from tests.warehouse.small_home import (
    Row,
    outcome,
    overlap,
    policy,
    problem,
    rows,
    sample,
    selection,
    verdict,
)
from warehouse import merging
from warehouse.errors import HomeMissing
from warehouse.export import export, files, parts
from warehouse.export.configs import CONFIGS
from warehouse.store import Warehouse


def units() -> dict[str, dict[str, list[Row]]]:
    """Units of work: problems a, b, c for training, of which c overlaps, and h held out."""
    s1, s2 = sample("s1", "a"), sample("s2", "a", draw=1)
    s3 = sample(
        "s3",
        "b",
        stage="import",
        round=0,
        policy="theirs",
        temperature=float("nan"),
        tokens=0,
        finish="recorded",
    )
    c1 = sample("c1", "c")
    b1 = sample("b1", "b")
    e1 = sample("e1", "h", stage="evaluate", round=0, temperature=0.0)
    return {
        "problems": {"problems": [problem("b"), problem("a"), problem("c"), problem("h", "heldout")]},
        "again": {
            "problems": [problem("a")],
            "problem_overlaps": [overlap("c", "near"), overlap("c", "leak", "exam")],
        },
        "samples": {
            "samples": [e1, s3, s2, s1, c1, b1],
            "verdicts": [
                verdict("s1", "right"),
                verdict("s1", "right", "steps/1"),
                verdict("s2", "right"),
                verdict("s2", "wrong", "integer/2"),
                verdict("s3", "right"),
                verdict("e1", "right"),
                verdict("b1", "right"),
            ],
            "outcome_revisions": [
                outcome(s1, "train", "right", "right"),
                outcome(s2, "train", "right"),
                outcome(s2, "train", "wrong", revision=1),
                outcome(s3, "train", "right"),
                outcome(e1, "heldout", "right"),
                outcome(c1, "train", "right"),
                outcome(b1, "train", "right"),
                outcome(b1, "train", "right", "wrong", revision=1),
            ],
        },
        "fates": {
            "selections": [
                selection("s1", "a", "admitted", 1, 0.5),
                selection("s1", "a", "replayed", 2, 1.0),
                selection("s2", "a", "wrong"),
                selection("s3", "b", "over_cap", 0),
                selection("c1", "c", "admitted", 1, 1.0),
                selection("b1", "b", "admitted", 1, 1.0),
            ]
        },
        "policies": {
            "policies": [policy("base-00000000", 0, None), policy("r1-11111111", 1, "base-00000000")],
        },
    }


def make(home: Path, names: list[str]) -> Path:
    with Warehouse(home) as store:
        for name in names:
            store.commit(name, units()[name])
    return home


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return make(tmp_path / "home", list(units()))


def contents(folder: Path) -> dict[str, bytes]:
    return {str(p.relative_to(folder)): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def test_sft_has_what_was_admitted_and_still_stands(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert export(home, out) == {"sft": 1, "preferences": 1, "problems": 4, "samples": 6, "evaluations": 1}
    # c1's problem overlaps; b1's steps were found false by a later judge
    assert rows(out, "sft") == [
        {
            "prompt": "question a",
            "completion": "A: 7 s1",
            "weight": 0.5,
            "key": "s1",
            "problem_key": "a",
            "family": "gcd",
            "level": 2,
            "policy": "base-00000000",
            "round": 1,
        }
    ]
    assert "1 samples that were admitted are judged otherwise by now" in (out / "README.md").read_text()


def test_preferences_have_a_right_and_a_wrong_one(home: Path, tmp_path: Path) -> None:
    export(home, tmp_path / "out")
    [row] = rows(tmp_path / "out", "preferences")
    assert (row["prompt"], row["chosen"], row["rejected"]) == ("question a", "A: 7 s1", "A: 7 s2")
    assert (row["chosen_length"], row["rejected_length"], row["round"]) == (7, 7, 1)


def test_problems_say_whether_they_overlap(home: Path, tmp_path: Path) -> None:
    export(home, tmp_path / "out")
    found = rows(tmp_path / "out", "problems")
    assert [(row["key"], row["overlap"]) for row in found] == [("a", None), ("b", None), ("c", "leak, near")]
    assert [row["key"] for row in rows(tmp_path / "out", "problems", "heldout")] == ["h"]


def test_a_sample_carries_every_verdict_and_its_fate(home: Path, tmp_path: Path) -> None:
    export(home, tmp_path / "out")
    s1, s2, b1, s3, c1 = rows(tmp_path / "out", "samples")
    assert (s1["outcome"], s1["steps"], s1["admitted"], s1["reason"]) == ("right", "right", True, "admitted")
    assert (s2["outcome"], s2["steps"], s2["admitted"], s2["reason"]) == ("wrong", None, False, "wrong")
    assert s2["verdicts"] == [
        {
            "judge": judge,
            "outcome": said,
            "reason": "equal",
            "extracted": "7",
            "found_in": "answer_line",
        }
        for judge, said in (("integer/1", "right"), ("integer/2", "wrong"))
    ]
    assert (s3["temperature"], s3["tokens"], s3["finish"]) == (None, None, "recorded")
    assert c1["verdicts"] is None
    assert b1["steps"] == "wrong"
    [e1] = rows(tmp_path / "out", "samples", "heldout")
    assert (e1["stage"], e1["admitted"], e1["reason"], e1["temperature"]) == ("evaluate", None, None, 0.0)


def test_the_card_names_every_column(home: Path, tmp_path: Path) -> None:
    export(home, tmp_path / "out")
    for name, config in CONFIGS.items():
        for file in (tmp_path / "out" / name).glob("*.parquet"):
            assert duckdb.connect().read_parquet(str(file)).columns == list(config.columns), name


def test_the_same_home_gives_the_same_bytes_whatever_came_first(home: Path, tmp_path: Path) -> None:
    other = make(tmp_path / "other", list(reversed(units())))
    export(home, tmp_path / "one")
    export(other, tmp_path / "two")
    export(other, tmp_path / "two")  # over itself
    assert contents(tmp_path / "one") == contents(tmp_path / "two")
    assert {path.name for path in tmp_path.iterdir()} == {"home", "other", "one", "two"}


def test_shards_that_were_merged_do_not_show(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(merging, "FANOUT", 2)
    with Warehouse(tmp_path / "merged") as store:
        for name, tables in units().items():
            for kind, of_kind in tables.items():
                for number, row in enumerate(of_kind):  # a shard to each row
                    store.commit(f"{name}/{kind}/{number}", {kind: [row]})
        deadline = time.monotonic() + 20
        while len(list((tmp_path / "merged" / "shards" / "samples").glob("merged*"))) < 3:
            assert time.monotonic() < deadline
            time.sleep(0.05)
    export(home, tmp_path / "one")
    export(tmp_path / "merged", tmp_path / "two")
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_how_many_parts_a_home_is_taken_in_does_not_show(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export(home, tmp_path / "one")
    monkeypatch.setattr(parts, "BYTES_PER_PART", 1)
    seen: list[tuple[str, int, int]] = []
    export(home, tmp_path / "two", lambda *step: seen.append(step))
    assert ("write: train", 3, 3) in seen  # so it was in parts
    assert contents(tmp_path / "one") == contents(tmp_path / "two")


def test_files_are_sharded_and_a_second_export_leaves_none_of_the_first(
    home: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole, out = tmp_path / "whole", tmp_path / "out"
    export(home, whole)
    monkeypatch.setattr(files, "ROWS_PER_GROUP", 1)
    monkeypatch.setattr(files, "ROWS_PER_FILE", 2)
    export(home, out)
    names = sorted(path.name for path in (out / "samples").iterdir())
    assert names == ["heldout-00000-of-00001.parquet", *(f"train-{n:05}-of-00003.parquet" for n in range(3))]
    assert rows(out, "samples") == rows(whole, "samples")
    monkeypatch.undo()
    export(home, out)
    assert contents(out) == contents(whole)


def test_an_empty_home_exports_a_card_alone(tmp_path: Path) -> None:
    Warehouse(tmp_path / "home").close()
    assert set(export(tmp_path / "home", tmp_path / "new" / "out").values()) == {0}
    assert {path.name for path in (tmp_path / "new" / "out").iterdir()} == {"README.md", "plot.png"}


def test_a_missing_home_is_refused_and_leaves_nothing(tmp_path: Path) -> None:
    with pytest.raises(HomeMissing):
        export(tmp_path / "nowhere", tmp_path / "out")
    assert list(tmp_path.iterdir()) == []


LOAD = """
import sys
from datasets import disable_progress_bars, get_dataset_config_names, load_dataset
disable_progress_bars()
folder = sys.argv[1]
for config in get_dataset_config_names(folder):
    kept, streamed = load_dataset(folder, config), load_dataset(folder, config, streaming=True)
    for split in kept:
        assert list(kept[split]) == list(streamed[split])
        print(config, split, kept[split].num_rows, *kept[split].column_names)
print(load_dataset(folder)["train"][0]["prompt"])
"""


def test_datasets_loads_every_config_offline_streaming_and_not(home: Path, tmp_path: Path) -> None:
    export(home, tmp_path / "out")
    environment = os.environ | {"HF_HOME": str(tmp_path / "cache"), "HF_HUB_OFFLINE": "1"}
    command = [sys.executable, "-c", LOAD, str(tmp_path / "out")]
    done = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=300)
    assert done.returncode == 0, done.stderr
    *found, prompt = done.stdout.splitlines()
    splits = {"sft": [1], "preferences": [1], "problems": [3, 1], "samples": [5, 1], "evaluations": [1]}
    assert found == [
        f"{name} {'heldout' if name == 'evaluations' or number else 'train'} {count} {' '.join(CONFIGS[name].columns)}"
        for name, counts in splits.items()
        for number, count in enumerate(counts)
    ]
    assert prompt == "question a"
