"""Pairs of a right and a wrong solution, for an objective that prefers the one to the other.

Whoever is in a pair is told by the selections of the round: the right one is admitted, the wrong one has the reason
`dispreferred`. Of a problem the two of like length go together, as in the `preferences` of an export: from the same
samples come the same pairs, so a round's are found again from its selections.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq

from curriculum.admission import Candidate, Selection, replay
from flows.run import Run
from policy.engine import Sampling
from warehouse.export.pairs import Candidate as Side
from warehouse.export.pairs import matched_pairs

SIDES = """
    select o.problem_key, s.key as sample_key, bool_or(c.admitted) as is_right, any_value(p.question) as question,
        any_value(s.text) as text
    from selections c join samples s on s.key = c.sample_key join outcomes o on o.sample_key = c.sample_key
    join problems p on p.key = o.problem_key
    where c.round between $first and $last and (c.admitted or c.reason = 'dispreferred')
        and ($last = $round or o.problem_key not in (select problem_key from problem_overlaps))
    group by all order by all
"""


def pair_up(selections: Sequence[Selection], candidates: Iterable[Candidate]) -> list[Selection]:
    """The selections, where of the right ones only those with a partner are admitted, and their partners are named."""
    by_key = {candidate.sample_key: candidate for candidate in candidates}
    sides = [
        Side(by_key[s.sample_key].problem_key, "", s.sample_key, s.admitted, len(by_key[s.sample_key].text))
        for s in selections
        if s.admitted or (s.reason == "wrong" and by_key[s.sample_key].text)
    ]
    found = list(_pairs(sides))
    chosen, rejected = {right for right, _ in found}, {wrong for _, wrong in found}
    return [_with_fate(selection, chosen, rejected) for selection in selections]


def _with_fate(selection: Selection, chosen: set[str], rejected: set[str]) -> Selection:
    if selection.sample_key in rejected:
        return replace(selection, reason="dispreferred")
    if selection.admitted and selection.sample_key not in chosen:
        return replace(selection, admitted=False, reason="unpaired", weight=0.0)
    return selection


def replay_pairs(run: Run, number: int, new: int, seed: int) -> list[Selection]:
    """As many pairs of earlier rounds as there are new ones: both sides of each."""
    partner = dict(_pairs(_as_sides(_sides(run, 1, number - 1, number))))
    return [
        side
        for chosen in replay(new, list(partner), seed)
        for side in (chosen, Selection(partner[chosen.sample_key], False, "dispreferred", 0.0))
    ]


def write_pairs(run: Run, number: int, file: Path) -> Path:
    """The round's pairs as the trainer reads them: prompt, chosen, rejected, and which samples those are."""
    rows = {row["sample_key"]: row for row in _sides(run, number, number, number)}
    sampling = Sampling(instruction=run.config.policy.instruction)
    pairs = list(_pairs(_as_sides(rows.values())))
    columns = {
        "prompt": [sampling.prompt(rows[chosen]["question"]) for chosen, _ in pairs],
        "chosen": [rows[chosen]["text"] for chosen, _ in pairs],
        "rejected": [rows[rejected]["text"] for _, rejected in pairs],
        "chosen_key": [chosen for chosen, _ in pairs],
        "rejected_key": [rejected for _, rejected in pairs],
    }
    pq.write_table(pa.table(columns), file, compression="zstd")
    return file


def _sides(run: Run, first: int, last: int, number: int) -> list[dict[str, str]]:
    return run.store.query(SIDES, {"first": first, "last": last, "round": number})


def _as_sides(rows: Iterable[dict[str, str]]) -> list[Side]:
    return [
        Side(row["problem_key"], "", row["sample_key"], bool(row["is_right"]), len(row["text"]))
        for row in rows
    ]


def _pairs(sides: Sequence[Side]) -> Iterator[tuple[str, str]]:
    """Sample keys of the right and the wrong one. A problem is of one round, so all its samples are of one policy."""
    for pair in matched_pairs(sorted(sides)):
        yield pair.chosen.sample_key, pair.rejected.sample_key
