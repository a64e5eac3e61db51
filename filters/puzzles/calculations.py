"""A calculation with the numbers of a list, its value, and which numbers it uses.

    answer  = sum [ "=" numeral ]                  the numeral must be the value
    sum     = product { ("+" | "-") product }
    product = atom { ("*" | "/") atom }            each of one rank, left to right, in exact fractions
    atom    = numeral | "(" sum ")"

A numeral is a whole number of the list as it is written there: no signs, decimals, separators or powers, and no
number made of the digits of two. `×`, `·`, `x` and `÷`, `−`, also as LaTeX writes them, are operators too.
"""

import re
from dataclasses import dataclass
from fractions import Fraction

from filters.grammar import UnreadableError, check_depth

_LATEX = {
    "\\times": "×",
    "\\cdot": "·",
    "\\div": "÷",
    "\\left(": "(",
    "\\right)": ")",
    "\\ ": " ",
    "\\,": " ",
}
_TOKEN = re.compile(r"[ \t]*(?P<token>[0-9]{1,10}(?![0-9])|[-+*/()=×·÷−x])", re.ASCII)
_SPELLINGS = {"×": "*", "·": "*", "x": "*", "÷": "/", "−": "-"}


@dataclass(frozen=True, slots=True)
class Calculation:
    """`claimed` is what the text says after an equals sign, None without one."""

    value: Fraction
    claimed: int | None
    used: tuple[int, ...]


def calculated(text: str) -> Calculation:
    """Raises UnreadableError, TooLargeError, or ZeroDivisionError."""
    reader = _Reader(_tokens(text))
    value, claimed = reader.answer()
    return Calculation(value, claimed, tuple(reader.used))


def _tokens(text: str) -> list[int | str]:
    for command, sign in _LATEX.items():
        text = re.sub(re.escape(command) + (r"(?![A-Za-z])" if command[-1].isalpha() else ""), sign, text)
    tokens: list[int | str] = []
    at, text = 0, text.rstrip(" \t")
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise UnreadableError(f"an answer has whole numbers and + - * / ( ), not {text[at]!r}")
        token, at = match["token"], match.end()
        if token[0] == "0" and len(token) > 1:
            raise UnreadableError(f"a number is written as it was given, not {token}")
        tokens.append(int(token) if token.isdigit() else _SPELLINGS.get(token, token))
    return tokens


class _Reader:
    """A position in a list of tokens; each method reads one rule of the grammar and returns its value."""

    def __init__(self, tokens: list[int | str]) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0
        self.used: list[int] = []

    def peek(self) -> int | str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def take(self) -> int | str:
        token = self.peek()
        self.at += 1
        return token

    def answer(self) -> tuple[Fraction, int | None]:
        value = self.sum()
        claimed = self.claim() if self.peek() == "=" else None
        if self.peek() != "":
            raise UnreadableError(f"an answer ends with its last operand, not with {self.peek()!r}")
        return value, claimed

    def claim(self) -> int:
        self.take()
        number = self.take()
        if not isinstance(number, int):
            raise UnreadableError(f"a calculation equals a whole number, not {number!r}")
        return number

    def sum(self) -> Fraction:
        value = self.product()
        while self.peek() in ("+", "-"):
            value = value + self.product() if self.take() == "+" else value - self.product()
        return value

    def product(self) -> Fraction:
        value = self.atom()
        while self.peek() in ("*", "/"):
            value = value * self.atom() if self.take() == "*" else value / self.atom()
        return value

    def atom(self) -> Fraction:
        token = self.take()
        if isinstance(token, int):
            self.used.append(token)
            return Fraction(token)
        if token != "(":
            raise UnreadableError(f"an operand is a whole number or a parenthesis, not {token!r}")
        self.depth += 1
        check_depth(self.depth)
        value = self.sum()
        self.depth -= 1
        if self.take() != ")":
            raise UnreadableError("a parenthesis that opens must close")
        return value
