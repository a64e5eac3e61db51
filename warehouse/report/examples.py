"""A few samples to look at: a problem newly solved, and a right answer standing on false steps.

Model text is hostile: it is shown with its control and direction characters spelled out, cut at a
length, and escaped by the template.
"""

import unicodedata
from dataclasses import dataclass

import duckdb

from warehouse.report.facts import OUTCOMES

LONGEST = 1500  # characters of a text that are shown


@dataclass(frozen=True, slots=True)
class Text:
    """One solution with what to say above it."""

    heading: str
    text: str
    right: bool


@dataclass(frozen=True, slots=True)
class Example:
    """A problem and one or two solutions of it."""

    title: str
    cell: str
    question: str
    answer: str
    texts: list[Text]


def newly_solved(con: duckdb.DuckDBPyConnection, base: str, now: str) -> Example | None:
    """The hardest held-out problem that `base` got wrong and `now` gets right."""
    query = f"""with rates as ({OUTCOMES})
        select p.family, p.level, p.question, p.answer, old.text, new.text
        from rates as b join rates as n on n.problem_key = b.problem_key
        join problems as p on p.key = b.problem_key
        join samples as old on old.problem_key = p.key and old.policy = b.policy and old.stage = 'evaluate'
        join samples as new on new.problem_key = p.key and new.policy = n.policy and new.stage = 'evaluate'
        where b.policy = ? and n.policy = ? and b.rate = 0 and n.rate = 1
        order by p.level desc, p.key, old.draw, old.key, new.draw, new.key limit 1"""
    row = con.execute(query, [base, now]).fetchone()
    if row is None:
        return None
    family, level, question, answer, old, new = row
    texts = [Text(f"base · {base}", visible(old), False), Text(f"now · {now}", visible(new), True)]
    return Example(
        "Newly solved", f"{family}, level {level}, held out", visible(question), visible(answer), texts
    )


def broken_steps(con: duckdb.DuckDBPyConnection) -> Example | None:
    """The latest sample whose answer is right though a step above it is false."""
    query = """with latest as (
            from outcomes where outcome = 'right' and steps = 'wrong'
            order by round desc, level desc, sample_key limit 1
        )
        select o.family, o.level, p.question, p.answer, s.text, o.policy, o.steps_reason
        from latest as o join samples as s on s.key = o.sample_key join problems as p on p.key = o.problem_key
        limit 1"""
    row = con.execute(query).fetchone()
    if row is None:
        return None
    family, level, question, answer, text, policy, reason = row
    heading = f"{policy} · answer right, steps: {reason}"
    title = "Right answer, broken steps"
    texts = [Text(heading, visible(text), False)]
    return Example(title, f"{family}, level {level}", visible(question), visible(answer), texts)


def visible(text: str) -> str:
    """`text` with unprintable and direction-changing characters as code points, cut at LONGEST."""
    shown = "".join(
        c if c in "\n\t" or unicodedata.category(c)[0] != "C" else f"⟨U+{ord(c):04X}⟩" for c in text[:LONGEST]
    )
    return shown + (f" … ({len(text) - LONGEST:,} more characters)" if len(text) > LONGEST else "")
