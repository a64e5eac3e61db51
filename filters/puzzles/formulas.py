"""The truth table of a formula over given names, such as `Zoey -> !(Liam & Ann)`: see filters.truth_tables.

formula = implied { "<->" implied }
implied = either [ "->" implied ]           to the right
either  = one { "|" one }
one     = both { "^" both }                 exclusive or, binds before |
both    = literal { "&" literal }
literal = { "!" } ( name | "(" formula ")" )
"""

import re
from collections.abc import Mapping

from filters.grammar import UnreadableError, check_depth, check_length
from filters.truth_tables import BooleanReader, everywhere

_TOKEN = re.compile(r"\s*(<->|->|[!&^|()]|[^\W\d]\w*)")


def table(text: str, names: Mapping[str, int]) -> int:
    """The table of a formula over the tables of its names.

    Raises UnreadableError or TooLargeError, which are ValueErrors.
    """
    check_length(text)
    reader = _FormulaReader(_tokens(text), names, everywhere(list(names)))
    result = reader.whole(0)
    if reader.peek() != "":
        raise UnreadableError(
            f"a formula ends with its last operand, not with {reader.peek()!r}, in {text!r}"
        )
    return result


def _tokens(text: str) -> list[str]:
    tokens: list[str] = []
    at, text = 0, text.rstrip()
    while at < len(text):
        match = _TOKEN.match(text, at)
        if match is None:
            raise UnreadableError(f"a formula has names, ! & | ^ -> <-> ( ), not {text[at:].strip()[:1]!r}")
        tokens.append(match[1])
        at = match.end()
    return tokens


class _FormulaReader(BooleanReader):
    """With the arrows around the rules that are shared, and exclusive or among them."""

    def whole(self, depth: int) -> int:
        table = self.implied(depth)
        while self.skip("<->"):
            table ^= self.always ^ self.implied(depth)
        return table

    def implied(self, depth: int) -> int:
        check_depth(depth)
        table = self.either(depth)
        if self.skip("->"):
            return (table ^ self.always) | self.implied(depth + 1)
        return table

    def part(self, depth: int) -> int:
        table = self.both(depth)
        while self.skip("^"):
            table ^= self.both(depth)
        return table
