"""What a section of the page is made of. A section states its finding as its title.

A section function takes the catalog and the headline and returns a Section, or one sentence where the
home holds nothing for it yet.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup


@dataclass(frozen=True, slots=True)
class Table:
    """Words in rows; `align` has one letter a column, l or r."""

    columns: Sequence[str]
    align: str
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Section:
    """A finding, how to read it, the query that anyone can ask again, its picture and its numbers."""

    name: str
    title: str
    lead: str
    query: str
    figure: Markup | None = None
    table: Table | None = None


def counted(count: int, noun: str, plural: str = "") -> str:
    """1 family, 4 families"""
    return f"{count:,} {noun if count == 1 else plural or noun + 's'}"
