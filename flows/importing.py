"""Bring in problems and recorded samples: check the whole file, judge, select, and say what came of it.

What is added is decided by content: a problem that the home has is not added again, nor is a text that the
same policy already has there, as often, for that problem. So the same command carries on where a kill cut
it short, a file that has grown adds what is new in it, and the same file twice adds nothing.
"""

import math
import time
from collections import Counter
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from rich.console import Console

from curriculum.admission import Candidate, Caps, select
from curriculum.records import Problem, Sample
from curriculum.standings import Cell
from flows.evaluation_files import EvaluationSet, read_sets
from flows.import_summary import Summary, print_summary, summarise
from flows.imported_rows import Numbered, Survey, survey, units
from flows.opening import open_home
from flows.outcomes import outcome_row
from flows.overlap import compare_import
from flows.practice import problem_row, sample_row, spend_row
from flows.progress import Bars, live, stage
from flows.verdicts import answer_judge, steps_verdict
from generators import FAMILIES
from warehouse.licences import check_license
from warehouse.rows import as_row
from warehouse.store import Warehouse

ROUND = 0  # recorded before the home's own first round
UNKNOWN = math.nan  # the temperature of a recorded sample: the column is never null, and 0 would mean greedy
SELECTED_TOGETHER = 10_000  # samples, on average
# What a cell's mastery says is that the policy in training has no use for more of it; rates of somebody
# else's policies say no such thing. With the default, a good model's file would come down to 16 rows.
CAPS = Caps(mastered_at=math.inf)

KNOWN = "select distinct key from problems where key in (select unnest(?::varchar[]))"
DRAWN = """
    select distinct problem_key, policy, draw, text from samples
    where stage = 'import' and problem_key in (select unnest(?::varchar[]))
"""
CANDIDATES = """
    select o.sample_key, o.problem_key, o.family, o.level, s.text, o.finish, o.split, o.outcome, o.steps,
        d.reason as overlap
    from outcomes o join samples s on s.key = o.sample_key
    left join duplicates d on d.problem_key = o.problem_key
    where o.stage = 'import' and o.problem_key >= $lower and o.problem_key < $upper
        and s.problem_key >= $lower and s.problem_key < $upper
        and o.sample_key not in (select sample_key from selections)
    order by o.sample_key
"""
OVERLAPPING = """
    select d.reason, d.against, count(*) as problems from duplicates d join problems p on p.key = d.problem_key
    where p.source = ? group by all order by all
"""


def import_file(
    file: Path,
    name: str,
    home: Path,
    console: Console,
    license: str | None = None,
    evaluation_files: Sequence[Path] = (),
) -> Summary:
    """Import a JSONL or Parquet file under a name, and print what its policies are worth.

    `license` is that of its problems, which exports state. What says the same as a question of `evaluation_files`,
    as a held-out problem or as another one does not train. BadImport, before anything is written, if any of the
    files is wrong, and WarehouseError if there is no such licence; HomeInUse, HomeTooNew and HomeDamaged as the
    warehouse has it.
    """
    check_license(license)
    with live(console) as progress:
        sets = read_sets(evaluation_files)
        checked = survey(file, name, progress)
        with open_home(home, progress.console) as store:
            record_source(store, checked, license)
            added = add_rows(store, checked, progress)
            compare(store, checked, sets, progress)
            if checked.samples:
                select_samples(store, checked, progress)
            summary = summarise(store, checked, added, progress)
            overlapping = store.query(OVERLAPPING, (f"import:{name}",))
    print_summary(summary, console)
    for row in overlapping:
        console.print(
            "{problems:,} problems do not train: {reason}, {against}".format(**row),
            highlight=False,
            markup=False,
        )
    return summary


def record_source(store: Warehouse, checked: Survey, license: str | None) -> None:
    """Commit where the rows come from; the same file with another licence is another row, and the newest counts."""
    unit = f"{_prefix(checked)}/source/{license or 'unstated'}"
    if store.has(unit):
        return
    row = {
        "name": checked.name,
        "file": checked.file.name,
        "sha256": checked.digest,
        "license": license,
        "problems": checked.problems,
        "samples": checked.samples,
        "imported_at": datetime.now(UTC).replace(tzinfo=None),
    }
    store.commit(unit, {"sources": [row]})


def compare(store: Warehouse, checked: Survey, sets: Sequence[EvaluationSet], progress: Bars) -> None:
    """Find what says the same, before anything is selected."""
    with stage(progress, f"{checked.name}: compare", checked.problems, "problems") as meter:
        compare_import(store, _prefix(checked), checked, sets)
        meter.advance(checked.problems)


