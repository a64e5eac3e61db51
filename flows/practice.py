"""Draw the problems of a round from the frontier, and the rows that tell of it."""

import time

from curriculum.levels import assign
from curriculum.records import Problem, Sample, hashed_seed
from curriculum.standings import Cell, Standing, standings
from flows.run import Run
from flows.slots import Slot, draw_slots
from flows.timeline import timeline_row
from flows.waves import WAVE
from warehouse.rows import as_row


def generate(run: Run, number: int) -> list[Problem]:
    """The round's problems: assigned by the standings, none seen before, none held out."""
    unit = f"r{number:04}/generate"
    believed = recorded_beliefs(run, number)  # of a round that version 2 played, too
    if not run.store.has(unit):
        started = time.monotonic()
        settings = run.config.curriculum
        seed = hashed_seed(run.config.seed, "round", number)
        assignments = assign(believed, settings.problems, seed)
        taken = frozenset(row["key"] for row in run.store.query("select key from problems"))
        slots = [Slot(a.cell, a.problems, hashed_seed(seed, a.slot)) for a in assignments]
        several = run.config.policy.engines > 1
        drawn = run.cluster.draw_slots(slots, taken) if several else draw_slots(slots, taken)
        tables = {
            "problems": [problem_row(problem, number) for found in drawn for problem in found],
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
            "spend": [spend_row(number, "generate", 0, seconds := time.monotonic() - started)],
            "timeline": [timeline_row(number, "generate", seconds)],
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
    """The standings of all cells from the practice of the rounds before `number`.

    Where a rule ends the draws of a problem, only those count that every problem has: a contested one has more.
    """
    stopped = run.config.curriculum.stopping != "none"
    fair = f"join samples s on s.key = sample_key and s.draw < {WAVE}" if stopped else ""
    rows = run.store.query(
        "select o.round, family, level, count(*) filter (outcome = 'right') as right, count(*) as judged "
        f"from outcomes o {fair} where o.stage = 'sample' and o.round < ? and outcome <> 'not_judged' "
        "group by all order by all",
        (number,),
    )
    rounds: list[dict[Cell, tuple[int, int]]] = [{} for _ in range(1, number)]
    for row in rows:
        rounds[row["round"] - 1][Cell(row["family"], row["level"])] = (row["right"], row["judged"])
    return standings(run.cells(), rounds)


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
    row = as_row(problem)
    return row | {"key": problem.key, "check_kind": row.pop("check"), "split": problem.split, "round": number}


def sample_row(sample: Sample, number: int, stage: str) -> dict[str, object]:
    row = as_row(sample)
    del row["logprob"]  # a row of its own
    return row | {"key": sample.key, "round": number, "stage": stage}


def spend_row(number: int, stage: str, tokens: int, seconds: float) -> dict[str, object]:
    return {"round": number, "stage": stage, "tokens": tokens, "seconds": seconds}
