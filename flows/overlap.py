"""Which problems may not train beside what the home holds out, beside an evaluation file, or beside each other.

What is new is compared with all problems of the home (a round's, which are tasks of families, with those of
their families). Of problems that say the same the first stays: what was there before, then what a file has first,
then the smallest key. Every one left out is a row of `problem_overlaps` with the one that it repeats.
"""

import time
from collections.abc import Mapping, Sequence
from typing import Any

import duckdb
import numpy as np
from numpy.typing import NDArray

from filters.overlap.comparison import compare
from filters.overlap.phrases import Phrases
from filters.overlap.sketches import Sketches, joined, read, sketch
from flows.evaluation_files import EvaluationSet
from flows.imported_rows import Survey, units
from flows.overlap_problems import Order, read_problems
from flows.practice import spend_row
from flows.run import Run
from flows.timeline import timeline_row
from warehouse.query import open_reader
from warehouse.store import Warehouse

HOME = "home"
HOW = {"same": "exact", "near": "near"}  # of two problems that may train
PROBLEMS = """
    select key, family, question, answer, split, source, round from problems
    where (split = 'heldout' or key not in (select problem_key from problem_overlaps))
"""
OF_ITS_FAMILIES = """
    and (round = $round or split = 'heldout' or source <> 'generated')
    and family in (select family from problems where round = $round)
"""
TAKEN_OUT = "select name from repairs where starts_with(name, ?)"
QUESTIONS = "select distinct key, question from problems where key in (select unnest(?::varchar[]))"


def compare_import(store: Warehouse, prefix: str, checked: Survey, sets: Sequence[EvaluationSet]) -> None:
    """Compare what a file has added, and with sets that are new to it all problems of the home."""
    if all(store.has(_unit(prefix, what)) for what in (HOME, *(one.unit for one in sets))):
        return
    in_order = np.concatenate(
        [np.array([row.problem.key for row, _ in unit], "S32") for unit in units(checked)]
    )
    by_key = np.argsort(in_order, kind="stable")  # of a repeated question the first

    def order(rows: Sequence[dict[str, Any]]) -> NDArray[np.int64]:
        wanted = np.array([row["key"] for row in rows], "S32")
        place = by_key[np.searchsorted(in_order, wanted, sorter=by_key).clip(max=len(in_order) - 1)]
        added = np.array([row["source"] == f"import:{checked.name}" for row in rows])
        return np.where((in_order[place] == wanted) & added, place, -1)

    _compare(store, prefix, 0, PROBLEMS, {}, order, sets)


def compare_round(run: Run, number: int, sets: Sequence[EvaluationSet]) -> None:
    """Compare what the round has drawn; once it has selected, with nothing that it was not compared with before."""
    prefix = f"r{number:04}"
    if run.store.has(f"{prefix}/select"):  # whatever was done to the evaluation files since
        damaged = {row["name"] for row in run.store.query(TAKEN_OUT, (f"{prefix}/overlap/",))}
        sets = [one for one in sets if _unit(prefix, one.unit) in damaged]

    def order(rows: Sequence[dict[str, Any]]) -> NDArray[np.int64]:
        return np.array(
            [0 if row["round"] == number and row["source"] == "generated" else -1 for row in rows]
        )

    _compare(run.store, prefix, number, PROBLEMS + OF_ITS_FAMILIES, {"round": number}, order, sets)


def _compare(
    store: Warehouse,
    prefix: str,
    number: int,
    query: str,
    parameters: Mapping[str, object],
    order: Order,
    sets: Sequence[EvaluationSet],
) -> None:
    """One unit of work for each evaluation set, and at last one for the home; what was committed stays."""
    sets = [one for one in sets if not store.has(_unit(prefix, one.unit))]
    whole = not store.has(_unit(prefix, HOME))
    if not sets and not whole:
        return
    started = time.monotonic()
    with open_reader(store.home) as con:
        rows = _overlaps(con, number, query, parameters, order if whole else _nothing_new, sets)
    seconds = time.monotonic() - started
    spent, when = spend_row(number, "overlap", 0, seconds), [timeline_row(number, "overlap", seconds)]
    for name, unit in [*((one.name, one.unit) for one in sets), *[(HOME, HOME)] * whole]:
        found = [row for row in rows if row["against"] == name]
        store.commit(_unit(prefix, unit), {"problem_overlaps": found, "spend": [spent], "timeline": when})
        spent, when = spend_row(number, "overlap", 0, 0.0), []


def _overlaps(
    con: duckdb.DuckDBPyConnection,
    number: int,
    query: str,
    parameters: Mapping[str, object],
    order: Order,
    sets: Sequence[EvaluationSet],
) -> list[dict[str, object]]:
    tests = [(one, place) for one in sets for place in range(len(one.texts))]
    parts, phrases = _read_tests(sets)
    problems = read_problems(con, query, parameters, order, phrases)
    sketches = joined([*parts, problems.sketches])
    keys = problems.keys

    def questions(rows: Sequence[int]) -> list[str]:
        wanted = [keys[row - len(tests)].decode() for row in rows if row >= len(tests)]
        known = dict(con.execute(QUESTIONS, [wanted]).fetchall())
        return [
            tests[row][0].texts[tests[row][1]].question
            if row < len(tests)
            else known[keys[row - len(tests)].decode()]
            for row in rows
        ]

    references = len(tests) + problems.heldout
    fresh = np.concatenate([np.ones(len(tests), bool), problems.fresh])
    covered = {len(tests) + row: found for row, found in problems.covered.items()}
    rows = []
    for overlap in compare(sketches, references, fresh, covered, questions):
        row: dict[str, object] = {"round": number, "similarity": round(overlap.similarity, 4)}
        row["problem_key"] = keys[overlap.row - len(tests)].decode()
        if overlap.other < len(tests):
            one, place = tests[overlap.other]
            rows.append(row | {"how": "leak", "other": one.places[place], "against": one.name})
        else:
            how = "near_heldout" if overlap.other < references else HOW[overlap.kind]
            rows.append(
                row | {"how": how, "other": keys[overlap.other - len(tests)].decode(), "against": HOME}
            )
    return rows


def _read_tests(sets: Sequence[EvaluationSet]) -> tuple[list[Sketches], list[Phrases]]:
    parts, phrases = [], []
    for one in sets:
        readings = [read(text) for text in one.texts]
        parts.append(sketch(readings))
        phrases.append(Phrases(readings))
    return parts, phrases


def _nothing_new(rows: Sequence[dict[str, Any]]) -> NDArray[np.int64]:
    return np.full(len(rows), -1)


def _unit(prefix: str, what: str) -> str:
    return f"{prefix}/overlap/{what}"
