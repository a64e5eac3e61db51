"""The held-out problems, and the decision they make about a candidate."""

import time

from curriculum.promotion import Decision, Paired, decide, mastered
from curriculum.records import Problem, hashed_seed
from curriculum.standings import Cell
from flows.practice import problem_row, spend_row
from flows.run import Policy, Run, register_policy
from flows.timeline import timeline_row
from generators.drawing import draw
from policy import checkpoint

OUTCOMES = """
    select policy, problem_key, family, level, outcome = 'right' as solved
    from outcomes
    where stage = 'evaluate' and outcome <> 'not_judged' and policy in (select * from unnest(?::varchar[]))
    order by problem_key
"""
NOTHING = {
    "sft": "no sample was admitted, so there was nothing to train on",
    "dpo": "no right solution has a wrong one of like length beside it, so there was nothing to train on",
}
PROMOTED = "select candidate from promotions where promoted order by round"
NOT_YET_REDONE = "select name from repairs where name <> '' and name not in (select name from ledger)"


def heldout(run: Run) -> list[Problem]:
    """The fixed problems that every checkpoint of the run is tested on, and none trains on."""
    unit = "r0000/heldout"
    if not run.store.has(unit):
        each, seed = run.config.evaluation.problems_per_cell, hashed_seed(run.config.seed, "heldout")
        found = [problem for cell in run.cells() for problem in draw(*cell, each, seed, "heldout")]
        distinct = {problem.key: problem for problem in found}
        run.store.commit(unit, {"problems": [problem_row(problem, 0) for problem in distinct.values()]})
    return run.problems(0, "heldout")


def base(run: Run) -> Policy:
    """The checkpoint that the run starts from: round 0."""
    unit = "r0000/base"
    if not run.store.has(unit):
        return register_policy(run, unit, 0, run.config.policy.folder, parent=None)
    (row,) = run.store.query("select policy, digest from policies where round = 0")
    folder = run.config.policy.folder
    if checkpoint.digest(folder) != row["digest"]:
        raise checkpoint.BadCheckpoint(
            f"{folder}: a home goes on from the base it began with, {row['policy']}"
        )
    return Policy(row["policy"], folder)


def finished_rounds(run: Run) -> int:
    """How many rounds, from the first on, have all that a round leaves: there is nothing to do in them.

    If anything of any round was lost to damage, the answer is 0, and it is found and done again stage by stage.
    """
    if run.store.query(NOT_YET_REDONE):
        return 0
    number = 1
    while is_decided(run, number) and run.store.has(f"r{number:04}/standings"):
        number += 1
    return number - 1


def incumbent_after(run: Run, number: int) -> Policy:
    """The policy that stood at the end of a finished round."""
    rows = run.store.query(
        "select candidate from promotions where promoted and round <= ? order by round desc limit 1",
        (number,),
    )
    return run.policy(rows[0]["candidate"]) if rows else base(run)


def is_decided(run: Run, number: int) -> bool:
    """Whether the round's candidate was promoted or refused already."""
    return run.store.has(_unit(number))


def _unit(number: int) -> str:
    return f"r{number:04}/promote"


def promote(run: Run, number: int, incumbent: Policy, candidate: Policy | None) -> Policy:
    """Test the candidate against the incumbent and record the decision; returns who is incumbent now."""
    unit = _unit(number)
    if not run.store.has(unit):
        started = time.monotonic()
        if candidate is None:
            decision = Decision(False, 1.0, 0, 0, NOTHING[run.config.training.objective])
        else:
            decision = _decision(run, incumbent, candidate)
        row = {
            "round": number,
            "candidate": candidate.name if candidate else "",
            "incumbent": incumbent.name,
            "promoted": decision.promoted,
            "p_value": decision.p_value if candidate else None,
            "reason": decision.reason,
            "gained": decision.gained,
            "lost": decision.lost,
        }
        seconds = time.monotonic() - started
        spent = spend_row(number, "promote", 0, seconds)
        when = timeline_row(number, "promote", seconds)
        run.store.commit(unit, {"promotions": [row], "spend": [spent], "timeline": [when]})
    (row,) = run.store.query("select * from promotions where round = ?", (number,))
    verdict = "[green]promoted[/]" if row["promoted"] else "[yellow]refused[/]"
    p_value = "none" if row["p_value"] is None else f"{row['p_value']:.2g}"
    run.progress.console.print(
        f"[bold]{f'round {number}: decision':<24}[/] {verdict}: {row['reason']} "
        f"(gained {row['gained']}, lost {row['lost']}, p = {p_value})",
        highlight=False,
    )
    return candidate if candidate and row["promoted"] else incumbent


def _decision(run: Run, incumbent: Policy, candidate: Policy) -> Decision:
    first = base(run).name
    promoted = [first, *(row["candidate"] for row in run.store.query(PROMOTED))]
    solved = _outcomes(run, [*promoted, candidate.name])
    before, after = solved[incumbent.name], solved[candidate.name]
    pairs = [Paired(key[0], before[key], after[key]) for key in sorted(before.keys() & after.keys())]
    return decide(pairs, mastered(_by_cell(solved[name]) for name in promoted))


def _outcomes(run: Run, policies: list[str]) -> dict[str, dict[tuple[Cell, str], bool]]:
    """For each policy, which held-out problem it solved."""
    solved: dict[str, dict[tuple[Cell, str], bool]] = {name: {} for name in policies}
    for row in run.store.query(OUTCOMES, (policies,)):
        key = (Cell(row["family"], row["level"]), row["problem_key"])
        solved[row["policy"]][key] = row["solved"]
    return solved


def _by_cell(solved: dict[tuple[Cell, str], bool]) -> dict[Cell, tuple[int, int]]:
    counts: dict[Cell, tuple[int, int]] = {}
    for (cell, _), right in solved.items():
        rights, judged = counts.get(cell, (0, 0))
        counts[cell] = (rights + right, judged + 1)
    return counts
