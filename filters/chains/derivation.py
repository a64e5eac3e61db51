"""Whether the steps lead to the answer: the strongest cheap condition that honest solutions meet.

`1+1=2` and then `A: 18` is a guess behind a true step. A text of calculations alone must reach a numeric answer:
as the value of a side, as a number written in one (Euclid's algorithm ends on a divisor, `36=3*12+0`), or as what
the columns of a long addition or multiplication spell: their last digits, lowest first. Prose may also count,
round, or work in words and algebra, so there the answer need only be written once before it is the answer, or be
a side's value in cents. A boolean answer must be the table of a side. What is neither is not asked for.
"""

import re
from collections.abc import Sequence
from fractions import Fraction

from filters.chains.calculation import Exact, operands
from filters.chains.recomputed import Recomputed
from filters.chains.truth_table import truth_table
from filters.grammar import TooLargeError, UnreadableError
from filters.numerals import read_number

MAX_COLUMNS = 100

_WORD = re.compile(r"[^\W\d_]{2}")
_NUMERAL = re.compile(
    r"[-−]?(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]{1,40})?(?:\.[0-9]{1,40})?(?: ?/ ?[0-9]{1,40})?"
)


def is_derived(answer: str, text: str, steps: Sequence[Recomputed]) -> bool:
    """Whether a text whose steps hold comes to its final answer by them; True where that cannot be told."""
    number = read_number(answer)
    if number is not None:
        return _reaches(number, text, [step for step in steps if step.sides])
    tables = {table for step in steps for table in step.tables}
    try:
        return not tables or truth_table(answer) in tables
    except (UnreadableError, TooLargeError):
        return True


def _reaches(number: Fraction, text: str, steps: Sequence[Recomputed]) -> bool:
    values = frozenset[Exact]().union(*(side.values for step in steps for side in step.sides))
    if not steps or number in values or number == _spelled(steps):
        return True
    if any(number in operands(side.text) for step in steps for side in step.sides):
        return True
    return _WORD.search(text) is not None and (number / 100 in values or _written_before(number, text))


def _spelled(steps: Sequence[Recomputed]) -> Fraction | None:
    """The number whose digits the columns give from the right, the last of them whole: 14, 57, 33 is 3374."""
    totals = [min(step.sides[-1].values) for step in steps[: MAX_COLUMNS + 1]]
    if len(totals) > MAX_COLUMNS or any(total.denominator != 1 or total < 0 for total in totals):
        return None
    low = "".join(str(total)[-1] for total in reversed(totals[:-1]))
    return Fraction(int(f"{totals[-1]}{low}"))


def _written_before(number: Fraction, text: str) -> bool:
    """Whether the text has the number twice: once is the answer itself."""
    count = 0
    for numeral in _NUMERAL.findall(text):
        count += numeral != "" and number in (
            read_number(numeral),
            read_number(numeral.partition("/")[0].strip()),
        )
        if count == 2:
            return True
    return False
