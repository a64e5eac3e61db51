"""Sums with their units, and ratios of sums.

quantity = currency sum | "-" currency sum | sum { ":" sum } [ unit ]
unit     = "%" | words [ "^" exponent ] [ "/" words ] { words ... }          exponent: a number, or one in braces
currency = "$" | "£" | "€"
"""

from filters.expressions.notation.sums import ExpressionReader
from filters.expressions.notation.words import is_unit, without_dots
from filters.expressions.syntax import Expression, Node, Operation, Quantity, Ratio, Relation, is_expression
from filters.grammar import UnreadableError

_CURRENCIES = frozenset("$£€")
_SCALES = ("", "c", "f")  # of temperature, behind degrees; without one it is an angle


class QuantityReader(ExpressionReader):
    """Each method reads one rule."""

    def quantity(self) -> Node:
        if self.peek() == "-" and self.peek(1) in _CURRENCIES:
            self.take()
            currency = self.take().kind
            return Quantity(Operation("neg", (self.sum(),)), currency)
        currency = self.take().kind if self.peek() in _CURRENCIES else ""
        value = self.sum()
        if self.peek() == ":" and not currency:
            return self.ratio(value)
        return _quantity(value, self.unit() or currency)

    def ratio(self, first: Expression) -> Ratio:
        terms: list[Node] = [first]
        while self.skip(":"):
            terms.append(self.sum())
        unit = self.unit()
        return Ratio((*terms, without_dots(unit))) if unit else Ratio(tuple(terms))

    def unit(self) -> str:
        if self.skip("%"):
            return "%"
        found: list[str] = []
        while self.peek() == "words" and is_unit(self.tokens[self.at].text.replace("/", " ")):
            found.append(self.take().text + self.exponent_of_unit() + self.unit_below())
        return " ".join(found)

    def exponent_of_unit(self) -> str:
        if self.follows("^", "number"):
            self.at += 2
            return f"^{self.tokens[self.at - 1].text}"
        if self.follows("^", "{", "number", "}"):
            self.at += 4
            return f"^{self.tokens[self.at - 2].text}"
        return ""

    def unit_below(self) -> str:
        if not self.follows("/", "words"):
            return ""
        self.take()
        return f"/{self.take().text}"


def _quantity(value: Expression, unit: str) -> Node:
    if isinstance(value, Operation) and value.name == "degrees" and unit.lower() in _SCALES:
        return Quantity(value.operands[0], f"degrees {unit}".strip())
    return Quantity(value, unit) if unit else value


def with_unit(value: Node, unit: str) -> Node:
    """A value that was read without the words behind it, with them. UnreadableError for what takes no unit."""
    if is_expression(value):
        return Quantity(value, unit)
    if isinstance(value, Relation) and value.operators == ("=",):
        return Relation((value.sides[0], with_unit(value.sides[1], unit)), ("=",))
    if isinstance(value, Ratio):
        return Ratio((*value.terms, without_dots(unit)))
    raise UnreadableError(f"a unit follows a number, not a {type(value).__name__}")
