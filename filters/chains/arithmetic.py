"""The exact value of a written calculation such as `2*(3+4)^2/7`: a recursive-descent parser over Fractions.

    sum     = product { ("+" | "-") product }
    product = signed { ("*" | "x" | "/" | "//" | "%") signed | "(" sum ")" }     of one rank, left to right
    signed  = [ "+" | "-" ] power
    power   = operand [ ("^" | "**") signed ]                    right to left, small whole exponents
    operand = ( number | "(" sum ")" [ "C(" sum ")" ] | "|" sum "|" | "√" ( number | "(" sum ")" ) ) [ "%" ]

The letter x multiplies only before an unsigned operand: `5x+10` is algebra, so no arithmetic at all. So does a
parenthesis that touches what stands before it, `5+2(3)`. Behind a division people read that both ways, `12/2(3)`,
as they do `25 / 1/3`, so neither is read here.

`%` before an unsigned operand is the remainder in [0, m) of whole numbers, and `//` the whole quotient; any
other `%` is a percentage. `√` is of perfect squares, `(n)C(k)` is a binomial coefficient. Length, depth,
exponent and magnitude are bounded.
"""

import re
from fractions import Fraction

from filters.chains.calculation import END, NUMBER, TOUCHING, Exact, Token, bounded, tokens
from filters.chains.operations import binomial, raised, square_root, whole_division
from filters.grammar import UnreadableError, check_depth, check_length

PER_CENT = Fraction(1, 100)

_FRACTION_BELOW = re.compile(r"[/÷] +[$£€]?[0-9.,]+[/÷][0-9]")  # 25 / 1/3
_OF_A_PRODUCT = ("*", "/", "//", "%", TOUCHING)


def evaluate(text: str, per_cent: Exact = PER_CENT) -> Exact:
    """The value, with percentages counted in `per_cent`: 1 where the sign is only a unit.

    Raises UnreadableError, TooLargeError, or ZeroDivisionError when it has none.
    """
    check_length(text)
    if _FRACTION_BELOW.search(text):
        raise UnreadableError("a fraction that stands behind a division is read both ways")
    reader = _Reader(tokens(text.rstrip(" \t")), per_cent)
    value = reader.sum()
    if reader.kind != END:
        raise UnreadableError(f"a calculation ends where its last operand ends, not with {reader.kind!r}")
    return value


class _Reader:
    """A position in a list of tokens; each method reads one rule of the grammar and returns its value."""

    def __init__(self, tokens: list[Token], per_cent: Exact) -> None:
        self.tokens, self.at, self.depth, self.per_cent = tokens, 0, 0, per_cent
        self.kind = tokens[0][0]  # of the next token

    def take(self) -> Token:
        token = self.tokens[self.at]
        if token[0] != END:
            self.at += 1
            self.kind = self.tokens[self.at][0]
        return token

    def sum(self) -> Exact:
        value = self.product()
        while self.kind in ("+", "-"):
            plus = self.take()[0] == "+"
            value = bounded(value + self.product() if plus else value - self.product())
        return value

    def product(self) -> Exact:
        value, divided = self.signed(), False
        while self.kind in _OF_A_PRODUCT:
            operator = self.take()[0]
            if operator == TOUCHING and divided:
                raise UnreadableError("a parenthesis that touches a divisor is read both ways")
            divided = operator not in ("*", TOUCHING)
            if operator in ("%", "//"):
                value = whole_division(operator, value, self.power())
            else:
                by = self.signed()
                value = bounded(Fraction(value) / by if operator == "/" else value * by)
        return value

    def signed(self) -> Exact:
        if self.kind in ("+", "-"):
            return -self.power() if self.take()[0] == "-" else self.power()
        return self.power()

    def power(self) -> Exact:
        base = self.operand()
        if self.kind != "^":
            return base
        self.take()
        self.deepen()
        exponent = self.signed()
        self.depth -= 1
        return raised(base, exponent)

    def operand(self) -> Exact:
        value = self.atom()
        if self.kind != "%" or self.tokens[self.at + 1][0] in (NUMBER, "("):  # the latter is a remainder
            return value
        self.take()
        return value * self.per_cent

    def atom(self) -> Exact:
        kind, value = self.take()
        if kind == NUMBER:
            return value
        if kind == "√":
            return self.root()
        if kind == "|":
            value = self.group("|")
            return -value if value < 0 else value
        if kind != "(":
            raise UnreadableError(f"an operand is a number or a parenthesis, not {kind!r}")
        value = self.group(")")
        if self.kind != "C":
            return value
        self.take()
        self.take()
        return binomial(value, self.group(")"))

    def group(self, closer: str) -> Exact:
        self.deepen()
        value = self.sum()
        self.depth -= 1
        if self.take()[0] != closer:
            raise UnreadableError(f"what opens must close, with {closer!r}")
        return value

    def root(self) -> Exact:
        kind, value = self.take()
        if kind == "(":
            return square_root(self.group(")"))
        if kind != NUMBER or self.kind in ("+", "-", "^"):
            raise UnreadableError("how far a root without a parenthesis reaches is read both ways")
        return square_root(value)

    def deepen(self) -> None:
        self.depth += 1
        check_depth(self.depth)
