"""Rows for small homes, and the outcome rows that go with samples and verdicts."""

from typing import Any

import duckdb

Row = dict[str, Any]


def problem(key: str, split: str = "train", **more: object) -> Row:
    row: Row = {
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
    return row | more


def sample(key: str, problem_key: str, **more: object) -> Row:
    row: Row = {
        "key": key,
        "problem_key": problem_key,
        "policy": "base-00000000",
        "draw": 0,
        "temperature": 1.0,
        "text": f"A: 7 {key}",
        "tokens": 4,
        "finish": "stop",
        "round": 1,
        "stage": "sample",
    }
    return row | more


def verdict(sample_key: str, outcome: str, judge: str = "integer/1") -> Row:
    return {
        "sample_key": sample_key,
        "judge": judge,
        "outcome": outcome,
        "reason": "equal",
        "extracted": "7",
        "found_in": "answer_line",
    }


def outcome(of: Row, split: str, said: str, steps: str | None = None, revision: int = 0) -> Row:
    kept = ("problem_key", "policy", "round", "stage", "tokens", "finish")
    return {name: of[name] for name in kept} | {
        "sample_key": of["key"],
        "family": "gcd",
        "level": 2,
        "split": split,
        "outcome": said,
        "reason": "equal",
        "judge": "integer/1",
        "answer": "7",
        "steps": steps,
        "steps_reason": None,
        "revision": revision,
    }


def selection(sample_key: str, problem_key: str, reason: str, round: int = 1, weight: float = 0.0) -> Row:
    return {
        "round": round,
        "sample_key": sample_key,
        "admitted": reason in ("admitted", "replayed"),
        "reason": reason,
        "weight": weight,
        "problem_key": problem_key,
    }


def overlap(problem_key: str, how: str, against: str = "home") -> Row:
    return {
        "round": 1,
        "problem_key": problem_key,
        "how": how,
        "other": "line 1",
        "similarity": 0.9,
        "against": against,
    }


def policy(name: str, round: int, parent: str | None) -> Row:
    return {"policy": name, "round": round, "path": "p", "parent": parent, "digest": "d"}


def rows(folder: Any, config: str, split: str = "train") -> list[Row]:
    """All rows of an exported split, in their order; none where it has no file."""
    files = sorted((folder / config).glob(f"{split}-*.parquet"))
    if not files:
        return []
    with duckdb.connect() as con:
        table = con.read_parquet([str(file) for file in files]).to_arrow_table()
    found: list[Row] = table.to_pylist()
    return found