def add_rows(store: Warehouse, checked: Survey, progress: Bars) -> Counter[str]:
    """Judge and commit, unit by unit; returns how many problems and samples were new to the home."""
    added = Counter[str]()
    with stage(progress, f"{checked.name}: judge", checked.rows, "rows") as meter:
        for number, rows in enumerate(units(checked)):
            unit = f"{_prefix(checked)}/rows/{number:04}"
            if not store.has(unit):
                added += _add(store, unit, rows)
            meter.advance(len(rows))
    return added


def _add(store: Warehouse, unit: str, rows: list[Numbered]) -> Counter[str]:
    started = time.monotonic()
    keys = sorted({row.problem.key for row, _ in rows})
    known = {row["key"] for row in store.query(KNOWN, (keys,))}
    problems = {row.problem.key: row.problem for row, _ in reversed(rows) if row.problem.key not in known}
    samples = _new_samples(rows, store.query(DRAWN, (keys,)))
    with answer_judge() as judge:
        answers = [judge(problem, sample) for problem, sample in samples]
        steps = [steps_verdict(problem, sample) for problem, sample in samples]
        said = [future.result() for future in answers]
    tables = {
        "problems": [problem_row(problem, ROUND) for problem in problems.values()],
        "samples": [sample_row(sample, ROUND, "import") for _, sample in samples],
        "verdicts": [as_row(verdict) for verdict in (*said, *steps)],
        "outcome_revisions": [
            outcome_row(problem, sample, ROUND, "import", answer, checked)
            for (problem, sample), answer, checked in zip(samples, said, steps, strict=True)
        ],
        "spend": [spend_row(ROUND, "import", 0, time.monotonic() - started)],  # the tokens were not ours
    }
    store.commit(unit, tables)
    return Counter(problems=len(problems), samples=len(samples))


def _new_samples(rows: list[Numbered], drawn: list[dict[str, Any]]) -> list[tuple[Problem, Sample]]:
    """The samples that the home lacks, drawn on from where its own of that policy and problem end."""
    texts = Counter((row["problem_key"], row["policy"], row["text"]) for row in drawn)
    draws = Counter((row["problem_key"], row["policy"]) for row in drawn)  # they are numbered without gaps
    new = []
    for row, occurrences in rows:
        key = row.problem.key
        for recorded, occurrence in zip(row.samples, occurrences, strict=True):
            policy, text = recorded.policy, recorded.text
            if occurrence >= texts[key, policy, text]:
                draw = draws[key, policy]
                sample = Sample(key, policy, draw, UNKNOWN, text, recorded.tokens, "recorded")
                draws[key, policy] += 1
                new.append((row.problem, sample))
    return new


def select_samples(store: Warehouse, checked: Survey, progress: Bars) -> None:
    """Decide the fate of every imported sample that has none yet, a range of problem keys at a time."""
    parts = math.ceil(checked.samples / SELECTED_TOGETHER)
    with stage(progress, f"{checked.name}: select", checked.samples, "samples") as meter:
        for part in range(parts):
            unit = f"{_prefix(checked)}/select/{part:04}"
            if not store.has(unit):
                started = time.monotonic()
                lower, upper = f"{2**32 * part // parts:08x}", f"{2**32 * (part + 1) // parts:08x}"
                candidates = _candidates(store, lower, upper if part + 1 < parts else "g")
                problems = {candidate.sample_key: candidate.problem_key for candidate in candidates}
                rows = [
                    as_row(chosen) | {"round": ROUND, "problem_key": problems[chosen.sample_key]}
                    for chosen in select(candidates, CAPS)
                ]
                spent = spend_row(ROUND, "select", 0, time.monotonic() - started)
                store.commit(unit, {"selections": rows, "spend": [spent]})
            meter.advance(checked.samples * (part + 1) // parts - meter.items)


def _candidates(store: Warehouse, lower: str, upper: str) -> list[Candidate]:
    candidates = []
    for row in store.query(CANDIDATES, {"lower": lower, "upper": upper}):
        family = FAMILIES.get(row["family"])
        cell = Cell(row.pop("family"), row.pop("level"))
        candidates.append(Candidate(cell=cell, shows_steps=family is not None and family.shows_steps, **row))
    return candidates


def _prefix(checked: Survey) -> str:
    return f"import/{checked.name}/{checked.digest[:16]}"
