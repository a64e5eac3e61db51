"""The exported folder: what is in it, that it is the same each time, and what it will not replace."""

from pathlib import Path
from typing import Any

import duckdb
import pytest

from warehouse.errors import HomeMissing
from warehouse.export import ExportRefused, export
from warehouse.export_configs import CONFIGS
from warehouse.store import Warehouse


def problem(key: str, split: str = "train") -> dict[str, object]:
    return {
        "key": key,
        "family": "gcd",
        "level": 2,
        "question": f"question {key}",
        "answer": "7",
        "check_kind": "integer",
        "source": "generated",
        "split": split,
        "seed": 5,
        "round": 1,
    }


def sample(
    key: str, problem_key: str, stage: str = "sample", round: int = 1, **more: object
) -> dict[str, object]:
    row: dict[str, object] = {
        "key": key,
        "problem_key": problem_key,
        "policy": "base-00000000",
        "draw": 0,
        "temperature": 1.0,
        "text": f"A: 7 {key}",
        "tokens": 4,
        "finish": "stop",
        "round": round,
        "stage": stage,
    }
    return row | more


def verdict(sample_key: str, outcome: str, judge: str = "integer/1") -> dict[str, object]:
    return {
        "sample_key": sample_key,
        "judge": judge,
        "outcome": outcome,
        "reason": "equal",
        "extracted": "7",
        "found_in": "answer_line",
    }


def selection(sample_key: str, reason: str, round: int = 1, weight: float = 0.0) -> dict[str, object]:
    admitted = reason in ("admitted", "replayed")
    return {
        "round": round,
        "sample_key": sample_key,
        "admitted": admitted,
        "reason": reason,
        "weight": weight,
    }


def policy(name: str, round: int, parent: str | None) -> dict[str, object]:
    return {"policy": name, "round": round, "path": "p", "parent": parent, "digest": "d"}


PROMOTION = {
    "round": 1,
    "candidate": "r1-11111111",
    "incumbent": "base-00000000",
    "promoted": True,
    "p_value": 0.01,
    "reason": "better | nothing forgotten",
    "gained": 9,
    "lost": 1,
}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    with Warehouse(tmp_path / "home") as store:
        store.commit("problems", {"problems": [problem("a"), problem("b"), problem("h", "heldout")]})
        store.commit("again", {"problems": [problem("a")]})
        samples = [
            sample("s1", "a"),
            sample("s2", "a"),
            sample(
                "s3", "b", "import", 0, policy="theirs", temperature=float("nan"), tokens=0, finish="recorded"
            ),
            sample("e1", "h", "evaluate", 0, temperature=0.0),
        ]
        verdicts = [
            verdict("s1", "right"),
            verdict("s1", "right", "steps/1"),
            verdict("s2", "right", "integer/1"),
            verdict("s2", "wrong", "integer/2"),
            verdict("s3", "right"),
            verdict("e1", "right"),
        ]
        selections = [
            selection("s1", "admitted", 1, 0.5),
            selection("s1", "replayed", 2, 1.0),
            selection("s2", "wrong"),
            selection("s3", "heldout", 0),
        ]
        store.commit("samples", {"samples": samples, "verdicts": verdicts, "selections": selections})
        policies = [
            policy("base-00000000", 0, None),
            policy("r1-11111111", 1, "base-00000000"),
            policy("r2-2", 2, "x"),
        ]
        store.commit("policies", {"policies": policies, "promotions": [PROMOTION]})
    return tmp_path / "home"


def rows(folder: Path, file: str) -> list[dict[str, Any]]:
    table = duckdb.connect().sql(f"from read_parquet('{folder / file}.parquet')").to_arrow_table()
    found: list[dict[str, Any]] = table.to_pylist()
    return found


