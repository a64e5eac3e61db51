"""Sections on what the policy learned: pass rates, frontier, promotions, losses."""

import duckdb
import numpy as np

from warehouse.report import curves, frontier, heatmaps
from warehouse.report.facts import rates
from warehouse.report.headline import FRONTIER, Headline
from warehouse.report.numerals import p_value
from warehouse.report.section import Section, Table, counted


def standings(con: duckdb.DuckDBPyConnection, found: Headline | None) -> Section | str:
    """Held-out pass rate by family and level: base, now, change."""
    if found is None:
        return "No policy has been evaluated on held-out problems, so there is no map of pass rates."
    title = f"{len(found.frontier)} of {len(found.base_rates)} cells are the base's frontier"
    lead = "Held-out pass rate in percent by family and level. Outlined: the frontier, between 5% and 95%."
    if found.moved:
        mastered = [
            c for c in found.frontier if c in found.now_rates and found.now_rates[c].share >= FRONTIER[1]
        ]
        beyond = [c for c, r in found.base_rates.items() if r.share <= FRONTIER[0] and c in found.now_rates]
        opened = sum(found.now_rates[cell].share > FRONTIER[0] for cell in beyond)
        title = f"{len(mastered)} of {counted(len(found.frontier), 'frontier cell')} now mastered"
        title += f", {counted(opened, 'cell')} beyond the frontier brought into reach" if opened else ""
        lead = (
            "Held-out pass rate in percent by family and level. Outlined: each policy's frontier, between 5% "
            "and 95%; over the change, the base's, which the headline measures."
        )
    query = "select policy, family, level, pass_rate from evaluations where split = 'heldout'"
    return Section("Pass rates", title, lead, query, heatmaps.standings(found))


def by_round(con: duckdb.DuckDBPyConnection, found: Headline | None) -> Section | str:
    """The frontier after each round, with the refused candidates."""
    if found is None or not found.decisions:
        return "No round has been decided, so there is no frontier by round."
    policies = {found.base, *(d.candidate for d in found.decisions)}
    known = {policy: rates(con, policy) for policy in sorted(policies)}
    families = heatmaps.families_by_reach(found.base_rates, *known.values())
    first, last = known[found.base], known[found.now]
    further = sum(frontier.reach(last, f) > frontier.reach(first, f) for f in families)
    title = "No family reaches a higher level than under the base"
    if further:
        verb = "reaches" if len(families) == 1 else "reach"
        title = (
            f"{further} of {counted(len(families), 'family', 'families')} {verb} a higher level than before"
        )
    lead = (
        "The policy that stood after each round, with its 95% Wilson band; "
        "a red cross is a candidate that was refused."
    )
    query = "select round, policy, family, level, pass_rate from evaluations order by all"
    return Section("Frontier", title, lead, query, frontier.by_round(found, known, families))


def promotions(con: duckdb.DuckDBPyConnection, found: Headline | None) -> Section | str:
    """Every decision with its p-value, discordant pairs and reason."""
    if found is None or not found.decisions:
        return "No candidate has come to a decision."
    made = found.decisions
    title = f"{found.promoted} of {counted(len(made), 'candidate')} promoted"
    if not found.promoted:
        title = f"{counted(len(made), 'candidate')}, none promoted: the base stands"
    rows = [
        [
            str(d.round),
            d.candidate,
            d.incumbent,
            "promoted" if d.promoted else "refused",
            p_value(d.p_value),
            f"{d.gained:,}",
            f"{d.lost:,}",
            d.reason,
        ]
        for d in made
    ]
    columns = ["round", "candidate", "incumbent", "decision", "p", "won", "lost", "reason"]
    lead = (
        "Candidate against incumbent on the same held-out problems: won is right now and wrong before, "
        "lost the reverse. p is how often chance alone would split them as unevenly."
    )
    query = "select * from promotions order by round"
    return Section("Promotion", title, lead, query, curves.discordant(made), Table(columns, "llllrrrl", rows))


def losses(con: duckdb.DuckDBPyConnection, found: Headline | None) -> Section | str:
    """The loss curve of each round's fine-tune."""
    query = "select round, step, loss from training order by round, step"
    by_round: dict[int, list[float]] = {}
    for number, _, loss in con.execute(query).fetchall():
        by_round.setdefault(number, []).append(float(loss))
    if not by_round:
        return "No round has been fine-tuned."
    tenths = [(curve, max(1, len(curve) // 10)) for curve in by_round.values()]
    fell = sum(bool(np.mean(curve[-n:]) < np.mean(curve[:n])) for curve, n in tenths)
    steps = sum(len(curve) for curve in by_round.values())
    title = (
        f"The loss fell in {fell} of {counted(len(by_round), 'fine-tune')}, {counted(steps, 'step')} in all"
    )
    lead = "Mean loss per completion token, one round after the other; each has its own mix of rows."
    arrays = {number: np.array(curve, dtype=np.float64) for number, curve in by_round.items()}
    return Section("Fine-tuning", title, lead, query, curves.losses(arrays))
