"""The exact value of a written calculation such as `2*(3+4)^2/7`: a recursive-descent parser over Fractions.

    sum     = product { ("+" | "-") product }
    product = signed { ("*" | "x" | "/" | "%") signed }      all of one rank, left to right
    signed  = [ "+" | "-" ] power
    power   = atom [ ("^" | "**") signed ]                    right to left, small whole exponents
    atom    = number | "(" sum ")"

The letter x multiplies only before an unsigned operand: `5x+10` is algebra, so no arithmetic at all.
`%` is the remainder in [0, m) of whole numbers, never a percentage: its right side must be unsigned, so that
`100%-20` and `5%` are no arithmetic at all. Length, depth, exponent and magnitude are bounded.
"""

import re
from fractions import Fraction

from filters.grammar import TooLargeError, UnreadableError, check_depth, check_length

MAX_EXPONENT = 64
MAX_BITS = 1024  # of any numerator or denominator on the way

_TOKEN = re.compile(
    r"[ \t]*(?:(?:[$£€] ?)?(?P<number>(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<sign>\*\*|[-+*/%^()×·÷−]|[xX](?= ?[0-9.$£€(])))"
)
_SPELLINGS = {"**": "^", "x": "*", "X": "*", "×": "*", "·": "*", "÷": "/", "−": "-"}


def evaluate(text: str) -> Fraction:
    """The value. Raises UnreadableError, TooLargeError, or ZeroDivisionError when it has none."""
    check_length(text)
    reader = _Reader(_tokens(text.rstrip(" \t")))
    value = reader.sum()
    if reader.peek() != "":
        raise UnreadableError(f"a calculation ends where its last operand ends, not with {reader.peek()!r}")
    return value


def _tokens(text: str) -> list[str | Fraction]:
    tokens: list[str | Fraction] = []
    at = 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise UnreadableError(f"a calculation has numbers and operators, not {text[at]!r}")
        at = match.end()
        if match["number"]:
            tokens.append(_bounded(_exact(match["number"])))
        else:
            tokens.append(_SPELLINGS.get(match["sign"], match["sign"]))
    return tokens


def _exact(numeral: str) -> Fraction:
    whole, _, decimals = numeral.replace(",", "").partition(".")
    return Fraction(int(whole + decimals), 10 ** len(decimals))


def _bounded(value: Fraction) -> Fraction:
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise TooLargeError(f"a calculation stays below {MAX_BITS} bits")
    return value


class _Reader:
    """A position in a list of tokens; each method reads one rule of the grammar and returns its value."""

    def __init__(self, tokens: list[str | Fraction]) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0

    def peek(self) -> str | Fraction:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> str | Fraction:
        token = self.peek()
        self.at += 1
        return token

    def sum(self) -> Fraction:
        value = self.product()
        while self.peek() in ("+", "-"):
            value = _bounded(value + self.product() if self.take() == "+" else value - self.product())
        return value

    def product(self) -> Fraction:
        value = self.signed()
        while self.peek() in ("*", "/", "%"):
            operator = self.take()
            if operator == "%":
                value = _remainder(value, self.power())
            else:
                value = _bounded(value * self.signed() if operator == "*" else value / self.signed())
        return value

    def signed(self) -> Fraction:
        if self.peek() in ("+", "-"):
            return -self.power() if self.take() == "-" else self.power()
        return self.power()

    def power(self) -> Fraction:
        base = self.atom()
        if self.peek() != "^":
            return base
        self.take()
        self.deepen()
        exponent = self.signed()
        self.depth -= 1
        return _raised(base, exponent)

    def atom(self) -> Fraction:
        token = self.take()
        if isinstance(token, Fraction):
            return token
        if token != "(":
            raise UnreadableError(f"an operand is a number or a parenthesis, not {token!r}")
        self.deepen()
        value = self.sum()
        self.depth -= 1
        if self.take() != ")":
            raise UnreadableError("a parenthesis that opens must close")
        return value

    def deepen(self) -> None:
        self.depth += 1
        check_depth(self.depth)


def _remainder(value: Fraction, modulus: Fraction) -> Fraction:
    if value.denominator != 1 or modulus.denominator != 1 or modulus < 0:
        raise UnreadableError("a remainder is of a whole number by a positive whole number")
    return value % modulus


def _raised(base: Fraction, exponent: Fraction) -> Fraction:
    if exponent.denominator != 1:
        raise UnreadableError("an exponent is a whole number")
    bits = max(base.numerator.bit_length(), base.denominator.bit_length())
    if abs(exponent) > MAX_EXPONENT or bits * abs(exponent) > MAX_BITS:
        raise TooLargeError(f"an exponent is at most {MAX_EXPONENT} and its power below {MAX_BITS} bits")
    return Fraction(base ** int(exponent))