def test_each_config_holds_its_rows(home: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    assert export(home, out) == {"sft": 1, "problems": 3, "samples": 4, "evaluations": 1}
    assert rows(out, "sft/train") == [
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
    assert [row["key"] for row in rows(out, "problems/train")] == ["a", "b"]
    assert [row["key"] for row in rows(out, "problems/heldout")] == ["h"]
    assert rows(out, "evaluations/heldout")[0]["pass_rate"] == 1.0
    assert rows(out, "evaluations/train") == []


def test_a_sample_carries_every_verdict_and_its_fate(home: Path, tmp_path: Path) -> None:
    export(home, tmp_path / "out")
    s1, s2, s3 = rows(tmp_path / "out", "samples/train")
    assert (s1["outcome"], s1["steps"], s1["admitted"], s1["reason"]) == ("right", "right", True, "admitted")
    assert (s2["outcome"], s2["steps"], s2["admitted"], s2["reason"]) == ("wrong", None, False, "wrong")
    assert [(v["judge"], v["outcome"]) for v in s2["verdicts"]] == [
        ("integer/1", "right"),
        ("integer/2", "wrong"),
    ]
    assert (s3["temperature"], s3["tokens"], s3["finish"]) == (None, None, "recorded")
    [e1] = rows(tmp_path / "out", "samples/heldout")
    assert (e1["stage"], e1["admitted"], e1["reason"], e1["temperature"]) == ("evaluate", None, None, 0.0)


def test_the_card_says_what_every_column_means(home: Path, tmp_path: Path) -> None:
    export(home, tmp_path / "out")
    for name, config in CONFIGS.items():
        for split in config.splits:
            file = f"from read_parquet('{tmp_path}/out/{name}/{split}.parquet')"
            assert duckdb.connect().sql(file).columns == list(config.columns), name


def test_the_card_lists_filled_splits_policies_and_judges(home: Path, tmp_path: Path) -> None:
    export(home, tmp_path / "out")
    card = (tmp_path / "out" / "README.md").read_text()
    front = card.split("---\n")[1]
    assert front.splitlines() == [
        "configs:",
        "- config_name: sft",
        "  data_files:",
        "  - split: train",
        "    path: sft/train.parquet",
        "  default: true",
        "- config_name: problems",
        "  data_files:",
        "  - split: train",
        "    path: problems/train.parquet",
        "  - split: heldout",
        "    path: problems/heldout.parquet",
        "- config_name: samples",
        "  data_files:",
        "  - split: train",
        "    path: samples/train.parquet",
        "  - split: heldout",
        "    path: samples/heldout.parquet",
        "- config_name: evaluations",
        "  data_files:",
        "  - split: heldout",
        "    path: evaluations/heldout.parquet",
    ]
    assert "| base-00000000 | 0 |  | the base |  |" in card
    assert "| r1-11111111 | 1 | base-00000000 | promoted | better \\| nothing forgotten |" in card
    assert "| r2-2 | 2 | x | not yet decided |  |" in card
    assert "| theirs | 1 |" in card
    assert "| integer/2 | 1 | 0 | 1 | 0 | 0 |" in card
    assert "| heldout | 1 |" in card


def test_the_same_home_gives_the_same_bytes(home: Path, tmp_path: Path) -> None:
    for name in ("one", "two", "two"):  # the second time over itself
        export(home, tmp_path / name)
    one, two = (
        {str(p.relative_to(f)): p.read_bytes() for p in f.rglob("*") if p.is_file()}
        for f in (tmp_path / "one", tmp_path / "two")
    )
    assert one == two
    assert len(one) == 8
    assert {path.name for path in tmp_path.iterdir()} == {"home", "one", "two"}


def test_an_empty_home_exports_empty_typed_files(tmp_path: Path) -> None:
    Warehouse(tmp_path / "home").close()
    assert set(export(tmp_path / "home", tmp_path / "new" / "out").values()) == {0}
    assert rows(tmp_path / "new" / "out", "sft/train") == []
    assert (tmp_path / "new" / "out" / "README.md").read_text().startswith("---\nconfigs: []\n---\n")


@pytest.mark.parametrize("name", ["notes.txt", "README.md", "sft"])
def test_what_is_no_earlier_export_is_not_replaced(home: Path, tmp_path: Path, name: str) -> None:
    folder = tmp_path / "theirs"
    folder.mkdir()
    (folder / name).write_text("mine")
    with pytest.raises(ExportRefused, match="earlier export"):
        export(home, folder)
    assert (folder / name).read_text() == "mine"
    assert {path.name for path in tmp_path.iterdir()} == {"home", "theirs"}


def test_an_export_to_which_something_was_added_is_not_replaced(home: Path, tmp_path: Path) -> None:
    export(home, tmp_path / "out")
    (tmp_path / "out" / "notes.txt").write_text("mine")
    with pytest.raises(ExportRefused, match=r"holds 'notes\.txt'"):
        export(home, tmp_path / "out")


def test_a_file_or_a_missing_home_is_refused(home: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("mine")
    with pytest.raises(ExportRefused, match="is a file"):
        export(home, tmp_path / "file")
    with pytest.raises(HomeMissing):
        export(tmp_path / "nowhere", tmp_path / "out")
    assert not (tmp_path / "out").exists()
