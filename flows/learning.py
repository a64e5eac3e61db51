"""From judged samples to a candidate: what may train, the rows, the fine-tune."""

import time
from pathlib import Path

import pyarrow.parquet as pq

from curriculum.admission import Candidate, Caps, Selection, as_trained, replay, select
from curriculum.records import hashed_seed
from curriculum.standings import Cell
from flows import trainers
from flows.practice import spend_row
from flows.preferences import pair_up, replay_pairs, write_pairs
from flows.progress import stage
from flows.run import Policy, Run, register_policy
from flows.timeline import memory_in_use, timeline_row
from generators import FAMILIES
from policy.engine import Sampling
from policy.finetune import forget_unfinished, trained_on
from policy.training import Step
from warehouse.disk import refusal_named
from warehouse.rows import as_row

CANDIDATES = """
    select o.sample_key, o.problem_key, o.family, o.level, s.text, o.finish, o.split, o.outcome, o.steps,
        o.problem_key in (select problem_key from easy_to_hack) as easy_to_hack, d.reason as overlap
    from outcomes o join samples s on s.key = o.sample_key
    left join duplicates d on d.problem_key = o.problem_key
    where o.round = $round and o.stage = 'sample' and s.round = $round and s.stage = 'sample'
    order by sample_key
"""
EARLIER = """
    select c.sample_key
    from selections c join outcomes o on o.sample_key = c.sample_key
    where c.admitted and c.round between 1 and ? - 1
        and o.problem_key not in (select problem_key from problem_overlaps)
    group by c.sample_key order by c.sample_key
"""  # round 0 holds imports: somebody else's samples, which train only on purpose
PROBLEMS_OF = """
    select sample_key, problem_key from outcomes where sample_key in (select unnest(?::varchar[]))
"""
ROWS = """
    select p.question as prompt, s.text as completion, c.weight, c.sample_key
    from selections c join samples s on s.key = c.sample_key join problems p on p.key = s.problem_key
    where c.round = ? and c.admitted order by c.sample_key
"""


def admit(run: Run, number: int) -> int:
    """Decide the fate of every sample of the round, mix in earlier rows; returns how many rows may train."""
    unit = f"r{number:04}/select"
    if not run.store.has(unit):
        started = time.monotonic()
        selections = _selections(run, number)
        keys = [selection.sample_key for selection in selections]
        of = {row["sample_key"]: row["problem_key"] for row in run.store.query(PROBLEMS_OF, (keys,))}
        rows = [
            as_row(selection) | {"round": number, "problem_key": of.get(selection.sample_key)}
            for selection in selections
        ]
        seconds = time.monotonic() - started
        spent, when = spend_row(number, "select", 0, seconds), timeline_row(number, "select", seconds)
        run.store.commit(unit, {"selections": rows, "spend": [spent], "timeline": [when]})
    counted = "select count(*) as rows from selections where round = ? and admitted"
    return int(run.store.query(counted, (number,))[0]["rows"])


def _selections(run: Run, number: int) -> list[Selection]:
    """By today's verdicts; or, where the round's candidate is there already, by what trained it."""
    settings = run.config.curriculum
    candidates = _candidates(run, number)
    fresh = select(candidates, Caps(settings.keep_per_problem, settings.keep_per_mastered_cell))
    folder = _folder(run, number)
    trained = trained_on(folder)
    if trained is not None:
        return as_trained(fresh, trained)
    forget_unfinished(folder)  # begun on rows that may be others
    seed = hashed_seed(run.config.seed, "replay", number)
    if run.config.training.objective == "dpo":
        fresh = pair_up(fresh, candidates)
        return [*fresh, *replay_pairs(run, number, sum(selection.admitted for selection in fresh), seed)]
    earlier = [row["sample_key"] for row in run.store.query(EARLIER, (number,))]
    new = sum(selection.admitted for selection in fresh)
    return [*fresh, *replay(new, earlier, seed)]


def _candidates(run: Run, number: int) -> list[Candidate]:
    candidates = []
    for row in run.store.query(CANDIDATES, {"round": number}):
        family = FAMILIES.get(row["family"])
        cell = Cell(row.pop("family"), row.pop("level"))
        candidates.append(Candidate(cell=cell, shows_steps=family is not None and family.shows_steps, **row))
    return candidates


def train_candidate(run: Run, number: int, incumbent: Policy) -> Policy:
    """Fine-tune the incumbent on the round's rows; the same call finishes what a kill cut short."""
    unit = f"r{number:04}/finetune"
    if run.store.has(unit):
        (row,) = run.store.query("select policy from policies where round = ?", (number,))
        return run.policy(row["policy"])
    started = time.monotonic()
    run.rest_engine()
    folder = _folder(run, number)
    folder.parent.mkdir(exist_ok=True)
    settings = trainers.settings(run.config.training, hashed_seed(run.config.seed, "finetune", number))
    memory = memory_in_use()

    def on_step(step: Step) -> None:
        nonlocal memory
        memory = max(memory, memory_in_use())  # a trainer of other processes has left when it is done
        meter.advance(1, step.tokens)

    with (
        refusal_named(run.home),
        stage(run.progress, f"round {number}: fine-tune", settings.steps, "steps") as meter,
    ):
        curve = trainers.finetune(_write_rows(run, number), incumbent.folder, folder, settings, on_step)
    seconds = time.monotonic() - started
    spent = spend_row(number, "finetune", sum(step.tokens for step in curve), seconds)
    when = timeline_row(number, "finetune", seconds, memory=memory)
    losses = [as_row(step) | {"round": number} for step in curve]
    return register_policy(
        run, unit, number, folder, incumbent.name, training=losses, spend=[spent], timeline=[when]
    )


def _folder(run: Run, number: int) -> Path:
    return run.home / "policies" / f"round-{number:04}"


def _write_rows(run: Run, number: int) -> Path:
    """The training rows as the trainer reads them: prompt, completion, weight and the sample's key; or pairs."""
    file = run.home / "policies" / f"round-{number:04}.rows.parquet"
    if run.config.training.objective == "dpo":
        return write_pairs(run, number, file)
    table = run.store.arrow(ROWS, (number,))
    sampling = Sampling(instruction=run.config.policy.instruction)
    prompts = [sampling.prompt(question) for question in table.column("prompt").to_pylist()]
    pq.write_table(table.set_column(0, "prompt", [prompts]), file, compression="zstd")
    return file
