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
from math import comb, isqrt

from filters.chains.calculation import END, MAX_BITS, NUMBER, TOUCHING, Exact, Token, bounded, tokens
from filters.grammar import TooLargeError, UnreadableError, check_depth, check_length

MAX_EXPONENT = 64
MAX_CHOOSE = 1000  # of so many, every binomial coefficient is below MAX_BITS bits
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
                value = _whole_division(operator, value, self.power())
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
        return _raised(base, exponent)

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
        return _binomial(value, self.group(")"))

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
            return _root(self.group(")"))
        if kind != NUMBER or self.kind in ("+", "-", "^"):
            raise UnreadableError("how far a root without a parenthesis reaches is read both ways")
        return _root(value)

    def deepen(self) -> None:
        self.depth += 1
        check_depth(self.depth)


def _whole_division(operator: str, value: Exact, by: Exact) -> Exact:
    if value.denominator != 1 or by.denominator != 1 or by < 0:
        raise UnreadableError("a remainder is of a whole number by a positive whole number")
    return value % by if operator == "%" else value // by


def _root(square: Exact) -> Exact:
    if square < 0:
        raise UnreadableError("a root is of no negative number")
    root: Fraction = Fraction(isqrt(square.numerator), isqrt(square.denominator))
    if root * root != square:
        raise UnreadableError("a root is of a perfect square")
    return root


def _binomial(n: Exact, k: Exact) -> int:
    if n.denominator != 1 or k.denominator != 1 or n < 0 or k < 0:
        raise UnreadableError("a binomial coefficient is of whole numbers from 0")
    if n > MAX_CHOOSE:
        raise TooLargeError(f"a binomial coefficient is of at most {MAX_CHOOSE}")
    return comb(int(n), int(k))


def _raised(base: Exact, exponent: Exact) -> Exact:
    if exponent.denominator != 1:
        raise UnreadableError("an exponent is a whole number")
    power = int(exponent)
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if abs(power) > MAX_EXPONENT or bits * abs(power) > MAX_BITS:
        raise TooLargeError(f"an exponent is at most {MAX_EXPONENT} and its power below {MAX_BITS} bits")
    return Fraction(Fraction(base) ** power)
