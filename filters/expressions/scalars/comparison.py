"""One rule for all scalars: first the units, then the values exactly, else to fifty digits, else as decimals."""

from fractions import Fraction
from typing import Literal

from filters.expressions import exact, numeric
from filters.expressions.scalars import measured, units
from filters.expressions.scalars.decimals import is_rounded, rounds_to
from filters.expressions.scalars.undone import is_undone
from filters.expressions.syntax import Expression, Number, Operation, Quantity, Scalar, symbols
from filters.grammar import TooLargeError

Finding = Literal["equal", "differs", "undone", "unit_differs", "undecided"]

GUARDING_POINTS = 4  # besides exact arithmetic

_HUNDRED = Number(Fraction(100))


def compare(gold: Scalar, given: Scalar) -> Finding:
    """Whether `given` is the answer `gold`. Raises TooLargeError, or ZeroDivisionError for what has no value."""
    if isinstance(gold, Quantity) != isinstance(given, Quantity):
        gold, given = measured.as_measured(gold, given), measured.as_measured(given, gold)
    gold_unit, gold_value = _parted(gold)
    unit, value = _parted(given)
    if gold_unit and unit and not units.agree(gold_unit, unit):
        return "unit_differs"
    found = compare_values(gold_value, value)
    if found == "differs" and (gold_unit, unit) == ("", "%"):
        return compare_values(gold_value, _hundredth(value))
    if found == "differs" and (gold_unit, unit) == ("%", ""):
        return compare_values(value, _hundredth(gold_value))
    if found == "equal" and "%" in (gold_unit, unit) and "" in (gold_unit, unit) and _is_a_part(gold_value):
        return "differs"  # 0.5% is not 0.5
    return found


def _parted(node: Scalar) -> tuple[str, Expression]:
    return (units.unit_key(node.unit), node.value) if isinstance(node, Quantity) else ("", node)


def _hundredth(value: Expression) -> Operation:
    return Operation("div", (value, _HUNDRED))


def _is_a_part(value: Expression) -> bool:
    """Whether it lies within a unit of nought, but is not nought: as a percentage it would be another number."""
    number = exact.rational(value)
    if number is None:
        real = None if symbols(value) else numeric.real_value(value, {})
        return real is None or bool(abs(real) < 1)
    return 0 < abs(number) < 1


def compare_values(gold: Expression, value: Expression) -> Finding:
    """As `compare`, without units."""
    a, b = exact.rational(gold), exact.rational(value)
    if a is not None and is_undone(value, a) and not is_undone(gold, a):
        return "undone"
    if a is not None and b is not None:
        return "equal" if a == b or is_rounded(gold, value, a, b) else "differs"
    found = _compare_exactly(gold, value)
    return "equal" if found == "differs" and rounds_to(gold, value) else found


def _compare_exactly(gold: Expression, value: Expression) -> numeric.Finding:
    """What exact arithmetic finds, if a look at the numbers does not contradict it; else what these say."""
    try:
        same = exact.same(exact.quotient(gold), exact.quotient(value))
    except (exact.NotExactError, TooLargeError):
        return numeric.compare(gold, value)
    try:
        found = numeric.compare(gold, value, GUARDING_POINTS)
    except TooLargeError:
        found = "undecided"
    if found == "undecided" or (found == "equal") == same:
        return "equal" if same else "differs"
    return "undecided"
