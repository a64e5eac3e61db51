"""The section on which samples were admitted to training, and why the others were not."""

from collections import Counter

import duckdb

from warehouse.report import bars
from warehouse.report.headline import Headline
from warehouse.report.section import Section, Table, counted

REPLAYED = "replayed"  # a row of an earlier round, admitted there once before


def selections(con: duckdb.DuckDBPyConnection, found: Headline | None) -> Section | str:
    """Samples admitted and rejected, by reason and round."""
    query = "select round, reason, admitted, count(*) as samples from selections group by all order by all"
    rows = con.execute(query).fetchall()
    if not rows:
        return "No sample has been considered for training yet."
    counts: Counter[tuple[int, str]] = Counter()
    totals: Counter[str] = Counter()
    for number, reason, _, samples in rows:
        counts[number, reason] += samples
        totals[reason] += samples
    taken = {reason for _, reason, admitted, _ in rows if admitted}
    reasons = sorted(totals, key=lambda r: (r not in taken, r != "admitted", -totals[r], r))
    lead = "Every sample considered for training, by why it was admitted or not."
    if REPLAYED in totals:
        lead += " Replayed rows come from earlier rounds."
    table = _table(counts, totals, reasons)
    return Section("Admission", _title(totals, taken), lead, query, bars.selections(counts, reasons), table)


def _title(totals: Counter[str], taken: set[str]) -> str:
    """The share of new samples that were admitted, and what stood against most of the others."""
    new = {reason: samples for reason, samples in totals.items() if reason != REPLAYED}
    every = sum(new.values())
    if not every:
        return f"{counted(totals[REPLAYED], 'row')} replayed, nothing new"
    admitted = sum(samples for reason, samples in new.items() if reason in taken)
    title = f"{admitted / every:.0%} of {counted(every, 'new sample')} admitted"
    against = sorted(set(new) - taken, key=lambda reason: (-new[reason], reason))
    if against:
        title += f"; most of the others: {against[0].replace('_', ' ')}, {new[against[0]] / every:.0%}"
    return title


def _table(counts: Counter[tuple[int, str]], totals: Counter[str], reasons: list[str]) -> Table:
    rounds = sorted({number for number, _ in counts})
    rows = [[str(number), *(f"{counts[number, reason]:,}" for reason in reasons)] for number in rounds]
    rows.append(["all", *(f"{totals[reason]:,}" for reason in reasons)])
    return Table(["round", *(reason.replace("_", " ") for reason in reasons)], "l" + "r" * len(reasons), rows)
