"""Right answers on broken steps: how many of each recorded GSM8K policy's, and how fast the check is.

Right by the data's own label; broken by filters.steps. The data does not come with the repository.
"""

import argparse
import json
import time
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.table import Table

from curriculum.promotion import wilson
from curriculum.records import Problem, Sample
from filters import check_steps

BESIDE = Path(__file__).parents[2] / "shared" / "data" / "gsm8k" / "example_model_solutions.jsonl"


class Reasons(NamedTuple):
    """How often the check gave each reason for one policy's solutions; right and wrong by the answer's label."""

    right: Counter[str]
    wrong: Counter[str]


def rows() -> list[tuple[str, str, str]]:
    """(what, figure, share) for `make bench`; one line that says so where the data is missing."""
    if not BESIDE.exists():
        return [("right answers on a false step", f"{BESIDE.name} does not lie beside the checkout", "")]
    by_policy, solutions_s = measure(BESIDE)
    shares = [
        (f"{policy}: right on a false step", f"{right['false_step']} of {right.total()}", share(right))
        for policy, (right, _) in by_policy.items()
    ]
    return [*shares, ("steps check, one core", f"{solutions_s:,.0f} solutions/s", "")]


def share(reasons: Counter[str]) -> str:
    """The share of solutions on a false step, with its 95 % Wilson interval."""
    false, total = reasons["false_step"], reasons.total()
    low, high = wilson(false, total)
    return f"{100 * false / total:.1f}% ({100 * low:.1f}-{100 * high:.1f})"


def measure(path: Path) -> tuple[dict[str, Reasons], float]:
    """The reasons by policy, and solutions checked in a second of processor time."""
    by_policy: dict[str, Reasons] = {}
    spent, checked = 0.0, 0
    for problem, sample, correct in recorded(path):
        started = time.process_time()
        reason = check_steps(problem, sample).reason
        spent += time.process_time() - started
        checked += 1
        reasons = by_policy.setdefault(sample.policy, Reasons(Counter(), Counter()))
        (reasons.right if correct else reasons.wrong)[reason] += 1
    return by_policy, checked / spent


def recorded(path: Path) -> Iterator[tuple[Problem, Sample, bool]]:
    """Each recorded solution with its problem and its label."""
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        answer = row["ground_truth"].rpartition("A:")[2].strip()
        problem = Problem("gsm8k", 1, row["question"], answer, "number")
        for policy, said in row.items():
            if isinstance(said, dict):
                text = said["solution"]
                yield problem, Sample(problem.key, policy, 0, 0.0, text, 0, "recorded"), said["is_correct"]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--data", type=Path, default=BESIDE, help="GSM8K's example_model_solutions.jsonl")
    data = parser.parse_args().data
    if not data.exists():
        parser.error(f"--data names a file that is there, not {data}")
    by_policy, solutions_s = measure(data)
    table = Table(title="Right answers on broken steps (95 % Wilson intervals)")
    for heading in (
        "policy",
        "right",
        "false step",
        "share",
        "rounded",
        "not derived",
        "share of wrong ones",
    ):
        table.add_column(heading, no_wrap=heading in ("policy", "share"))
    for policy, (right, wrong) in by_policy.items():
        false, rounded, guessed = map(
            right.get, ("false_step", "rounded_step", "answer_not_derived"), (0, 0, 0)
        )
        counts = (right.total(), false, share(right), rounded, guessed, share(wrong))
        table.add_row(policy, *map(str, counts))
    Console(width=110).print(table)
    print(f"{solutions_s:,.0f} solutions/s on one core")


if __name__ == "__main__":
    main()
