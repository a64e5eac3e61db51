"""Operands: what stands between the signs of an expression.

    atom  = number [ proper fraction ] | simple | function | root | bars
          | "\\frac" argument argument | "\\binom" argument argument
          | "(" sum ")" | "[" sum "]" | "{" sum "}"
    simple = letter [ "_" subscript ] | pi | ∞ | number | repeating decimal          e and i are constants
    root  = "√" [ "[" sum "]" ] ( "(" sum ")" | argument )
    bars  = "|" sum "|" | "⌊" sum "⌋" | "⌈" sum "⌉"

`3\\frac12` and `3 1/2` are mixed numbers.
"""

from fractions import Fraction

from filters.expressions.notation.functions import FunctionReader
from filters.expressions.notation.numerals import numeral, repeating
from filters.expressions.notation.tokens import Token
from filters.expressions.syntax import INFINITY, Constant, Expression, Number, Operation, Symbol
from filters.grammar import UnreadableError

_CONSTANTS = {"pi": Constant("pi"), "inf": INFINITY}
_LETTER_CONSTANTS = {"e": Constant("e"), "i": Constant("i")}
_OF_TWO_ARGUMENTS = {"frac": "div", "binom": "binomial"}
_BARS = {"|": ("|", "abs"), "lfloor": ("rfloor", "floor"), "lceil": ("rceil", "ceil")}
_CLOSINGS = {"(": ")", "[": "]", "{": "}"}


class OperandReader(FunctionReader):
    """Each method reads one rule."""

    def atom(self) -> Expression:
        token = self.take()
        if token.kind == "number":
            return self.mixed(numeral(token.text))
        if token.kind in ("symbol", "pi", "inf", "repeating"):
            return self.simple(token)
        if token.kind in _OF_TWO_ARGUMENTS:
            return Operation(_OF_TWO_ARGUMENTS[token.kind], (self.argument(), self.argument()))
        if token.kind == "sqrt":
            return self.root()
        if token.kind == "function":
            return self.function(token.text)
        if token.kind in _BARS:
            closing, name = _BARS[token.kind]
            return Operation(name, (self.enclosed(closing, in_bars=True),))
        if token.kind in _CLOSINGS:
            return self.enclosed(_CLOSINGS[token.kind], in_bars=False)
        raise UnreadableError(f"an operand is a number, a letter, a function or a group, not {token.kind!r}")

    def enclosed(self, closing: str, in_bars: bool) -> Expression:
        """A sum and what closes it. Between bars the next bar closes; otherwise it opens."""
        outside, self.in_bars = self.in_bars, in_bars
        value = self.sum()
        self.in_bars = outside
        self.expect(closing)
        return value

    def simple(self, token: Token) -> Expression:
        if token.kind == "number":
            return numeral(token.text)
        if token.kind == "repeating":
            return repeating(token.text)
        if token.kind in _CONSTANTS:
            return _CONSTANTS[token.kind]
        if token.text in _LETTER_CONSTANTS:
            return _LETTER_CONSTANTS[token.text]
        if self.peek() == "_":
            return Symbol(f"{token.text}_{self.subscript()}")
        return Symbol(token.text)

    def subscript(self) -> str:
        self.expect("_")
        grouped = self.skip("{")
        parts = [self.take()]
        while grouped and self.peek() != "}":
            parts.append(self.take())
        if grouped:
            self.expect("}")
        if any(part.kind not in ("number", "symbol", "words") for part in parts):
            raise UnreadableError("a subscript is letters and digits")
        return "".join(part.text for part in parts)

    def mixed(self, whole: Number) -> Expression:
        """A whole number and a proper fraction of whole numbers, else the number alone."""
        if whole.decimals is not None:
            return whole
        start = self.at
        fraction = self.fraction()
        if fraction is not None:
            above, below = fraction
            if isinstance(above, Number) and isinstance(below, Number) and 0 < above.value < below.value:
                return Number(whole.value + above.value / below.value)
        self.at = start
        return whole

    def fraction(self) -> tuple[Expression, Expression] | None:
        """What stands above and below, of `\\frac{1}{2}` or of `1/2` behind a blank."""
        if self.skip("frac"):
            return self.argument(), self.argument()
        if self.follows("number", "/", "number") and self.tokens[self.at].spaced:
            above, _, below = self.take(), self.take(), self.take()
            return numeral(above.text), numeral(below.text)
        return None

    def root(self) -> Expression:
        index: Expression = Number(Fraction(2))
        if self.skip("["):
            index = self.sum()
            self.expect("]")
        radicand = self.atom() if self.peek() == "(" else self.argument()
        return Operation("root", (radicand, index))
