"""What counts of a judged sample, as one row with all that a question about it is grouped by."""

from collections.abc import Mapping

from curriculum.records import Problem, Sample, Verdict


def outcome_row(
    problem: Problem, sample: Sample, number: int, stage: str, answer: Verdict, steps: Verdict | None
) -> dict[str, object]:
    """The row of a sample that is judged for the first time: by its problem's own check, and perhaps step by step."""
    return {
        "sample_key": answer.sample_key,
        "problem_key": sample.problem_key,
        "policy": sample.policy,
        "round": number,
        "stage": stage,
        "family": problem.family,
        "level": problem.level,
        "split": problem.split,
        "tokens": sample.tokens,
        "finish": sample.finish,
        **_said(answer),
        **_said_of_steps(steps),
        "revision": 0,
    }


def revised(row: Mapping[str, object], verdict: Verdict) -> dict[str, object]:
    """The row that follows once a newer verdict, of the problem's own check or of the steps check, is in."""
    said = _said_of_steps(verdict) if verdict.judge.startswith("steps/") else _said(verdict)
    return {**row, **said, "revision": row["revision"] + 1}  # type: ignore[operator]


def _said(verdict: Verdict) -> dict[str, object]:
    return {
        "outcome": verdict.outcome,
        "reason": verdict.reason,
        "judge": verdict.judge,
        "answer": verdict.extracted,
    }


def _said_of_steps(verdict: Verdict | None) -> dict[str, object]:
    return {"steps": verdict and verdict.outcome, "steps_reason": verdict and verdict.reason}
