"""Calculations that are left undone, such as 3+5: they restate the question where the key is a number."""

from filters.expressions.syntax import Expression, Number, Operation


def is_undone(expression: Expression) -> bool:
    """Whether it holds a sum or product of plain numbers that anybody would have carried out."""
    if not isinstance(expression, Operation):
        return False
    if expression.name in ("add", "mul") and len(_plain_operands(expression, expression.name)) > 1:
        return True
    return any(is_undone(operand) for operand in expression.operands)


def _plain_operands(expression: Expression, name: str) -> list[Expression]:
    """The numerals and fractions of numerals among the operands of a chain of one operation."""
    if isinstance(expression, Operation) and expression.name == name:
        return [plain for operand in expression.operands for plain in _plain_operands(operand, name)]
    return [expression] if _is_plain(expression) else []


def _is_plain(expression: Expression) -> bool:
    if isinstance(expression, Operation) and expression.name in ("neg", "div"):
        return all(_is_plain(operand) for operand in expression.operands)
    return isinstance(expression, Number)
