"""Calculations that are left undone, such as 3+5: they restate the question where the key is a number."""

from fractions import Fraction

from filters.expressions import exact
from filters.expressions.syntax import Expression, Number, Operation, symbols

LARGE = 10**6  # a number from which on `2^20 - 1` is a way to write it


def is_undone(expression: Expression, value: Fraction) -> bool:
    """Whether it holds a sum or a product of constants that anybody would have carried out to get that value."""
    return abs(value) < LARGE and _has_calculation(expression)


def _has_calculation(expression: Expression) -> bool:
    if not isinstance(expression, Operation):
        return False
    if expression.name in ("add", "mul") and len(_constants(expression, expression.name)) > 1:
        return True
    return any(map(_has_calculation, expression.operands))


def _constants(expression: Expression, name: str) -> list[Expression]:
    """Of a chain of sums the operands without symbols, of one of products the rational numbers among them.

    A power of ten in a product is a notation, and i times pi in an exponent no calculation.
    """
    if isinstance(expression, Operation) and expression.name == name:
        return [constant for operand in expression.operands for constant in _constants(operand, name)]
    if name == "add":
        return [] if symbols(expression) else [expression]
    return [] if _is_power_of_ten(expression) or exact.rational(expression) is None else [expression]


def _is_power_of_ten(expression: Expression) -> bool:
    return (
        isinstance(expression, Operation)
        and expression.name == "pow"
        and expression.operands[0] == Number(Fraction(10))
    )
