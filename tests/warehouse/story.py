"""Rows of every kind by hand, for tests: what a case does not name is filled in."""

from datetime import datetime
from typing import Any

BASE = "base-00000000"
FIRST = "r1-11111111"


def problem(
    key: str, family: str = "gcd", level: int = 1, split: str = "train", round: int = 1
) -> dict[str, Any]:
    return {
        "key": key, "family": family, "level": level, "question": f"question {key}", "answer": "7",
        "check_kind": "integer", "source": "generated", "split": split, "seed": 5, "round": round,
    }  # fmt: skip


def sample(
    key: str, problem_key: str, policy: str = BASE, stage: str = "sample", round: int = 1
) -> dict[str, Any]:
    return {
        "key": key, "problem_key": problem_key, "policy": policy, "draw": 0, "temperature": 1.0, "text": "A: 7",
        "tokens": 4, "finish": "stop", "round": round, "stage": stage,
    }  # fmt: skip


def verdict(sample_key: str, outcome: str, judge: str = "integer/1", reason: str = "equal") -> dict[str, Any]:
    return {
        "sample_key": sample_key, "judge": judge, "outcome": outcome, "reason": reason, "extracted": "",
        "found_in": "answer_line",
    }  # fmt: skip


def outcome(sample_key: str, problem_key: str, said: str = "right", **other: Any) -> dict[str, Any]:
    row = {
        "sample_key": sample_key, "problem_key": problem_key, "policy": BASE, "round": 1, "stage": "sample",
        "family": "gcd", "level": 1, "split": "train", "tokens": 4, "finish": "stop", "outcome": said,
        "reason": "equal", "judge": "integer/1", "answer": "7" if said == "right" else "8", "steps": "right",
        "steps_reason": "steps_hold", "revision": 0,
    }  # fmt: skip
    assert other.keys() <= row.keys()
    return row | other


def selection(round: int, sample_key: str, reason: str, problem_key: str | None = "p") -> dict[str, Any]:
    admitted = reason in ("admitted", "replayed")
    return {
        "round": round, "sample_key": sample_key, "admitted": admitted, "reason": reason,
        "weight": float(admitted), "problem_key": problem_key,
    }  # fmt: skip


def policy(name: str, round: int, parent: str | None) -> dict[str, Any]:
    return {"policy": name, "round": round, "path": name, "parent": parent, "digest": name[-8:]}


def promotion(round: int, candidate: str, incumbent: str, promoted: bool) -> dict[str, Any]:
    return {
        "round": round, "candidate": candidate, "incumbent": incumbent, "promoted": promoted, "p_value": 0.25,
        "reason": "better", "gained": 3, "lost": 1,
    }  # fmt: skip


def standing(round: int, level: int, right: float, judged: float, mean: float) -> dict[str, Any]:
    return {
        "round": round, "family": "gcd", "level": level, "right": right, "judged": judged, "mean": mean,
        "low": mean / 2, "high": (1 + mean) / 2,
    }  # fmt: skip


def assignment(round: int, level: int, slot: str, problems: int) -> dict[str, Any]:
    return {"round": round, "family": "gcd", "level": level, "slot": slot, "problems": problems}


def spend(round: int, stage: str, tokens: int, seconds: float) -> dict[str, Any]:
    return {"round": round, "stage": stage, "tokens": tokens, "seconds": seconds}


def stretch(round: int, stage: str, seconds: float, engine_seconds: float | None) -> dict[str, Any]:
    return {
        "round": round, "stage": stage, "started_at": datetime(2026, 11, 28), "seconds": seconds,
        "engine_seconds": engine_seconds, "memory_bytes": 2**30, "host": "here",
    }  # fmt: skip


def overlap(problem_key: str, how: str, other: str) -> dict[str, Any]:
    return {
        "round": 1, "problem_key": problem_key, "how": how, "other": other, "similarity": 0.9, "against": "home",
    }  # fmt: skip
