"""What an import came to: how often each policy was right, what of it may train, where a label disagrees."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from rich.console import Console
from rich.markup import escape
from rich.table import Table

from flows.imported_rows import Numbered, Survey, units
from flows.progress import Bars, stage
from generators.imported import Recorded
from warehouse.store import Warehouse

SHOWN = 5  # disagreements with a label that are named

FATES = """
    with fates as (select sample_key, bool_or(admitted) as admitted from selections group by sample_key)
    select s.problem_key, s.policy, s.draw, s.text, o.outcome, o.steps_reason,
        coalesce(f.admitted, false) as admitted
    from samples s join outcomes o on o.sample_key = s.key left join fates f on f.sample_key = s.key
    where s.stage = 'import' and s.problem_key in (select unnest(?::varchar[]))
    order by s.draw
"""


@dataclass(frozen=True, slots=True)
class PolicyCounts:
    """Samples of one policy in the file: not_judged ones are in none but `labelled`."""

    judged: int
    correct: int
    broken: int  # of the correct, those on a false step
    admitted: int
    labelled: int
    agreed: int


@dataclass(frozen=True, slots=True)
class Summary:
    """An import as it stands in the home. `added_*` is what this call added; `disagreements` are places."""

    checked: Survey
    added_problems: int
    added_samples: int
    policies: dict[str, PolicyCounts]
    disagreements: tuple[str, ...]


def summarise(store: Warehouse, checked: Survey, added: Counter[str], progress: Bars) -> Summary:
    """Look up what became of every sample of the file, whichever call brought it in."""
    counts: dict[str, Counter[str]] = {}
    disagreements: list[str] = []
    with stage(progress, f"{checked.name}: count", checked.samples, "samples") as meter:
        for place, recorded, fate in _fates(store, checked):
            meter.advance()
            right = fate["outcome"] == "right"
            told = Counter(
                judged=fate["outcome"] != "not_judged",
                correct=right,
                broken=right and fate["steps_reason"] == "false_step",
                admitted=fate["admitted"],
                labelled=recorded.label is not None,
                agreed=recorded.label is right,
            )
            counts.setdefault(recorded.policy, Counter()).update(told)
            if recorded.label is not None and recorded.label is not right and len(disagreements) < SHOWN:
                said = "correct" if recorded.label else "not correct"
                disagreements.append(
                    f"{place}: {recorded.policy} is labelled {said}, judged {fate['outcome']}"
                )
    names = ("judged", "correct", "broken", "admitted", "labelled", "agreed")
    policies = {policy: PolicyCounts(*(told[name] for name in names)) for policy, told in counts.items()}
    return Summary(checked, added["problems"], added["samples"], policies, tuple(disagreements))


def _fates(store: Warehouse, checked: Survey) -> Iterator[tuple[str, Recorded, dict[str, Any]]]:
    """Every sample of the file with its place and its row of FATES."""
    for unit in units(checked) if checked.samples else ():
        yield from _fates_of_unit(store, unit)


def _fates_of_unit(store: Warehouse, unit: list[Numbered]) -> Iterator[tuple[str, Recorded, dict[str, Any]]]:
    keys = sorted({row.problem.key for row, _ in unit})
    fates: dict[tuple[str, str, str], list[dict[str, Any]]] = {}
    for fate in store.query(FATES, (keys,)):
        fates.setdefault((fate["problem_key"], fate["policy"], fate["text"]), []).append(fate)
    for row, occurrences in unit:
        for recorded, occurrence in zip(row.samples, occurrences, strict=True):
            yield row.place, recorded, fates[row.problem.key, recorded.policy, recorded.text][occurrence]


def print_summary(summary: Summary, console: Console) -> None:
    """The counts in a sentence or two, then a table of the policies."""
    checked = summary.checked
    merged = checked.rows - checked.problems
    lines = [
        f"{checked.problems:,} problems, {checked.heldout:,} of them held out, in {checked.rows:,} rows"
        + (f" ({merged:,} repeat a question and were merged)" if merged else ""),
        f"new to this home: {summary.added_problems:,} problems, {summary.added_samples:,} samples",
    ]
    lines += [f"not read: {escape(repr(key))}, in {rows:,} rows" for key, rows in checked.unread.items()]
    if checked.labels:
        agreed = sum(counts.agreed for counts in summary.policies.values())
        lines.append(f"the judge agrees with {agreed:,} of {checked.labels:,} recorded labels")
        lines += [escape(line) for line in summary.disagreements]
    for line in lines:
        console.print(line, highlight=False)
    if summary.policies:
        console.print(_table(summary.policies))


def _table(policies: dict[str, PolicyCounts]) -> Table:
    table = Table()
    table.add_column("policy", overflow="fold")
    for column in ("judged", "correct", "pass rate", "false steps", "admitted"):
        table.add_column(column, justify="right")
    for policy, counts in policies.items():
        rate = f"{counts.correct / counts.judged:.3f}" if counts.judged else ""
        numbers = [f"{n:,}" for n in (counts.judged, counts.correct, counts.broken, counts.admitted)]
        table.add_row(escape(policy), *numbers[:2], rate, *numbers[2:])
    return table
