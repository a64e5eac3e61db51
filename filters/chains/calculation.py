"""The tokens of a written calculation: exact numbers, and operators in one spelling each."""

import re
from fractions import Fraction

from filters.grammar import TooLargeError, UnreadableError, check_length

Exact = int | Fraction  # whole numbers stay int where they can: several times faster
Token = tuple[str, Exact]  # its kind, which is the operator itself, NUMBER or END; and the number's value

MAX_BITS = 1024  # of any numerator or denominator on the way
NUMBER, END = "number", ""
TOUCHING = "()"  # the operator between an operand and a parenthesis that touches it

_TOKEN = re.compile(
    r"[ \t]*(?:(?:[$£€] ?)?(?P<number>(?:[0-9]{1,3}(?:,[0-9]{3})+(?![0-9])|[0-9]+)(?:\.[0-9]+)?|\.[0-9]+)"
    r"|(?P<sign>\*\*|//|[-+*/%^()×·÷−√]|[xX](?= ?[0-9.$£€(√])|(?<=\))C(?=\()|\|(?=[-−0-9.(√|])|(?<=[0-9%)|])\|))"
)
_SPELLINGS = {"**": "^", "x": "*", "X": "*", "×": "*", "·": "*", "÷": "/", "−": "-"}


def operands(text: str) -> frozenset[Exact]:
    """The numbers that a calculation is written with; none if it is not in the grammar's alphabet."""
    try:
        check_length(text)
        return frozenset(value for kind, value in tokens(text.rstrip(" \t")) if kind == NUMBER)
    except (UnreadableError, TooLargeError):
        return frozenset()


def tokens(text: str) -> list[Token]:
    """Each token's kind, which is the operator itself or NUMBER, with the number's value; END at the end."""
    found: list[Token] = []
    before, at = "", 0
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise UnreadableError(f"a calculation has numbers and operators, not {text[at]!r}")
        if match["number"]:
            before = NUMBER
            found.append((before, _exact(match["number"])))
        else:
            if text[at] in "(√" and before in (NUMBER, ")"):
                found.append((TOUCHING, 0))
            before = _SPELLINGS.get(match["sign"], match["sign"])
            found.append((before, 0))
        at = match.end()
    found.append((END, 0))
    return found


def _exact(numeral: str) -> Exact:
    whole, _, decimals = numeral.replace(",", "").partition(".")
    if not decimals:
        return bounded(int(whole))
    return bounded(Fraction(int(whole + decimals), 10 ** len(decimals)))


def bounded(value: Exact) -> Exact:
    """The value itself; TooLargeError beyond MAX_BITS."""
    if max(value.numerator.bit_length(), value.denominator.bit_length()) > MAX_BITS:
        raise TooLargeError(f"a calculation stays below {MAX_BITS} bits")
    return value
