"""The truth table of a boolean expression such as `(a&T)|!b`, as one number.

    either  = both { "|" both }
    both    = literal { "&" literal }
    literal = { "!" } ( name | "(" either ")" )

Names are the letters a to e and the constants T and F. There are 32 assignments to five letters, so a table
is 32 bits, each letter is a fixed pattern of bits, and the operators work on all rows at once.
"""

from filters.grammar import UnreadableError, check_depth, check_length

LETTERS = "abcde"

_ROWS = 1 << len(LETTERS)
_ALL = (1 << _ROWS) - 1
_TABLES = {
    "T": _ALL,
    "F": 0,
    **{
        letter: sum(1 << row for row in range(_ROWS) if row >> place & 1)
        for place, letter in enumerate(LETTERS)
    },
}


def truth_table(text: str) -> int:
    """32 bits, one for each assignment; two expressions are equal when these are. Raises UnreadableError or
    TooLargeError."""
    check_length(text)
    reader = _Reader("".join(text.split()))
    table = reader.either(0)
    if reader.at != len(reader.text):
        raise UnreadableError(f"an expression ends with its last operand, not with {reader.peek()!r}")
    return table


class _Reader:
    """A position in a text; each method reads one rule of the grammar and returns its table."""

    def __init__(self, text: str) -> None:
        self.text, self.at = text, 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def skip(self, symbol: str) -> bool:
        found = self.peek() == symbol
        self.at += found
        return found

    def either(self, depth: int) -> int:
        table = self.both(depth)
        while self.skip("|"):
            table |= self.both(depth)
        return table

    def both(self, depth: int) -> int:
        table = self.literal(depth)
        while self.skip("&"):
            table &= self.literal(depth)
        return table

    def literal(self, depth: int) -> int:
        flip = 0
        while self.skip("!"):
            flip ^= _ALL
        if self.skip("("):
            check_depth(depth + 1)
            table = self.either(depth + 1)
            if not self.skip(")"):
                raise UnreadableError("a parenthesis that opens must close")
            return table ^ flip
        name = self.peek()
        if name not in _TABLES:
            raise UnreadableError(f"names are {LETTERS}, T and F, not {name!r}")
        self.at += 1
        return _TABLES[name] ^ flip
