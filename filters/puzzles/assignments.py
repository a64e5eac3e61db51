"""A list such as `A: red, B = green and C is blue`, read against the names and values of one puzzle.

    list  = entry { ("," | ";" | "." | "and") entry } [ "," | ";" | "." ]
    entry = name ( ":" | "=" | "is" ) value

in one line or several, each perhaps with a bullet, a number or JSON's braces and quotes. Names are those of the
puzzle, in their case; a name never matches the beginning of a longer one. Bold, quotes and `\\text{}` do not count.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from filters.puzzles.regions import Rejected
from filters.puzzles.runs import only_run

_STYLED = re.compile(r"\\(?:text(?:bf|it|rm|sf)?|math(?:bf|rm|sf|it)|mbox) ?\{([^{}]*)\}")
_INVISIBLE = re.compile(r"[*`$\"“”]|(?<!\w)'|'(?!\w)|\\\\(?=\s|$)")
_BULLET = re.compile(r"[ \t]*(?:[-•+]|[0-9]{1,3}[.)]|\([0-9]{1,3}\))[ \t]+")
_BETWEEN = re.compile(r"[ \t]*(?:[,;.][ \t]*(?:and[ \t]+)?|[ \t]and[ \t]+)")
_SET = r"(?:[ \t]*[:=][ \t]*|[ \t]+is[ \t]+)"


@dataclass(frozen=True, slots=True)
class Form:
    """How one puzzle's entries look: `start` matches a name and what sets it, `entry` the value too."""

    start: re.Pattern[str]
    entry: re.Pattern[str]


def form(names: tuple[str, ...], value: str, kind: str) -> Form:
    """The form of entries that give each of the names a value; both patterns are for text without marks.

    `kind` is a pattern of words that may stand before a name, such as `node`.
    """
    longest_first = "|".join(re.escape(name) for name in sorted(names, key=len, reverse=True))
    start = rf"[ \t]*(?:(?i:{kind})[ \t]+)?(?P<name>{longest_first}){_SET}"
    entry = rf"{start}(?P<value>{value})(?![\w-])"
    return Form(re.compile(start, re.ASCII), re.compile(entry, re.ASCII))  # ASCII: the kelvin sign is no k


def assignments(
    text: str, names: tuple[str, ...], entries: Form, meaning: Callable[[str], str]
) -> dict[str, str]:
    """What a region gives each name, in the order of `names`: the meaning of the value said.

    Raises Rejected: unreadable, hedge; contradictory (wrong) or repeated, where a name has two values or one twice;
    incomplete, where it has none.
    """
    pairs = only_run(text, lambda line: _read_line(line, entries))
    found: dict[str, list[str]] = {name: [] for name in names}
    for name, value in pairs:
        found[name].append(meaning(value))
    for name, values in found.items():
        if len(set(values)) > 1:
            raise Rejected("contradictory", f"{name} is {' and '.join(sorted(set(values)))}", "wrong")
    for name, values in found.items():
        if len(values) > 1:
            raise Rejected("repeated", f"{name} is named {len(values)} times")
        if not values:
            raise Rejected("incomplete", f"nothing is said of {name}")
    return {name: value for name, [value] in found.items()}


def _read_line(line: str, entries: Form) -> list[tuple[str, str]] | None:
    line = unmarked(line)
    bullet = _BULLET.match(line)
    line = line[bullet.end() if bullet else 0 :].strip()
    if line in ("", "{", "}", "---"):
        return []
    line = line.removeprefix("{").rstrip(" \t,;.").removesuffix("}").rstrip(" \t,;.")
    pairs: list[tuple[str, str]] = []
    at = 0
    while match := entries.entry.match(line, at):
        pairs.append((match["name"], match["value"]))
        if match.end() == len(line):
            return pairs
        between = _BETWEEN.match(line, match.end())
        if between is None:
            return None
        at = between.end()
    return None


def unmarked(line: str) -> str:
    """Without bold, quotes, dollars and LaTeX's styles."""
    return _INVISIBLE.sub("", _STYLED.sub(r"\1", line))
