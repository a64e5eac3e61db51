"""What an export holds: the configs of the dataset, their splits, and what their columns mean.

The rows come from `queries/<config>.sql`, whose order names every row apart: the same home gives the same files.
"""

from dataclasses import dataclass
from functools import cache
from pathlib import Path

_QUERIES = Path(__file__).parent / "queries"


@dataclass(frozen=True, slots=True)
class Config:
    """`in_parts`: the query sees the home a range of problems at a time, as `part.problems` and so on."""

    says: str
    splits: tuple[str, ...]
    columns: dict[str, str]
    in_parts: bool = True


@cache
def query(name: str) -> str:
    """The text of `queries/<name>.sql`."""
    return (_QUERIES / f"{name}.sql").read_text(encoding="utf-8")


_ABOUT_PROBLEM = {
    "family": "kind of problem",
    "level": "how hard, from 1",
}

CONFIGS: dict[str, Config] = {
    "sft": Config(
        "what was admitted to training, each sample once",
        ("train",),
        {
            "prompt": "the question as it was asked",
            "completion": "a solution that is judged right, on steps that were not found false",
            "weight": "in the loss",
            "key": "of the sample",
            "problem_key": "of the problem",
            **_ABOUT_PROBLEM,
            "policy": "that drew the sample",
            "round": "in which it was first admitted",
        },
    ),
    "preferences": Config(
        "a right and a wrong solution of one problem, of about the same length",
        ("train",),
        {
            "prompt": "the question as it was asked",
            "chosen": "a solution that is judged right, on steps that were not found false",
            "rejected": "one whose answer is judged wrong; it was not cut off",
            "chosen_key": "of the sample",
            "rejected_key": "of the sample",
            "problem_key": "of the problem",
            **_ABOUT_PROBLEM,
            "chosen_policy": "that drew the right one",
            "rejected_policy": "that drew the wrong one; the same where possible",
            "chosen_length": "characters",
            "rejected_length": "characters",
            "round": "in which the later of the two was drawn",
        },
    ),
    "problems": Config(
        "every question with its answer",
        ("train", "heldout"),
        {
            "key": "sha256 of check, question and answer, shortened",
            **_ABOUT_PROBLEM,
            "question": "as it was asked",
            "answer": "what the judge compares with",
            "check": "the judge that can check the answer",
            "source": "generated, or import: and the name of the import",
            "seed": "of the generator",
            "round": "in which it was drawn; 0 before the first",
            "overlap": "why it may not train beside another problem (exact, near, leak, near_heldout), or null",
        },
    ),
    "samples": Config(
        "every solution that was drawn or recorded, with its verdicts and its fate",
        ("train", "heldout"),
        {
            "key": "sha256 of problem, policy, temperature and draw, shortened",
            "problem_key": "of the problem",
            **_ABOUT_PROBLEM,
            "policy": "that drew it",
            "round": "in which it was drawn or evaluated",
            "stage": "sample (practice), guess (the answer alone), evaluate, or import (recorded elsewhere)",
            "draw": "counts the samples of one problem",
            "temperature": "0 is greedy; null if not recorded",
            "text": "of the solution",
            "tokens": "in it; null if not recorded",
            "finish": "stop, length (cut off), or recorded",
            "outcome": "right, wrong, no_answer or not_judged, by the newest version of the problem's own check",
            "answer": "what that judge took for the final answer",
            "steps": "right, wrong or no_answer, by recomputing the steps",
            "verdicts": "of every judge and version: judge, outcome, reason, extracted, found_in",
            "admitted": "to training; null if not considered for it",
            "reason": "why, or why not",
        },
    ),
    "evaluations": Config(
        "pass rates of every checkpoint on the problems of its evaluation",
        ("train", "heldout"),
        {
            "round": "of the evaluation; the base's is 0",
            "policy": "that was evaluated",
            **_ABOUT_PROBLEM,
            "judged": "problems",
            "correct": "problems",
            "pass_rate": "correct of judged",
            "low": "end of its 95% interval (Wilson)",
            "high": "end of its 95% interval (Wilson)",
        },
        in_parts=False,
    ),
}
