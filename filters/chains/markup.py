"""LaTeX written as plain arithmetic, so that one parser of claims reads both: `\\frac{1}{2} \\cdot 6` is
` ((1)/(2)) * 6`.

One pass over the commands and braces of a line, so linear. A command that is not arithmetic, such as `\\pi` or
`\\sqrt[3]`, stays as it is, and with it no side can be read. `2\\frac{1}{3}` becomes `2 ((1)/(3))`, which is none
either: a mixed number and a product are written alike.
"""

import re
from collections.abc import Iterator

CLAUSE_END = " ; "

_MARKUP = re.compile(r"[\\${&]")
_TOKEN = re.compile(
    r"\\[dtc]?frac ?(?P<top>[0-9])(?P<bottom>[0-9])|(?P<frac>\\[dtc]?frac *\{)"
    r"|(?P<binom>\\[dt]?binom *\{)|(?P<root>\\sqrt *\{)|(?P<bar> ?\\[lr]vert ?)"
    r"|(?P<words>\\(?:text(?:bf|it|rm)?|math(?:rm|bf)|mbox) *\{)|(?P<box>\\(?:boxed|fbox) *\{)"
    r"|(?P<degrees>\^(?:\\circ\b|\{\\circ\}))|(?P<comma>\{,\})|(?P<both>\} *\{)|(?P<brace>[{}])"
    r"|(?P<dollar>\$\$|\$(?! ?[.0-9]))|(?P<command>\\(?:[A-Za-z]+|.))|(?P<equals>&? ?= ?&)|(?P<aligned>& ?=)"
)
_COMMANDS = {
    "\\times": "*",
    "\\cdot": "*",
    "\\ast": "*",
    "\\div": "/",
    "\\left": "",
    "\\right": "",
    "\\big": "",
    "\\Big": "",
    "\\bmod": " mod ",
    "\\%": "%",
    "\\$": "$",
    "\\,": " ",
    "\\;": " ",
    "\\:": " ",
    "\\!": "",
    "\\ ": " ",
    **dict.fromkeys(
        ("\\[", "\\]", "\\(", "\\)", "\\\\", "\\quad", "\\qquad", "\\implies", "\\Rightarrow"), CLAUSE_END
    ),
}
_TOP, _FROM = ")/(", ")C("  # closes a numerator and opens its denominator; the same of a binomial


def plain(line: str) -> str:
    """The line with its LaTeX arithmetic in plain signs; a line without any as it is."""
    if not _MARKUP.search(line):
        return line
    return "".join(_pieces(line))


def _pieces(line: str) -> Iterator[str]:
    closers: list[str] = []  # what the closing of each open brace writes
    at = 0
    for token in _TOKEN.finditer(line):
        yield line[at : token.start()]
        at = token.end()
        kind, text = token.lastgroup, token.group()
        if kind == "bottom":
            yield f" (({token['top']})/({text[-1]}))"
        elif kind in ("frac", "binom"):
            closers.append(_TOP if kind == "frac" else _FROM)
            yield " (("
        elif kind == "root":
            closers.append(")")
            yield "√("
        elif kind in ("words", "box"):
            closers.append("")
            yield " " if kind == "words" else ""
        elif kind == "both":
            yield _both(closers)
        elif kind == "brace":
            yield _brace(text, closers)
        else:
            yield _sign(kind, text)
    yield line[at:]


def _both(closers: list[str]) -> str:
    """`}{`: the middle of a fraction or binomial, or the end of one group and the beginning of another."""
    closer = closers.pop() if closers else "}"
    if closer in (_TOP, _FROM):
        closers.append("))")
        return closer
    closers.append(")")
    return f"{closer}("


def _brace(text: str, closers: list[str]) -> str:
    if text == "{":
        closers.append(")")
        return "("
    return closers.pop() if closers else "}"


def _sign(kind: str | None, text: str) -> str:
    if kind == "command":
        return _COMMANDS.get(text, text)
    if kind == "bar":
        return " |" if "\\l" in text else "| "
    return {"comma": ",", "degrees": "", "dollar": CLAUSE_END if text == "$$" else " "}.get(kind or "", "=")
