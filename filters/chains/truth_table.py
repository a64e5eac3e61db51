"""The truth table of a boolean side such as `(a&T)|!b`, as one number: see filters.truth_tables.

    either  = both { "|" both }
    both    = literal { "&" literal }
    literal = { "!" } ( name | "(" either ")" )

Names are the letters a to e and the constants T and F, so a table is 32 bits.
"""

from filters.grammar import UnreadableError, check_length
from filters.truth_tables import BooleanReader, everywhere, tables

LETTERS = "abcde"

_ALWAYS = everywhere(LETTERS)
_TABLES = {**tables(LETTERS), "T": _ALWAYS, "F": 0}


def truth_table(text: str) -> int:
    """32 bits, one for each assignment; two expressions are equal when these are. Raises UnreadableError or
    TooLargeError."""
    check_length(text)
    reader = BooleanReader("".join(text.split()), _TABLES, _ALWAYS)
    table = reader.whole(0)
    if reader.peek() != "":
        raise UnreadableError(f"an expression ends with its last operand, not with {reader.peek()!r}")
    return table
