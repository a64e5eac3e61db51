"""Text to tokens: LaTeX commands, plain spellings and Unicode signs of one thing become one token.

Only ASCII digits are digits. A comma before three digits belongs to the number unless brackets are open,
where it separates: 1,234 is a number and (1,234) a pair.
"""

import re
from dataclasses import dataclass

from filters.expressions.notation.vocabulary import (
    COMMANDS,
    ESCAPED,
    FUNCTIONS,
    GREEK,
    IGNORED,
    INFINITIES,
    PAIRS,
    PLAIN,
    SIGNS,
    SUPERSCRIPTS,
    UNITS,
    VULGAR_FRACTIONS,
)
from filters.grammar import UnreadableError, check_length
from filters.units import LETTERS

_TOKEN = re.compile(
    r"(?P<blank>\s+|\\[,;:!> ]|~|\\$)"
    r"|(?P<number>[0-9]+(?:\.[0-9]+)?|\.[0-9]+)"
    r"|\\(?:text|textbf|textit|textrm|textnormal|mathrm|mathbf|mathit|mbox|operatorname)\*? ?\{(?P<words>[^{}\\]*)\}"
    r"|\\(?P<environment>begin|end) ?\{(?P<kind>[a-z]{1,8}\*?)\}(?:\{[lcr| ]*\})?"
    r"|\\mathbb ?\{?(?P<double>[A-Z])\b\}?|\\mathbf ?\{(?P<bold>[A-Z])\}"
    r"|\\(?P<command>[A-Za-z]+)"
    r"|(?P<row>\\\\)|(?P<escaped>\\[{}%$|])"
    r"|(?P<letters>[A-Za-z]+)"
    r"|(?P<pair><=|>=|!=|==|\*\*|\.\.\.+)"
    r"|(?P<sign>[^\w\\]|_)",
    re.ASCII,
)
_GROUPED = re.compile(r"[1-9][0-9]{0,2}(?:,[0-9]{3})+(?![0-9,])(?:\.[0-9]+)?")
_SCIENTIFIC = re.compile(r"(?:[0-9]+(?:\.[0-9]+)?)[eE](?P<exponent>[-+]?[0-9]{1,3})(?![0-9A-Za-z.])")
_SEPARATED = re.compile(r"(?<=[0-9])(?: ?\{ ?, ?\} ?|, ?\\! ?|\\[,!])(?=[0-9]{3}(?![0-9]))")
_REPEATING = re.compile(
    r"(?P<fixed>[0-9]*\.[0-9]*)\\(?:overline|bar|dot) ?(?:\{(?P<period>[0-9]{1,20})\}|(?P<digit>[0-9]))"
)
_SUPERSCRIPT = re.compile(r"[⁰¹²³⁴-⁹⁻]+")
_COLOUR = re.compile(r"\\(?:text)?color ?\{(?!white)[A-Za-z]{1,20}\}")
_VECTOR = re.compile(r"\\(?:vec|mathbf|boldsymbol|overrightarrow)\b.*\\(?:times|cdot)\b", re.DOTALL)
_DIFFERENTIAL = re.compile(r"\\(?:partial|nabla)\b")


class UnknownNotationError(UnreadableError):
    """LaTeX that the grammar does not know, where a larger one may."""


@dataclass(frozen=True, slots=True)
class Token:
    """`kind` is number, symbol, function, words, begin, end, repeating, or else the sign itself with no text."""

    kind: str
    text: str = ""
    spaced: bool = False  # a blank stands before it


def tokens(text: str) -> list[Token]:
    """The tokens; UnreadableError for what no rule reads, TooLargeError for a text that is too long."""
    check_length(text)
    if _DIFFERENTIAL.search(text) or _VECTOR.search(text):
        raise UnreadableError("operators on functions and products of vectors are not what their letters say")
    text = _SUPERSCRIPT.sub(lambda run: f"^{{{run.group().translate(SUPERSCRIPTS)}}}", text)
    text = _COLOUR.sub("", _SEPARATED.sub("", text)).translate(VULGAR_FRACTIONS)
    found: list[Token] = []
    at = depth = 0
    spaced = False
    while at < len(text):
        at, token = _next(text, at, depth, spaced)
        spaced = token is None
        for part in token or ():
            depth += (part.kind in ("(", "[", "\\{")) - (part.kind in (")", "]", "\\}"))
            found.append(part)
    return found


