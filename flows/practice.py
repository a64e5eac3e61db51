"""Draw problems from the frontier, sample solutions, judge them while others are still being written."""

import time
from dataclasses import asdict, replace

from curriculum.levels import assign
from curriculum.records import Problem, Sample, hashed_seed
from curriculum.standings import Cell, Standing, standings
from flows.outcomes import outcome_row
from flows.progress import Meter
from flows.run import Policy, Run
from flows.verdicts import answer_judge, steps_verdict
from generators.drawing import draw
from policy.engine import Sampling, requests_for

ANSWER_MARKER = "A: "
GUESS_TOKENS = 48  # room for an answer, and for little before it
SHARD = 64  # problems to a shard: some hundreds of samples, seconds of work


def generate(run: Run, number: int) -> list[Problem]:
    """The round's problems: assigned by the standings, none seen before, none held out."""
    unit = f"r{number:04}/generate"
    believed = recorded_beliefs(run, number)  # of a round that version 2 played, too
    if not run.store.has(unit):
        started = time.monotonic()
        settings = run.config.curriculum
        seed = hashed_seed(run.config.seed, "round", number)
        assignments = assign(believed, settings.problems, seed)
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


def recorded_beliefs(run: Run, number: int) -> dict[Cell, Standing]:
    """The standings with which the round draws: as they were at first, whatever is judged again afterwards."""
    unit = f"r{number:04}/standings"
    if not run.store.has(unit):
        rows = [standing_row(number, cell, belief) for cell, belief in beliefs(run, number).items()]
        run.store.commit(unit, {"standings": rows})
    query = 'select family, level, "right", judged from standings where round = ?'
    recorded = {
        Cell(row["family"], row["level"]): Standing(row["right"], row["judged"])
        for row in run.store.query(query, (number,))
    }
    return {cell: recorded[cell] for cell in run.cells()}


def beliefs(run: Run, number: int) -> dict[Cell, Standing]:
    """The standings of all cells from the practice of the rounds before `number`."""
    rows = run.store.query(
        "select round, family, level, count(*) filter (outcome = 'right') as right, count(*) as judged "
        "from outcomes where stage = 'sample' and round < ? and outcome <> 'not_judged' "
        "group by all order by all",
        (number,),
    )
    rounds: list[dict[Cell, tuple[int, int]]] = [{} for _ in range(1, number)]
    for row in rows:
        rounds[row["round"] - 1][Cell(row["family"], row["level"])] = (row["right"], row["judged"])
    return standings(run.cells(), rounds)


def shards(problems: list[Problem]) -> list[list[Problem]]:
    return [problems[start : start + SHARD] for start in range(0, len(problems), SHARD)]


def unit_name(number: int, stage: str, shard: int) -> str:
    return f"r{number:04}/{stage}/{shard:04}"


def sample_and_judge(
    run: Run, number: int, stage: str, shard: int, problems: list[Problem], policy: Policy, meter: Meter
) -> None:
    """One shard: draw its samples, judge each as it finishes, commit samples and verdicts together.

    Practice (`sample`) draws several at the config's temperature; `evaluate` draws one, greedily; `guess` tries
    the answer alone.
    """
    unit = unit_name(number, stage, shard)
    if run.store.has(unit):
        meter.advance(len(problems) * draws(run, stage))
        return
    started = time.monotonic()
    samples, answers, steps = [], [], []
    by_key = {problem.key: problem for problem in problems}
    first = (
        run.config.curriculum.draws if stage == "guess" else 0
    )  # a sample is named by its draw: none twice
    requests = requests_for(problems, draws(run, stage), run.config.seed, stage, first=first)
    with answer_judge(run.config.judging.unsandboxed_programs) as judge:
        for sample in run.engine(policy).generate(requests, _sampling(run, stage)):
            problem = by_key[sample.problem_key]
            if stage == "guess":
                sample = replace(sample, text=_first_line(sample.text))
            samples.append(sample)
            answers.append(judge(problem, sample))
            steps.append(steps_verdict(problem, sample))
            meter.advance(1, sample.tokens)
        said = [future.result() for future in answers]
    tokens = sum(sample.tokens for sample in samples)
    tables = {
        "samples": [sample_row(sample, number, stage) for sample in samples],
        "verdicts": [asdict(verdict) for verdict in (*said, *steps)],
        "outcome_revisions": [
            outcome_row(by_key[sample.problem_key], sample, number, stage, answer, checked)
            for sample, answer, checked in zip(samples, said, steps, strict=True)
        ],
        "spend": [spend_row(number, stage, tokens, time.monotonic() - started)],
    }
    run.store.commit(unit, tables)


def draws(run: Run, stage: str) -> int:
    """Samples a problem."""
    if stage == "evaluate":
        return 1
    return run.config.judging.guess_tries if stage == "guess" else run.config.curriculum.draws


def _sampling(run: Run, stage: str) -> Sampling:
    settings = run.config.policy
    temperature = 0.0 if stage == "evaluate" else settings.temperature
    sampling = Sampling(temperature, settings.top_p, settings.max_new_tokens, settings.instruction)
    if stage == "guess":
        tokens = min(GUESS_TOKENS, settings.max_new_tokens)
        return replace(sampling, max_new_tokens=tokens, opening=ANSWER_MARKER)
    return sampling


def _first_line(text: str) -> str:
    """What a policy writes below its guess is the reasoning that it was not to do, and may lead to another answer."""
    return text.partition("\n")[0]


def standing_row(number: int, cell: Cell, belief: Standing) -> dict[str, object]:
    low, high = belief.interval()
    return {
        "round": number,
        "family": cell.family,
        "level": cell.level,
        "right": belief.right,
        "judged": belief.judged,
        "mean": belief.mean,
        "low": low,
        "high": high,
    }


def problem_row(problem: Problem, number: int) -> dict[str, object]:
    row = asdict(problem)
    return row | {"key": problem.key, "check_kind": row.pop("check"), "split": problem.split, "round": number}


def sample_row(sample: Sample, number: int, stage: str) -> dict[str, object]:
    return asdict(sample) | {"key": sample.key, "round": number, "stage": stage}


def spend_row(number: int, stage: str, tokens: int, seconds: float) -> dict[str, object]:
    return {"round": number, "stage": stage, "tokens": tokens, "seconds": seconds}
