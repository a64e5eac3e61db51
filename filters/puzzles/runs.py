"""The lines of a region that are the solution: the first run of lines that can be read.

Before it there may be one lead-in, words that end with a colon and deny nothing; after it there may be prose,
but nothing that can be read as well.
"""

import re
from collections.abc import Callable
from typing import TypeVar

from filters.puzzles.regions import Rejected

_LEAD_IN = re.compile(r"[A-Za-z, ]{1,80}:", re.ASCII)
_DENIES = re.compile(r"\b(?:not|no|never|neither|nor|or|either|wrong|incorrect|impossible)\b", re.IGNORECASE)
_OR = re.compile(r"\W*(?:or|alternatively)\b", re.IGNORECASE)

Item = TypeVar("Item")


def only_run(region: str, read: Callable[[str], list[Item] | None]) -> list[Item]:
    """The items of the one run of lines that `read` can read; it returns None for others, [] for decoration.

    Raises Rejected: unreadable, or hedge where a second run follows or an alternative is announced.
    """
    items: list[Item] = []
    lead_in = ended = False
    for line in filter(str.strip, region.splitlines()):
        found = read(line)
        if found is None and not items:
            if lead_in or not _is_lead_in(line):
                raise Rejected("unreadable")
            lead_in = True
        elif found is None:
            if not ended and is_alternative(line):
                raise Rejected("hedge")
            ended = True
        elif found and ended:
            raise Rejected("hedge")
        else:
            items += found
    if not items:
        raise Rejected("unreadable")
    return items


def is_alternative(line: str) -> bool:
    """Whether a line announces another solution than the one before it."""
    return _OR.match(line) is not None


def _is_lead_in(line: str) -> bool:
    line = line.strip(" \t*")
    return _LEAD_IN.fullmatch(line) is not None and _DENIES.search(line) is None
