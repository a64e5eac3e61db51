"""Sums with their units, and ratios of sums.

quantity = currency sum | "-" currency sum | sum { ":" sum } [ unit ]
unit     = "%" | words [ "^" exponent ] [ "/" words ] { words ... }          exponent: a number, or one in braces
currency = "$" | "£" | "€"

Which words are a unit says `filters.unit_words`; a degree sign is a unit of the whole, see degrees.py.
"""

from filters.expressions.notation.degrees import SCALES, in_degrees
from filters.expressions.notation.sums import ExpressionReader
from filters.expressions.notation.words import without_dots
from filters.expressions.syntax import Expression, Node, Operation, Quantity, Ratio, Relation, is_expression
from filters.grammar import UnreadableError
from filters.unit_words import is_known_unit, is_unit

_CURRENCIES = frozenset("$£€")
_DEGREE_SIGNS = frozenset(["deg", "circ"])


class QuantityReader(ExpressionReader):
    """Each method reads one rule."""

    def quantity(self) -> Node:
        if self.peek() == "-" and self.peek(1) in _CURRENCIES:
            self.take()
            currency = self.take().kind
            return Quantity(Operation("neg", (self.sum(),)), currency)
        currency = self.take().kind if self.peek() in _CURRENCIES else ""
        start = self.at
        value = self.sum()
        if self.peek() == ":" and not currency:
            return self.ratio(value)
        unit = self.unit() or currency
        if any(token.kind in _DEGREE_SIGNS for token in self.tokens[start : self.at]):
            return in_degrees(value, unit)
        return Quantity(value, unit) if unit else value

    def ratio(self, first: Expression) -> Ratio:
        terms: list[Node] = [first]
        while self.skip(":"):
            terms.append(self.sum())
        unit = self.unit()
        return Ratio((*terms, without_dots(unit))) if unit else Ratio(tuple(terms))

    def unit(self) -> str:
        """All words that follow, where they are a unit; else nothing, and they are left over."""
        if self.skip("%"):
            return "%"
        if self.peek() != "words":
            return ""
        start, is_glued = self.at, not self.tokens[self.at].spaced
        found: list[str] = []
        while self.peek() == "words":
            found.append(self.take().text + self.exponent_of_unit() + self.unit_below())
        text = " ".join(found)
        if is_known_unit(text) if is_glued else is_unit(text):
            return text
        self.at = start
        return ""

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
        return f"/{self.take().text}{self.exponent_of_unit()}"


def with_unit(value: Node, unit: str) -> Node:
    """A value that was read without the words behind it, with them. UnreadableError for what takes no unit."""
    if is_expression(value):
        return Quantity(value, unit)
    if isinstance(value, Quantity) and value.unit == "degrees" and unit.lower() in SCALES:
        return Quantity(value.value, f"degrees {unit}")
    if isinstance(value, Relation) and value.operators == ("=",):
        return Relation((value.sides[0], with_unit(value.sides[1], unit)), ("=",))
    if isinstance(value, Ratio):
        return Ratio((*value.terms, without_dots(unit)))
    raise UnreadableError(f"a unit follows a number, not a {type(value).__name__}")
