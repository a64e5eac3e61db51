"""Answers by recursive descent: lists, equations, inequalities, sets and words, and all that these are made of.

    answer   = relation { ("," | ";" | "or" | "and") relation }
    relation = sets { ("=" | "!=" | "<" | "<=" | ">" | ">=" | "in" | "approx") sets }
    sets     = item { ("∪" | "∩" | "\\setminus") item }
    item     = set | brackets | matrix | "(" matrix ")" | quantity | words | "…"      see brackets.py, quantities.py

A comma may stand before `or` and `and`. Before these rules come those for a whole text: words alone, digits in
a base `4210_7`, a label that is no variable `f(2) = answer`, and blanks between thousands `1 000 000`.
"""

import re
from functools import lru_cache

from filters.expressions.notation.brackets import MAX_ITEMS, BracketReader
from filters.expressions.notation.marks import bare
from filters.expressions.notation.quantities import with_unit
from filters.expressions.notation.tokens import tokens
from filters.expressions.notation.words import NO_SOLUTION, is_unit, words_alone
from filters.expressions.syntax import Based, Braced, Listing, Node, Relation, SetOperation, Words
from filters.grammar import MAX_CHARACTERS, TooLargeError, UnreadableError

_RELATIONS = frozenset(["=", "!=", "<", "<=", ">", ">=", "in", "approx"])
_SET_OPERATIONS = frozenset(["cup", "cap", "setminus"])

_BASED = re.compile(r"\(?([0-9A-Z]+)\)?_ ?(?:\{ ?([0-9]+) ?\}|([0-9]+))")
_LABEL = re.compile(
    r"(?P<name>[A-Za-z](?:_[0-9]|\^\{-1\})?'?\s?(?:\\left)?\([^()=]{1,12}\)"  # f(x), P(A)
    r"|m? ?\\(?:angle|triangle|measuredangle|overline) ?\{?[A-Z]{1,4}\}?"
    r"|[A-Z]{2,4}|\[[A-Z]{3,4}\])\s?(?:=(?!=)|\\approx\b)"
)
_A_LABEL = _LABEL.pattern.replace("?P<name>", "?:")
_JOINT = r"(?:[,;]|\\text ?\{ ?(?:and|or) ?\}|\b(?:and|or)\b)"
_BEFORE_LABEL = re.compile(rf"(?:\s*[,;])?\s*{_JOINT}\s*(?={_A_LABEL})")
_NOT_IN_A_LABEL = re.compile(r"\s|\\right|\\left")
_UNIT_WORDS = re.compile(r"(?P<value>.*[0-9)}\]%])\s+(?P<unit>[A-Za-z][A-Za-z. -]*?(?:\^[23])?)", re.DOTALL)
_SPACED = re.compile(r"-?[1-9][0-9]{0,2}(?: [0-9]{3})+(?:\.[0-9]+)?")


@lru_cache(maxsize=4096)  # the key is read again for every sample of its problem
def read_answer(text: str) -> Node:
    """The tree of a final answer. Raises UnreadableError, or TooLargeError beyond the bounds of the room."""
    if len(text) > MAX_CHARACTERS:
        raise TooLargeError(f"an answer has at most {MAX_CHARACTERS} characters, not {len(text)}")
    text = bare(text)
    if (words := words_alone(text)) is not None:
        return words
    if (based := _BASED.fullmatch(text)) is not None:
        return Based(based[1].lstrip("0") or "0", int(based[2] or based[3]))
    if (label := _LABEL.match(text)) is not None:
        parts = _BEFORE_LABEL.split(text)
        if len(parts) > 1:
            return Listing(tuple(map(read_answer, parts)), ",")
        name = Words(_NOT_IN_A_LABEL.sub("", label["name"]))
        return Relation((name, read_answer(text[label.end() :])), ("=",))
    if _SPACED.fullmatch(text):
        text = text.replace(" ", "")
    if (parted := _UNIT_WORDS.fullmatch(text)) is not None and is_unit(parted["unit"]):
        return with_unit(_read(parted["value"]), parted["unit"])
    return _read(text)


def _read(text: str) -> Node:
    reader = _AnswerReader(tokens(text))
    node = reader.answer()
    if reader.peek():
        raise UnreadableError(f"an answer ends where its last operand ends, not with {reader.peek()!r}")
    return node


class _AnswerReader(BracketReader):
    """Each method reads one rule."""

    def answer(self) -> Node:
        items, joint = [self.relation()], ""
        while self.peek() in (",", ";", "or", "and"):
            found = self.take().kind
            if found in (",", ";") and self.peek() in ("or", "and"):
                found = self.take().kind
            joint = found if found in ("or", "and") else joint or ","
            items.append(self.relation())
            if len(items) > MAX_ITEMS:
                raise TooLargeError(f"a list has at most {MAX_ITEMS} items")
        return Listing(tuple(items), joint) if joint else items[0]

    def relation(self) -> Node:
        sides, operators = [self.sets()], []
        while self.peek() in _RELATIONS:
            operators.append(self.take().kind)
            sides.append(self.sets())
        return Relation(tuple(sides), tuple(operators)) if operators else sides[0]

    def sets(self) -> Node:
        value = self.item()
        while self.peek() in _SET_OPERATIONS:
            value = SetOperation(self.take().kind, value, self.item())
        return value

    def item(self) -> Node:
        kind = self.peek()
        if kind in ("\\{", "empty", "reals"):
            return self.set_notation()
        if kind == "{" and self.closes_after_comma():
            self.take()
            return self.braced("}")
        if kind == "begin":
            return self.matrix()
        if self.follows("(", "begin"):
            self.take()
            matrix = self.matrix()
            self.expect(")")
            return matrix
        if kind in ("(", "[") and (bracketed := self.brackets()) is not None:
            return bracketed
        if kind == "words":
            return self.words()
        return Words("...") if self.skip("dots") else self.quantity()

    def words(self) -> Node:
        found = [self.take().text]
        while self.peek() == "words":
            found.append(self.take().text)
        text = " ".join(" ".join(found).split())
        if text.islower() or text.istitle() or text.isupper() or " " in text:
            text = text.lower()  # only a word such as BaC means its capitals
        return Braced(()) if text in NO_SOLUTION else Words(text)
