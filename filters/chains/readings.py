"""The values that one written side may have: one, or two where `%` may mean hundredths or only be a unit.

`20%*50` is 10 and nothing else. But `80%` on its own, a sum of percentages and a factor of `100%` are written
both ways: `(3/12)*100%=25`. Where a percentage is added to a plain number, as in `50-20%`, people mean many
things, so nothing is read. Below 1 the sign is more than a unit: 1/4=0.25% is false.
"""

import re

from filters.chains.arithmetic import evaluate
from filters.chains.calculation import Exact
from filters.grammar import UnreadableError

_PERCENTAGES = re.compile(r"(?:[-+−(\s]*[0-9][0-9,.]*[ \t]*%[)\s]*)+")
_BARE = re.compile(r"[-+−]?[ \t]*[0-9][0-9,.]*[ \t]*%")
_FACTORS = re.compile(r"[*×·/÷xX^]|[0-9)]\(")
_OTHER_THAN_100 = re.compile(r"(?<![0-9.,])(?!100[ \t]*%)[0-9][0-9,.]*[ \t]*%|\)[ \t]*%")


def readings(side: str) -> frozenset[Exact]:
    """Every value that the side may have. Raises as filters.chains.arithmetic.evaluate does."""
    value = evaluate(side)
    if "%" not in side:
        return frozenset((value,))
    as_unit = evaluate(side, per_cent=1)
    if value == as_unit:  # a remainder
        return frozenset((value,))
    if not -1 < as_unit < 1 and (_PERCENTAGES.fullmatch(side) or not _OTHER_THAN_100.search(side)):
        return frozenset((value, as_unit))
    if not (_PERCENTAGES.fullmatch(side) or _FACTORS.search(side)):
        raise UnreadableError("a percentage and a plain number do not add up")
    return frozenset((value,))


def is_percentage(side: str) -> bool:
    """Whether the side is one percentage and no more, such as `20%`."""
    return _BARE.fullmatch(side.strip()) is not None
