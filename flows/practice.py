"""Draw problems from the frontier, sample solutions, judge them while others are still being written."""

import time
from dataclasses import asdict

from curriculum.levels import assign
from curriculum.records import Problem, Sample, Verdict, hashed_seed
from curriculum.standings import Cell, Standing, standings
from filters import JUDGES, check_steps
from flows.progress import Meter
from flows.run import Policy, Run
from generators.drawing import draw
from policy.engine import Sampling, requests_for

SHARD = 64  # problems to a shard: some hundreds of samples, seconds of work


def generate(run: Run, number: int) -> list[Problem]:
    """The round's problems: assigned by the standings, none seen before, none held out."""
    unit = f"r{number:04}/generate"
    if not run.store.has(unit):
        started = time.monotonic()
        settings = run.config.curriculum
        seed = hashed_seed(run.config.seed, "round", number)
        assignments = assign(beliefs(run, number), settings.problems, seed)
        taken = {row["key"] for row in run.store.query("select key from problems")}
        problems: list[Problem] = []
        for assignment in assignments:
            slot_seed = hashed_seed(seed, assignment.slot)
            found = draw(*assignment.cell, assignment.problems, slot_seed, "train", taken)
            taken |= {problem.key for problem in found}
            problems += found
        tables = {
            "problems": [problem_row(problem, number) for problem in problems],
            "assignments": [
                {
                    "round": number,
                    "family": a.cell.family,
                    "level": a.cell.level,
                    "slot": a.slot,
                    "problems": a.problems,
                }
                for a in assignments
            ],
            "spend": [spend_row(number, "generate", 0, time.monotonic() - started)],
        }
        run.store.commit(unit, tables)
    return run.problems(number, "train")


def beliefs(run: Run, number: int) -> dict[Cell, Standing]:
    """The standings of all cells from the practice of the rounds before `number`."""
    rows = run.store.query(
        "select s.round, p.family, p.level, count(*) filter (v.outcome = 'right') as right, count(*) as judged "
        "from samples s join problems p on p.key = s.problem_key join verdicts v on v.sample_key = s.key "
        "where s.stage = 'sample' and s.round < ? and v.judge not like 'steps/%' and v.outcome <> 'not_judged' "
        "group by all order by all",
        (number,),
    )
    rounds: list[dict[Cell, tuple[int, int]]] = [{} for _ in range(1, number)]
    for row in rows:
        rounds[row["round"] - 1][Cell(row["family"], row["level"])] = (row["right"], row["judged"])
    return standings(run.cells(), rounds)


def shards(problems: list[Problem]) -> list[list[Problem]]:
    return [problems[start : start + SHARD] for start in range(0, len(problems), SHARD)]


def sample_and_judge(
    run: Run, number: int, stage: str, shard: int, problems: list[Problem], policy: Policy, meter: Meter
) -> None:
    """One shard: draw its samples, judge each as it finishes, commit samples and verdicts together.

    Practice (`sample`) draws several at the config's temperature; `evaluate` draws one, greedily.
    """
    unit = f"r{number:04}/{stage}/{shard:04}"
    draws = run.config.curriculum.draws if stage == "sample" else 1
    if run.store.has(unit):
        meter.advance(len(problems) * draws)
        return
    started = time.monotonic()
    samples, verdicts = [], []
    by_key = {problem.key: problem for problem in problems}
    requests = requests_for(problems, draws, run.config.seed, stage)
    for sample in run.engine(policy).generate(requests, _sampling(run, greedy=stage == "evaluate")):
        samples.append(sample)
        verdicts += judge(by_key[sample.problem_key], sample)
        meter.advance(1, sample.tokens)
    tokens = sum(sample.tokens for sample in samples)
    tables = {
        "samples": [sample_row(sample, number, stage) for sample in samples],
        "verdicts": [asdict(verdict) for verdict in verdicts],
        "spend": [spend_row(number, stage, tokens, time.monotonic() - started)],
    }
    run.store.commit(unit, tables)


def judge(problem: Problem, sample: Sample) -> list[Verdict]:
    """What the problem's own judge says of the answer, and what recomputing the steps says."""
    try:
        answer = JUDGES[problem.check](problem, sample)
    except ValueError:  # an answer key that cannot be read is our failure, not the policy's
        answer = Verdict(sample.key, f"{problem.check}/1", "not_judged", "unreadable_key")
    return [answer, check_steps(problem, sample)]


def _sampling(run: Run, greedy: bool) -> Sampling:
    settings = run.config.policy
    temperature = 0.0 if greedy else settings.temperature
    return Sampling(temperature, settings.top_p, settings.max_new_tokens, settings.instruction)


def problem_row(problem: Problem, number: int) -> dict[str, object]:
    row = asdict(problem)
    return row | {"key": problem.key, "check_kind": row.pop("check"), "split": problem.split, "round": number}


def sample_row(sample: Sample, number: int, stage: str) -> dict[str, object]:
    return asdict(sample) | {"key": sample.key, "round": number, "stage": stage}


def spend_row(number: int, stage: str, tokens: int, seconds: float) -> dict[str, object]:
    return {"round": number, "stage": stage, "tokens": tokens, "seconds": seconds}
