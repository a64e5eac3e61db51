"""One chain recomputed: what its sides are worth, and whether they are worth the same."""

import re
from dataclasses import dataclass
from typing import Literal

from filters.chains.calculation import Exact
from filters.chains.claims import OPERATION, Chain
from filters.chains.readings import is_percentage, readings
from filters.chains.rounding import is_rounded
from filters.chains.truth_table import truth_table
from filters.grammar import TooLargeError, UnreadableError

Finding = Literal["holds", "false", "rounded", "too_large", "nothing"]

_DIGIT = re.compile(r"[0-9]")


@dataclass(frozen=True, slots=True)
class Side:
    """A side that could be read: the values it may have, none if it divides by zero; and whether it computes."""

    text: str
    values: frozenset[Exact]
    computes: bool


@dataclass(frozen=True, slots=True)
class Recomputed:
    """A chain with its numeric sides, the truth tables of its boolean ones, and what comparing them finds."""

    chain: Chain
    finding: Finding
    sides: tuple[Side, ...] = ()
    tables: tuple[int, ...] = ()


def recompute(chain: Chain) -> Recomputed:
    """Compares all sides. `5=5` and `a=b` recompute nothing; `5=6` and `1/0=1` are false."""
    sides: list[Side] = []
    tables: list[int] = []
    too_large = computed = False
    for text in chain.sides:
        computes = OPERATION.search(text) is not None
        try:
            if _DIGIT.search(text):
                sides.append(_numeric(text, computes))
            else:
                tables.append(truth_table(text))
            computed = computed or computes
        except TooLargeError:
            too_large = True
        except UnreadableError:
            continue
    sides = _without_definitions(sides, chain.sides[0])
    finding = _compared(sides, tables, computed)
    if too_large and finding in ("holds", "nothing"):
        finding = "too_large"
    return Recomputed(chain, finding, tuple(sides), tuple(tables))


def _numeric(text: str, computes: bool) -> Side:
    try:
        return Side(text, readings(text), computes)
    except ZeroDivisionError:
        return Side(text, frozenset(), computes)


def _without_definitions(sides: list[Side], first: str) -> list[Side]:
    """`20%=10` says what 20% is of, so a percentage counts only as the result of a calculation before it."""
    computed = any(side.computes for side in sides)
    return [side for side in sides if not is_percentage(side.text) or (computed and side.text is not first)]


def _compared(sides: list[Side], tables: list[int], computed: bool) -> Finding:
    if (len(sides) > 1 and not _agree(sides)) or (computed and len(set(tables)) > 1):
        return "rounded" if len(set(tables)) < 2 and _agree_rounded(sides) else "false"
    return "holds" if computed and max(len(sides), len(tables)) > 1 else "nothing"


def _agree(sides: list[Side]) -> bool:
    return bool(frozenset.intersection(*(side.values for side in sides)))


def _agree_rounded(sides: list[Side]) -> bool:
    """Whether one calculated value is that of every other side, or what it was rounded from."""
    exact = frozenset[Exact]().union(*(side.values for side in sides if side.computes))
    return any(all(v in side.values or is_rounded(side.text, v) for side in sides) for v in exact)
