"""A unit that cancels taken out of a claim: `3 cm + 4 cm = 7 cm` is `3 + 4 = 7 cm`, and `8cm` is `8 cm`.

It goes only where the result has the same unit as every term of a sum, or as one factor of a product; any word
may then be one, `million` too. `5 feet = 60 inches` and `2 hours + 30 minutes` keep theirs, so they claim nothing.
Units that touch their number, where two letters may as well be algebra, come from a list.
"""

import re

_NUMBER = (
    r"(?:[$£€] ?)?(?:[0-9]{1,3}(?:,[0-9]{3}){1,9}(?![0-9])|[0-9]{1,40})(?:\.[0-9]{1,40})?(?:/[0-9]{1,9})?"
)
_BLANKS = " {0,3}"
_AGAIN = rf"{_NUMBER} {{1,3}}(?P=unit)(?:e?s)?\b"
_UNIT = r" {1,3}(?P<unit>[A-Za-z]{2,20}?)(?:e?s)?\b"
_RESULT = rf"(?={_BLANKS}={_BLANKS}{_AGAIN})"

_MEASURED = re.compile(
    r"[0-9] {0,3}(?:[A-Za-z]{2,21} {0,3}[-+−*×·/÷x=]|[cmk]m|[km]g|m[lL]|lb|oz|ft|mph|hr|min|sec|USD)"
)
_GLUED = re.compile(r"(?<=[0-9])(?=(?:[cmk]m|[km]g|m[lL]|lbs?|oz|ft|mph|hrs?|mins?|secs?|USD)\b)")
_SUM = re.compile(
    rf"(?<![0-9.,])(?P<first>{_NUMBER}){_UNIT}(?P<rest>(?:{_BLANKS}[-+−]{_BLANKS}{_AGAIN}){{0,8}}){_RESULT}"
)
_PRODUCT = re.compile(
    rf"(?<![0-9.,])(?P<first>{_NUMBER}){_UNIT}(?P<rest>(?:{_BLANKS}[*×·/÷x]{_BLANKS}{_NUMBER}){{1,4}}){_RESULT}"
)
_WORD = re.compile(r" *[A-Za-z]{2,21}")


def without_like_units(line: str) -> str:
    """The line without the units that cancel; those of the results stay, as a word behind a number."""
    if not _MEASURED.search(line):
        return line
    return _PRODUCT.sub(_numbers, _SUM.sub(_numbers, _GLUED.sub(" ", line)))


def _numbers(found: re.Match[str]) -> str:
    return found["first"] + _WORD.sub("", found["rest"])
