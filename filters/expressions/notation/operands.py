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
from filters.expressions.notation.vocabulary import ALWAYS_FUNCTIONS, OFTEN_FUNCTIONS
from filters.expressions.syntax import (
    INFINITY,
    Constant,
    Expression,
    Number,
    Operation,
    Symbol,
)
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
        if token.kind == "frac" and self.is_derivative():
            raise UnreadableError("a derivative is no quotient of its letters")
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
        if self.applies(token.text):
            return self.unknown_function(token.text)
        if self.peek() == "_":
            return Symbol(f"{token.text}_{self.subscript()}")
        return Symbol(token.text)

    def applies(self, letter: str) -> bool:
        """Whether a letter before a bracket is a function: f always, T of one letter or number, x never."""
        if letter in ALWAYS_FUNCTIONS:
            return self.peek() in ("(", "^", "'")
        one = self.peek(1) in ("symbol", "number")
        return letter in OFTEN_FUNCTIONS and one and self.follows("(", self.peek(1), ")")

    def unknown_function(self, name: str) -> Expression:
        """f(x) is f of x. What stands between, as in f^2(x), may mean a product or a repetition."""
        if self.peek() != "(":
            raise UnreadableError(f"what {name} with an exponent or a prime means depends")
        return Operation(f"{name}()", self.operands())

    def subscript(self) -> str:
        self.expect("_")
        grouped = self.skip("{")
        parts = [self.take()]
        while grouped and self.peek() != "}":
            parts.append(self.take())
        if grouped:
            self.expect("}")
        if any(part.kind not in ("number", "symbol", "words", "+", "-") for part in parts):
            raise UnreadableError("a subscript is letters and digits")
        return "".join(part.text or part.kind for part in parts)

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

    def is_derivative(self) -> bool:
        """Whether d and a letter stand above, and below: dy/dx, or d/dx."""
        ahead = [token.text for token in self.tokens[self.at : self.at + 8]]
        kinds = [token.kind for token in self.tokens[self.at : self.at + 8]]
        if kinds[:1] != ["{"] or ahead[1:2] != ["d"] or "}" not in kinds[:6]:
            return False
        below = kinds.index("}") + 1
        return kinds[below : below + 1] == ["{"] and ahead[below + 1 : below + 2] == ["d"]

    def root(self) -> Expression:
        """Of a group or one digit behind a LaTeX command, of a whole numeral behind the sign √."""
        takes_numeral = self.tokens[self.at - 1].text == "√"
        index: Expression = Number(Fraction(2))
        if self.skip("["):
            index = self.sum()
            self.expect("]")
        takes_all = self.peek() == "(" or (takes_numeral and self.peek() == "number")
        return Operation("root", (self.atom() if takes_all else self.argument(), index))
