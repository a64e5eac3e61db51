"""Truth tables as whole numbers, and what all grammars of boolean expressions share.

    either  = part { "|" part }
    part    = both                          grammars with more operators add to it
    both    = literal { "&" literal }
    literal = { "!" } ( name | "(" whole ")" )
    whole   = either                        and to this

With n names a table has 2^n bits, one for each assignment: bit r is the expression's value where the names that
are true are those at the places of r's ones. Each name is a fixed pattern of bits, and an operator works on all
rows at once.
"""

from collections.abc import Mapping, Sequence

from filters.grammar import UnreadableError, check_depth


def everywhere(names: Sequence[str]) -> int:
    """The table of what is always true."""
    return (1 << (1 << len(names))) - 1


def tables(names: Sequence[str]) -> dict[str, int]:
    """The table of each name: bit r is bit `place` of r."""
    patterns: dict[str, int] = {}
    for place, name in enumerate(names):
        width = 2 << place
        pattern = ((1 << (1 << place)) - 1) << (1 << place)
        while width < 1 << len(names):
            pattern |= pattern << width
            width *= 2
        patterns[name] = pattern
    return patterns


class BooleanReader:
    """A position in tokens, or in a text of one-letter ones; each method reads one rule and returns its table.

    `always` is the table of what is always true; `depth` counts the parentheses around a rule.
    """

    def __init__(self, tokens: Sequence[str], names: Mapping[str, int], always: int) -> None:
        self.tokens, self.names, self.always, self.at = tokens, names, always, 0

    def peek(self) -> str:
        return self.tokens[self.at] if self.at < len(self.tokens) else ""

    def skip(self, token: str) -> bool:
        found = self.peek() == token
        self.at += found
        return found

    def whole(self, depth: int) -> int:
        return self.either(depth)

    def either(self, depth: int) -> int:
        table = self.part(depth)
        while self.skip("|"):
            table |= self.part(depth)
        return table

    def part(self, depth: int) -> int:
        return self.both(depth)

    def both(self, depth: int) -> int:
        table = self.literal(depth)
        while self.skip("&"):
            table &= self.literal(depth)
        return table

    def literal(self, depth: int) -> int:
        flip = 0
        while self.skip("!"):
            flip ^= self.always
        if self.skip("("):
            check_depth(depth + 1)
            table = self.whole(depth + 1)
            if not self.skip(")"):
                raise UnreadableError("a parenthesis that opens must close")
            return table ^ flip
        name = self.peek()
        if name not in self.names:
            raise UnreadableError(f"names are {', '.join(self.names)}, not {name!r}")
        self.at += 1
        return self.names[name] ^ flip
