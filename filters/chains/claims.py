"""Where a text claims that things are equal: chains of sides such as `3+5+2=8+2=10`, line by line.

GSM8K's annotations `<<16-3=13>>` are chains of their own. In the rest of a line every `=` joins the side
that ends before it to the side that begins after it. Words bound a side, as in `so 3 + 4 = 7 eggs`, but
only where they cannot change its value: the 3+5 of `half of 3+5`, the 9 of `9 squared` and the 1.5 of
`1.5 million` are no sides. A side of symbols, such as `x` or `9*A`, stays in its chain; equality carries
across it. LaTeX, words and units are read as filters.chains.markup, wording and units write them;
`\\approx` claims nothing. A line that begins with `=` continues the one before it.
"""

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import takewhile

from filters.chains.markup import plain
from filters.chains.units import without_like_units
from filters.chains.wording import in_signs

MAX_ANNOTATION = 500  # characters
MAX_CARRIED = 2  # sides of the line before, so that reading stays linear
_END = ";"  # of a clause

OPERATION = re.compile(r"[0-9)] ?(?:%? ?[-+−*×·/÷^xX]|% ?[0-9(])|[0-9)]\(|\)C\(|[&|!√]")

_ANNOTATION = re.compile(rf"<<([^<>\n]{{0,{MAX_ANNOTATION}}})>>")
_BULLET = re.compile(r"[ \t]*(?:[-*•][ \t]+|[0-9]{1,3}[.)][ \t]+)")
_CLAUSE = re.compile(r"[,;](?![0-9]{3}(?![0-9]))|[.:?](?=\s|$)|[=-]>|[→⇒]")
_EQUALS = re.compile(r"=+")
_CONTINUES = re.compile(r"[ \t&$]*=(?!>)")
_CALCULATION = re.compile(r"[0-9.,$£€+\-−*×·/÷%^()xX√C|]+")
_BOOLEAN = re.compile(r"[a-eTF&|!()]+")
_SYMBOLS = re.compile(r"[A-Za-z0-9.+\-*/%^()&|!]+")
_OPERAND = re.compile(r"[0-9.$£€(√|]")
_OPERATORS = "+-−*×·/÷^"
_WORD = re.compile(r"[^\W\d_][^\W\d_'’-]+")
_BEFORE = re.compile(
    r"of|half|twice|thrice|double|triple|times|plus|minus|by|to|and|less|than|from"
    r"|sin|cos|tan|log|ln|exp|sqrt|root|negative|mod|about|approximately|around|roughly|nearly|almost",
    re.I,
)
_AFTER = re.compile(
    r"hundred|thousand|million|billion|trillion|dozen|percent|and|or|of|times|plus|minus|half"
    r"|mod|modulo|rem|remainder|with|base|squared|cubed|multiplied|divided|choose"
    r"|halves|thirds?|quarters?|(?:four|fif|six|seven|eigh|nin|ten|hundred|thousand)ths?",
    re.I,
)


@dataclass(frozen=True, slots=True)
class Chain:
    """At least two sides that the text says are equal; some may be neither arithmetic nor boolean."""

    sides: tuple[str, ...]
    line: int = 1  # of the text, from 1

    def __str__(self) -> str:
        return "=".join(self.sides)


def chains(text: str) -> Iterator[Chain]:
    """Every chain, in the order of the lines; in a line the annotations come first."""
    before = ""  # the last line with anything in it
    left: list[str] | None = None  # the sides that it leaves open, where known
    for number, line in enumerate(text.split("\n"), start=1):
        if "=" not in line and "equals " not in line and "is equal to " not in line:
            if line and not line.isspace():
                before, left = line, None
            continue
        for annotation in _ANNOTATION.finditer(line):
            if "=" in annotation[1]:
                yield _chain(annotation[1].split("="), number)
        line = _ANNOTATION.sub("", line)
        if not _CONTINUES.match(line):
            left = []
        elif left is None:
            left = _last(_claims(before, []))
        for sides in _claims(line, left[-MAX_CARRIED:]):
            if len(sides) > 1:
                yield _chain(sides, number)
            left = sides
        before = line


def _chain(sides: list[str], line: int) -> Chain:
    return Chain((_opened(sides[0]), *sides[1:-1], _closed(sides[-1])), line)


def _last(claims: Iterable[list[str]]) -> list[str]:
    *_, last = claims
    return last


def _claims(line: str, sides: Sequence[str]) -> Iterator[list[str]]:
    """The sides of each chain of a line, the first of which continues `sides`; lists of one side claim nothing."""
    line = without_like_units(in_signs(plain(line)))
    bullet = _BULLET.match(line)
    line = _CLAUSE.sub(f" {_END} ", line[bullet.end() if bullet else 0 :]).rstrip(" ;")
    pieces, sides = _EQUALS.split(line), list(sides)
    for piece in pieces[1:] if sides else pieces:
        chunks = piece.split()
        if _is_side(chunks):
            sides.append(" ".join(chunks))
        else:
            yield [*sides, *_closing(chunks)]
            sides = _opening(chunks)
    yield sides


def _is_side(chunks: list[str]) -> bool:
    """Whether all that stands between two equals signs is one side."""
    if len(chunks) == 1 and _SYMBOLS.fullmatch(chunks[0]):
        return True
    return bool(chunks) and any(all(map(kind.fullmatch, chunks)) for kind in (_CALCULATION, _BOOLEAN))


def _closing(chunks: list[str]) -> list[str]:
    """The side that begins a piece of prose, such as the 7 of `7 eggs`: none or one."""
    side = list(takewhile(_CALCULATION.fullmatch, chunks))
    after = chunks[len(side)] if len(side) < len(chunks) else _END
    if len(side) + 1 < len(chunks) and chunks[len(side) + 1][0] in _OPERATORS:  # 7 eggs + 3 eggs
        return []
    bounded = after in (_END, "a") or (_WORD.match(after) and not _AFTER.fullmatch(after))
    return [" ".join(side)] if side and bounded else []


def _opening(chunks: list[str]) -> list[str]:
    """The calculation that ends a piece of prose, such as the 3 + 4 of `so 3 + 4`: none or one."""
    side = list(takewhile(_CALCULATION.fullmatch, reversed(chunks)))[::-1]
    before = chunks[-1 - len(side)].lstrip("(") if len(side) < len(chunks) else _END
    bounded = before == _END or (_WORD.fullmatch(before) and not _BEFORE.fullmatch(before))
    text = " ".join(side)
    computes = _OPERAND.match(text) and OPERATION.search(text)
    return [text] if bounded and computes else []


def _opened(side: str) -> str:
    """A first side without the one parenthesis that the sentence opens before it, as in `(3+4=7)`."""
    return side[1:] if side.startswith("(") and side.count("(") - side.count(")") == 1 else side


def _closed(side: str) -> str:
    """A last side without the one parenthesis that the sentence closes behind it."""
    return side[:-1] if side.endswith(")") and side.count(")") - side.count("(") == 1 else side
