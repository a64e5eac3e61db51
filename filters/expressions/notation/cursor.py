"""A position in a list of tokens, with the few moves that all rules of the grammar are made of."""

from filters.expressions.notation.tokens import Token
from filters.grammar import UnreadableError, check_depth


class Cursor:
    """Where the reader is: at which token, how deep, and whether between two bars that are to be closed."""

    def __init__(self, tokens: list[Token]) -> None:
        self.tokens, self.at, self.depth = tokens, 0, 0
        self.in_bars = False

    def peek(self, ahead: int = 0) -> str:
        """The kind of the next token, or of one further ahead; nothing at the end."""
        at = self.at + ahead
        return self.tokens[at].kind if at < len(self.tokens) else ""

    def follows(self, *kinds: str) -> bool:
        """Whether the next tokens are of these kinds."""
        return all(self.peek(ahead) == kind for ahead, kind in enumerate(kinds))

    def take(self) -> Token:
        if self.at >= len(self.tokens):
            raise UnreadableError("an answer ends where its last operand ends")
        token = self.tokens[self.at]
        self.at += 1
        return token

    def skip(self, *kinds: str) -> bool:
        """Whether the next token is of one of these kinds; then it is behind us."""
        found = self.peek() in kinds
        self.at += found
        return found

    def expect(self, kind: str) -> None:
        if not self.skip(kind):
            raise UnreadableError(f"expected {kind!r}, not {self.peek()!r}")

    def deepen(self) -> None:
        """One rule within another of its kind; whoever calls it takes one off the depth afterwards."""
        self.depth += 1
        check_depth(self.depth)
