"""Sums with their units, and ratios of sums.

quantity = currency sum | "-" currency sum | sum { ":" sum } [ unit ]
unit     = "%" | words [ "^" exponent ] [ "/" words ] { words ... }          exponent: a number, or one in braces
currency = "$" | "£" | "€"                                            before the sum or behind it

Which words are a unit says `filters.unit_words`; a degree sign is a unit of the whole, see degrees.py.
"""

from filters.expressions.notation.degrees import SCALES, in_degrees
from filters.expressions.notation.sums import ExpressionReader
from filters.expressions.notation.words import without_dots
from filters.expressions.syntax import Expression, Node, Operation, Quantity, Ratio, Relation, is_expression
from filters.grammar import UnreadableError
from filters.unit_words import is_known_unit, is_unit
from filters.units import LETTERS

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
        is_rate = currency and self.follows("number", "/", "words")  # $5/hour
        value = self.power() if is_rate else self.sum()
        if self.peek() == ":" and not currency:
            return self.ratio(value)
        if not currency and self.peek() in _CURRENCIES:
            currency = self.take().kind  # 18€
        unit = _of_money(currency, self.unit())
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
        if self.follows("/", "words"):
            self.take()
            return self.unit_of_words("per ")
        return self.unit_of_words()

    def unit_of_words(self, before: str = "") -> str:
        if self.peek() != "words":
            return ""
        start, is_glued = self.at, not self.tokens[self.at].spaced
        found: list[str] = []
        while self.peek() == "words":
            found.append(self.take().text + self.exponent_of_unit() + self.unit_below())
        text = before + " ".join(found).replace("~", " ").strip()
        if text.startswith("/"):
            text = f"per {text[1:].strip()}"
        if is_known_unit(text.removeprefix("per ")) if is_glued else is_unit(text):
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
        if not self.follows("/", "words") and not (
            self.follows("/", "symbol") and self.tokens[self.at + 1].text in LETTERS
        ):
            return ""  # nor are the letters that are no units
        self.take()
        return f"/{self.take().text}{self.exponent_of_unit()}"


def _of_money(currency: str, unit: str) -> str:
    """What is paid, `$5 per hour` or `$5 profit`; another unit than the currency's sign says stays as it is."""
    if not currency or not unit or (is_known_unit(unit) and not unit.startswith("per ")):
        return unit or currency
    return f"{currency} {unit}" if unit.startswith("per ") else currency


def with_unit(value: Node, unit: str) -> Node:
    """A value that was read without the words behind it, with them. UnreadableError for what takes no unit."""
    if is_expression(value):
        return Quantity(value, unit)
    if isinstance(value, Quantity) and value.unit == "degrees" and unit.lower() in SCALES:
        return Quantity(value.value, f"degrees {unit}")
    if isinstance(value, Quantity) and value.unit in _CURRENCIES:
        return Quantity(value.value, _of_money(value.unit, unit))
    if isinstance(value, Relation) and value.operators == ("=",):
        return Relation((value.sides[0], with_unit(value.sides[1], unit)), ("=",))
    if isinstance(value, Ratio):
        return Ratio((*value.terms, without_dots(unit)))
    raise UnreadableError(f"a unit follows a number, not a {type(value).__name__}")
