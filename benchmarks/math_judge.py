"""The judge `math` beside math-verify on the same pairs, in one run on one core: how fast, and how often wrong.

Three sets of (key, text): the recorded solutions of GSM8K and of 100 MATH problems, where they lie beside the
checkout, and the golden rows of the tests, which say what is right. math-verify gets each key as a formula, the
way its documentation asks for.
"""

import json
import logging
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

from curriculum.records import Problem, Sample
from filters import math

ROOT = Path(__file__).parents[1]
DATA = ROOT.parent / "shared" / "data"
POLICIES = ("6b_finetuning", "6b_verification", "175b_finetuning", "175b_verification")


class Pair(NamedTuple):
    gold: str
    text: str
    right: bool


def gsm8k() -> Iterator[Pair]:
    for row in _lines(DATA / "gsm8k" / "example_model_solutions.jsonl"):
        gold = row["ground_truth"].rpartition("A:")[2].strip()
        yield from (Pair(gold, row[name]["solution"], row[name]["is_correct"]) for name in POLICIES)


def competition() -> Iterator[Pair]:
    for row in _lines(DATA / "math_cot_100" / "math_cot_100.jsonl"):
        for text, right in zip(row["code"], row["score"], strict=True):
            yield Pair(row["gt"], text, right)


def golden() -> Iterator[Pair]:
    for file in sorted((ROOT / "tests" / "golden").glob("*.jsonl")):
        rows = (row for row in _lines(file) if row.get("check") == "math")
        yield from (Pair(row["gold"], row["text"], row["expected"] == "right") for row in rows)


def _lines(file: Path) -> Iterator[dict[str, Any]]:
    if file.exists():
        with file.open(encoding="utf-8") as lines:
            yield from map(json.loads, lines)


def ours(pair: Pair) -> bool:
    problem = Problem("benchmark", 1, "", pair.gold, "math")
    try:
        verdict = math.judge(problem, Sample(problem.key, "", 0, 0.0, pair.text, 0, "recorded"))
    except ValueError:  # a key that is no mathematics, such as the `4:30p..` of one MATH row
        return False
    return verdict.outcome == "right"


def theirs(pair: Pair) -> bool:
    from math_verify import parse, verify

    gold = pair.gold if "$" in pair.gold or "\\boxed" in pair.gold else f"${pair.gold}$"
    try:
        return bool(verify(parse(gold), parse(pair.text)))
    except Exception:  # what it does with some of the hostile rows; no acceptance, so in its favour
        return False


def rows() -> Iterator[tuple[str, str, str]]:
    """Lines of the benchmark table: what, figure, ratio to math-verify."""
    logging.disable(logging.ERROR)
    for name, pairs in (
        ("GSM8K", list(gsm8k())),
        ("MATH", list(competition())),
        ("golden rows", list(golden())),
    ):
        if not pairs:
            yield f"{name}: not beside the checkout", "", ""
            continue
        (our_seconds, our_table), (their_seconds, their_table) = (
            _run(judge, pairs) for judge in (ours, theirs)
        )
        ratio = f"{their_seconds / our_seconds:.1f} times math-verify"
        yield f"{name}: pairs/s of {len(pairs):,}", f"{len(pairs) / our_seconds:,.0f}", ratio
        yield f"{name}: math", _shown(our_table), ""
        yield f"{name}: math-verify", _shown(their_table), ""


def _run(judge: Callable[[Pair], bool], pairs: list[Pair]) -> tuple[float, Counter[tuple[bool, bool]]]:
    """Seconds for all pairs, after some to warm up on, and how often (right, accepted) came."""
    for pair in pairs[:20]:
        judge(pair)
    started = time.perf_counter()
    found = [judge(pair) for pair in pairs]
    seconds = time.perf_counter() - started
    return seconds, Counter((pair.right, accepted) for pair, accepted in zip(pairs, found, strict=True))


def _shown(table: Counter[tuple[bool, bool]]) -> str:
    return (
        f"{table[True, True]} accepted rightly, {table[False, True]} falsely;"
        f" {table[False, False]} rejected rightly, {table[True, False]} falsely"
    )


if __name__ == "__main__":
    for line in rows():
        print(*line, sep=" | ")