def _next(text: str, at: int, depth: int, spaced: bool) -> tuple[int, list[Token] | None]:
    """Where the next token ends, and what it stands for; None is a blank."""
    if (special := _REPEATING.match(text, at)) is not None:
        return special.end(), [
            Token("repeating", f"{special['fixed']} {special['period'] or special['digit']}", spaced)
        ]
    if (special := _SCIENTIFIC.match(text, at)) is not None:
        return special.end(), [Token("number", special.group(), spaced)]
    if not depth and (special := _GROUPED.match(text, at)) is not None:
        return special.end(), [Token("number", special.group().replace(",", ""), spaced)]
    match = _TOKEN.match(text, at)
    if match is None:
        raise UnreadableError(f"an answer is written in ASCII, LaTeX and a few signs, not {text[at]!r}")
    return match.end(), _meaning(match, spaced)


def _meaning(match: re.Match[str], spaced: bool) -> list[Token] | None:
    kind = match.lastgroup
    value = match[kind] if kind else ""
    if kind == "blank" or (kind == "command" and value in IGNORED):
        return None
    if kind == "words":
        return _text_group(value, spaced)
    if kind == "letters":
        return _letters(value, spaced)
    if kind == "command":
        return [_command(value, spaced)]
    if kind == "number":
        return [Token("number", value, spaced)]
    if kind == "kind":
        return [Token(match["environment"], value, spaced)]
    if kind == "bold":
        return [Token("symbol", value, spaced)]
    if kind == "double":
        return [Token("reals" if value == "R" else "symbol", f"mathbb {value}", spaced)]
    return [_sign(kind, value, spaced)]


def _sign(kind: str | None, value: str, spaced: bool) -> Token:
    if kind == "row":
        return Token("row", spaced=spaced)
    if kind == "escaped":
        return Token(ESCAPED[value], spaced=spaced)
    if kind == "pair":
        return Token(PAIRS.get(value, "dots"), spaced=spaced)
    sign = SIGNS.get(value, value)
    return (
        Token("symbol", sign, spaced) if sign in GREEK else Token(sign, value if value == "√" else "", spaced)
    )


def _command(name: str, spaced: bool) -> Token:
    if name in FUNCTIONS:
        return Token("sqrt" if name == "sqrt" else "function", name, spaced)
    if name in GREEK:
        return Token("symbol", name, spaced)
    if name not in COMMANDS:
        raise UnknownNotationError(f"no such command is read: \\{name}")
    return Token(COMMANDS[name], spaced=spaced)


def _text_group(content: str, spaced: bool) -> list[Token]:
    """What stands in \\text{...}: a letter or a number as if it stood outside, words otherwise.

    Behind a blank `m`, `s`, `min` and `sec` are units.
    """
    inner = content.strip()
    if (spaced or content[:1].isspace()) and (inner in LETTERS or inner in ("min", "sec")):
        return [Token("words", inner, True)]
    if inner in ("and", "or", ","):
        return [Token(inner)]
    if inner in FUNCTIONS:
        return [Token("function", inner)]
    if re.fullmatch(r"\(?[A-Za-z0-9]\)?|[0-9.,]+", inner):
        return tokens(inner)
    return [Token("words", inner.rstrip("."), True)] if inner.strip(".") else []


def _letters(run: str, spaced: bool) -> list[Token]:
    """A run of plain letters: a function, a constant, a unit or words, else a product of single letters."""
    if len(run) == 1 or run in GREEK:
        return [Token("symbol", run, spaced)]
    if run in PLAIN:
        return [Token(run, spaced=spaced)]
    if run in FUNCTIONS:
        return [Token("function", run, spaced)]
    if run in INFINITIES:
        return [Token("inf", spaced=spaced)]
    if run in UNITS or len(run) > 3:
        return [Token("words", run, spaced)]
    return [Token("symbol", letter, spaced and place == 0) for place, letter in enumerate(run)]
