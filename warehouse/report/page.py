"""The page put together: headline, sections, examples, and what is not there yet."""

from dataclasses import dataclass
from pathlib import Path

import duckdb
from jinja2 import Environment, PackageLoader, StrictUndefined

from warehouse.report.admission import selections
from warehouse.report.examples import Example, broken_steps, newly_solved
from warehouse.report.facts import imported_rates
from warehouse.report.headline import Headline, headline, points
from warehouse.report.ink import styled
from warehouse.report.learning import by_round, losses, promotions, standings
from warehouse.report.numerals import brief
from warehouse.report.section import Section, counted
from warehouse.report.timeline import timeline
from warehouse.report.working import draws, imported, spend

SECTIONS = (standings, by_round, draws, selections, promotions, losses, timeline, spend, imported)


@dataclass(frozen=True, slots=True)
class Card:
    """One large number with its words; `tone` is good, bad or plain."""

    value: str
    label: str
    detail: str
    tone: str = "plain"


def build(con: duckdb.DuckDBPyConnection, home: Path) -> str:
    """The report of the catalog behind `con` as HTML text; an absolute `home` is shown by its name only."""
    found = headline(con)
    with styled():
        made = [section(con, found) for section in SECTIONS]
    environment = Environment(
        loader=PackageLoader("warehouse", "report"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    return environment.get_template("page.html").render(
        home=home.name or "home",
        place=home.name if home.is_absolute() else str(home),  # for the commands to copy
        verdict=_verdict(found) if found else _unplayed(con),
        cards=_cards(found) if found else [],
        sections=[section for section in made if isinstance(section, Section)],
        absent=[sentence for sentence in made if isinstance(sentence, str)],
        examples=_examples(con, found),
    )


def _unplayed(con: duckdb.DuckDBPyConnection) -> tuple[str, str]:
    """The headline of a home where no policy of its own has been evaluated."""
    judged = sum(row.judged for row in imported_rates(con))
    if not judged:
        return "Nothing has been evaluated yet", "No policy has answered the held-out problems of this home."
    return f"{judged:,} recorded samples judged", "No policy of this home's own has been evaluated."


def _verdict(found: Headline) -> tuple[str, str]:
    """The headline and the sentence under it."""
    if not found.problems:
        return "The base has no frontier", "No cell lies between 5% and 95% held-out accuracy."
    cells = counted(len(found.frontier), "cell")
    where = f"Held-out accuracy over the {cells} that the base solved between 5% and 95% of the time"
    if found.gain is None:
        played = counted(len(found.decisions), "candidate")
        after = f"{played} played, none promoted" if found.decisions else "No round has been decided"
        return f"The base stands at {found.before:.1%} on its frontier", f"{where}. {after}."
    words = "No clear movement at the frontier"
    if found.gain.low > 0:
        words = f"The frontier moved: {100 * found.gain.mean:+.1f} points"
    elif found.gain.high < 0:
        words = f"The frontier fell back: {100 * found.gain.mean:+.1f} points"
    return words, f"{where} went from {found.before:.1%} to {found.after:.1%}: {points(found.gain)}."


def _cards(found: Headline) -> list[Card]:
    cards = []
    if found.problems:
        problems = counted(found.problems, "held-out problem")
        cards.append(Card(f"{found.before:.1%}", "frontier accuracy, base", problems))
    if found.gain is not None:
        interval = f"{100 * found.gain.low:+.1f} to {100 * found.gain.high:+.1f} points (95%)"
        tone = "good" if found.gain.low > 0 else "bad" if found.gain.high < 0 else "plain"
        cards.append(Card(f"{found.after:.1%}", "frontier accuracy, now", interval, tone))
    if found.decisions:
        share = f"{found.promoted} of {len(found.decisions)}"
        cards.append(Card(share, "rounds promoted", f"now {found.now}"))
    if found.moved and found.mastered:
        fallen = ", ".join(f"{family} {level}" for family, level in found.forgotten)
        tone = "bad" if fallen else "good"
        share = f"{len(found.forgotten)} of {found.mastered}"
        cards.append(Card(share, "mastered cells lost", fallen or "nothing was forgotten", tone))
    if found.sampled_tokens:
        trained = f"{brief(found.trained_tokens)} trained on"
        cards.append(Card(brief(found.sampled_tokens), "tokens sampled", trained))
    return cards


def _examples(con: duckdb.DuckDBPyConnection, found: Headline | None) -> list[Example]:
    solved = newly_solved(con, found.base, found.now) if found and found.moved else None
    return [example for example in (solved, broken_steps(con)) if example]
