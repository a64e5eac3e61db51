"""Judge stored samples again, without drawing them again; the old verdicts stay beside the new ones.

What a judge's present version has said of a sample it is not asked again, so the same command carries on
where a kill cut it short, and twice adds nothing. Only what it could not judge is tried again.
"""

import time
from pathlib import Path
from typing import Any, NamedTuple

from rich.console import Console

from curriculum.errors import InputError
from curriculum.records import Problem, Sample, content_key
from filters import JUDGES, VERSIONS
from flows.config import read
from flows.flips import print_flips
from flows.opening import open_home
from flows.outcomes import revised
from flows.practice import spend_row
from flows.progress import Bars, Watch, live, stage
from flows.settings import Config
from flows.verdicts import AnswerJudge, answer_judge, steps_verdict
from warehouse.query import open_reader
from warehouse.rows import as_row
from warehouse.store import Warehouse

SAVED = "config.toml"
UNIT = 4096  # samples: some tenths of a second of work, for most judges
ROUND = 0  # it belongs to no round

UNJUDGED = """
    with verdicts_of_it as (
        select sample_key, bool_or(outcome <> 'not_judged') as judged from verdicts
        where judge = $judge group by sample_key
    ),
    fitting as (
        select key, any_value(question) as question, any_value(answer) as answer, any_value(check_kind) as "check"
        from problems where $check is null or check_kind = $check group by key
    )
    select s.problem_key, s.policy, s.draw, s.temperature, s.text, s.tokens, s.finish,
        p.question, p.answer, p."check", v.judged is not null as tried, o as counts
    from samples as s
    join fitting as p on p.key = s.problem_key
    join outcomes as o on o.sample_key = s.key
    left join verdicts_of_it as v on v.sample_key = s.key
    where v.judged is not true
"""


class Asked(NamedTuple):
    """A sample to be judged; `tried` if this version of the judge could not do it before.

    `counts` is its row in `outcomes`, None in a trial, which leaves that as it is.
    """

    problem: Problem
    sample: Sample
    tried: bool
    counts: dict[str, Any] | None


def rejudge(judge: str, check: str | None, home: Path, console: Console, watch: Watch | None = None) -> None:
    """Have a judge look at every sample of problems of its own kind, or of kind `check`; `steps` at all.

    InputError for a name that is none, and as the warehouse raises.
    """
    if judge not in VERSIONS:
        raise InputError(f"judges are {', '.join(VERSIONS)}; not {judge!r}")
    if check is not None and check not in JUDGES:
        raise InputError(f"checks are {', '.join(JUDGES)}; not {check!r}")
    if check is None and judge != "steps":
        check = judge
    open_reader(home).close()  # HomeMissing: in a new home there is nothing to judge
    with live(console, watch) as progress, open_home(home, progress.console) as store:
        if not _judge_all(store, judge, check, progress):
            progress.console.print(
                f"{VERSIONS[judge]} has judged all there is for it in {home}", highlight=False
            )
        print_flips(store, VERSIONS[judge], progress.console)


def _judge_all(store: Warehouse, judge: str, check: str | None, progress: Bars) -> int:
    """Judge and commit, unit by unit; returns how many samples there were to judge."""
    parameters = {"judge": VERSIONS[judge], "check": check}
    unsandboxed = _config(store.home).judging.unsandboxed_programs
    # The reader sees what was committed before the first unit, and goes through the shards once.
    with open_reader(store.home) as reader, answer_judge(unsandboxed) as answer:
        [(total,)] = reader.execute(f"select count(*) from ({UNJUDGED})", parameters).fetchall()
        rows = reader.execute(UNJUDGED, parameters)
        names = [column[0] for column in rows.description or ()]
        with stage(progress, f"rejudge: {VERSIONS[judge]}", total, "samples") as meter:
            while unit := rows.fetchmany(UNIT):
                asked = [_asked(judge, dict(zip(names, row, strict=True))) for row in unit]
                _judge_unit(store, judge, asked, answer)
                meter.advance(len(unit))
    return int(total)


def _config(home: Path) -> Config:
    file = home / SAVED
    return read(file) if file.exists() else Config()


def _asked(judge: str, row: dict[str, Any]) -> Asked:
    names = ("tried", "counts", "question", "answer", "check")
    tried, counts, question, answer, check = (row.pop(name) for name in names)
    problem = Problem("", 1, question, answer, check if judge == "steps" else judge)
    sample = Sample(**row)
    return Asked(problem, sample, tried, counts if judge in (check, "steps") else None)


def _judge_unit(store: Warehouse, judge: str, asked: list[Asked], answer: AnswerJudge) -> None:
    started = time.monotonic()
    if judge == "steps":
        verdicts = [steps_verdict(one.problem, one.sample) for one in asked]
    else:
        futures = [answer(one.problem, one.sample) for one in asked]
        verdicts = [future.result() for future in futures]
    new = [
        (one, verdict)
        for one, verdict in zip(asked, verdicts, strict=True)
        if not (one.tried and verdict.outcome == "not_judged")
    ]
    if new:
        said = content_key([(verdict.sample_key, verdict.outcome) for _, verdict in new])
        tables = {
            "verdicts": [as_row(verdict) for _, verdict in new],
            "outcome_revisions": [revised(one.counts, verdict) for one, verdict in new if one.counts],
            "spend": [spend_row(ROUND, "rejudge", 0, time.monotonic() - started)],
        }
        store.commit(f"rejudge/{VERSIONS[judge].replace('/', '-')}/{said}", tables)
