"""Several items between brackets: sets, tuples, intervals and matrices.

    set      = "\\{" "\\}" | "∅" | "ℝ" | "\\{" items "\\}" | "{" items "}" | "\\{" described "\\}"
    described = letter [ "∈" "ℝ" ] ( "|" | ":" ) answer
    brackets = ( "(" | "[" ) items ( ")" | "]" )
    items    = relation { ("," | ";") relation }
    matrix   = "\\begin{pmatrix}" row { "\\\\" row } [ "\\\\" ] "\\end"
    row      = quantity { "&" quantity }

Round brackets around one expression only group; around several items they are a tuple, and so are pointed
ones; a curly bracket that a comma follows is a set also without its backslash.
"""

from abc import abstractmethod

from filters.expressions.notation.quantities import QuantityReader
from filters.expressions.notation.tokens import UnknownNotationError
from filters.expressions.syntax import REALS, Braced, Bracketed, Matrix, Node
from filters.grammar import TooLargeError, UnreadableError

MAX_ITEMS = 64

_CLOSINGS = {"(": (")", "]"), "[": ("]", ")")}
_MATRICES = frozenset(["matrix", "pmatrix", "bmatrix", "Bmatrix", "smallmatrix", "array"])


class BracketReader(QuantityReader):
    """Each method reads one rule; those without a body are of answers.py."""

    @abstractmethod
    def answer(self) -> Node: ...

    @abstractmethod
    def relation(self) -> Node: ...

    def set_notation(self) -> Node:
        kind = self.take().kind
        if kind == "reals":
            return REALS
        if kind == "empty" or self.skip("\\}"):
            return Braced(())
        if (described := self.described()) is not None:
            return described
        return self.braced("\\}")

    def braced(self, closing: str) -> Braced:
        found = self.items()
        self.expect(closing)
        return Braced(found)

    def described(self) -> Node | None:
        """The condition in `{x | x > 3}` or `{x ∈ ℝ : x ≠ 2}`, after its brace; None for a list of items."""
        length = 3 if self.peek(1) == "in" and self.peek(2) == "reals" else 1
        if self.peek() != "symbol" or self.peek(length) not in ("|", ":"):
            return None
        self.at += length + 1
        condition = self.answer()
        self.expect("\\}")
        return condition

    def items(self) -> tuple[Node, ...]:
        found = [self.relation()]
        while self.skip(",", ";"):
            found.append(self.relation())
            if len(found) > MAX_ITEMS:
                raise TooLargeError(f"brackets hold at most {MAX_ITEMS} items")
        return tuple(found)

    def brackets(self) -> Bracketed | None:
        """Several items between round or square brackets; else None, and nothing is taken."""
        if not self._has_several_items():
            return None
        opening = self.take().kind
        found = self.items()
        closing = self.take().kind
        if closing not in _CLOSINGS[opening]:
            raise UnreadableError(f"a bracket {opening!r} closes with one of its kind, not {closing!r}")
        return Bracketed(opening, found, closing)

    def _has_several_items(self) -> bool:
        depth = 0
        for token in self.tokens[self.at :]:
            depth += (token.kind in ("(", "[", "{", "\\{")) - (token.kind in (")", "]", "}", "\\}"))
            if depth == 0:
                return False
            if depth == 1 and token.kind in (",", ";"):
                return True
        return False

    def closes_after_comma(self) -> bool:
        """Whether a comma stands between the next bracket and the one that closes it."""
        depth = commas = 0
        for token in self.tokens[self.at :]:
            depth += (token.kind in ("(", "[", "{")) - (token.kind in (")", "]", "}"))
            commas += depth == 1 and token.kind == ","
            if depth == 0:
                return commas > 0
        return False

    def matrix(self) -> Matrix:
        kind = self.take().text
        if kind not in _MATRICES:
            raise UnknownNotationError(f"environments that are read are matrices, not {kind!r}")
        rows = [self.row()]
        while self.skip("row"):
            if self.peek() != "end":
                rows.append(self.row())
        if self.take().kind != "end" or len({len(row) for row in rows}) > 1:
            raise UnreadableError("a matrix has rows of equal length and an end")
        return Matrix(tuple(rows))

    def row(self) -> tuple[Node, ...]:
        cells = [self.quantity()]
        while self.skip("&"):
            cells.append(self.quantity())
        return tuple(cells)
