"""Arithmetic in words and in typography written as plain signs, so that one parser of claims reads both:
`3 plus 4 equals 7`, `17 mod 5 = 2`, `4 choose 2 = 6`, `half of 10 = 5`, `2³ = 8`, `½*4 = 2`, `3+4 = **7**`.

Only what has one reading is rewritten. Words of two ranks, `2 plus 3 times 4`, or beside a sign, `3 + 8 mod 11`,
are read by people in more ways: what is left of them in words bounds the side in filters.chains.claims. Nor is
`17 = 2 mod 5` an equality, or `3/4 is equal to $15`.
"""

import re
from unicodedata import normalize

_NUMBER = r"(?:[$£€] ?)?(?:[0-9]{1,3}(?:,[0-9]{3}){1,9}(?![0-9])|[0-9]{1,40})(?:\.[0-9]{1,40})?"
_STARTS = r"(?<![^ (])(?<![^A-Za-z:;,.(] )"  # a word of its own, behind no number and no sign
_EQUAL = r" (?:equals|is equal to) (?=[-−]?(?:[$£€] ?)?\.?[0-9])"
_CLAIMED = r"(?= {0,3}(?:=|equals\b|is equal to\b))"

_WORDS = re.compile(
    r"[0-9)|] (?: {0,2}mod|plus|minus|times|multiplied|divided|choose|equals|is equal)|[%f0-9] of [0-9$£€]|sqrt\("
)
_OPERATION = re.compile(
    rf"{_STARTS}{_NUMBER}(?:(?: (?:plus|minus) {_NUMBER}){{1,9}}"
    rf"|(?: (?:times|multiplied by|divided by) {_NUMBER}){{1,9}})(?:(?= {{0,3}}=)|{_EQUAL})"
)
_OPERATOR = re.compile(r"plus|minus|times|multiplied by|divided by|equals|is equal to")
_SIGNS = {
    "plus": "+",
    "minus": "-",
    "times": "*",
    "multiplied by": "*",
    "divided by": "/",
    "equals": "=",
    "is equal to": "=",
}
_SHARE = re.compile(
    r"(?<![^\s(])(?:(?P<half>[Hh]alf)|(?P<share>[0-9]{1,9}(?:(?:\.[0-9]{1,9})?%|/[0-9]{1,9})))"
    rf" of (?P<whole>{_NUMBER}){_CLAIMED}"
)
_CHOOSE = re.compile(rf"{_STARTS}([0-9]{{1,9}}) choose ([0-9]{{1,9}}){_CLAIMED}")
_REMAINDER = re.compile(
    rf"{_STARTS}([0-9]{{1,40}}(?: ?[*×·^] ?[0-9]{{1,40}})?) {{1,3}}mod {{1,3}}([0-9]{{1,40}}){_CLAIMED}"
)
_ROOT = re.compile(r"(?<![A-Za-z0-9\\])sqrt(?=\()")
# Behind an operation other than a division: in `3/4 is equal to $15`, 3/4 is a share of something.
_EQUALS = re.compile(rf"([-+−*×·^%√C|] ?\(?[0-9][0-9.,]{{0,40}}[)|]{{0,3}}){_EQUAL}")

_BOLD = re.compile(r"(?<![^\s=($£€])\*\*(?=[^\s*])([^*]{1,200})(?<=\S)\*\*(?![0-9(])")
_SUPERSCRIPTS = re.compile(r"(?<=[0-9)])⁻?[⁰¹²³⁴-⁹]{1,9}")
_DIGITS = str.maketrans("⁻⁰¹²³⁴⁵⁶⁷⁸⁹", "-0123456789")
_VULGAR = re.compile(r"(?<![0-9.,)])([0-9]{1,15})?([¼½¾⅓⅔⅕⅖⅗⅘⅙⅚⅛⅜⅝⅞])(?![0-9])")


def in_signs(line: str) -> str:
    """The line with its spoken and typographic arithmetic in plain signs; a line without any as it is."""
    if "**" in line:
        line = _BOLD.sub(r" \1 ", line)
    if not line.isascii():
        line = _VULGAR.sub(_fraction, line)
        line = _SUPERSCRIPTS.sub(lambda found: "^" + found[0].translate(_DIGITS), line)
    if _WORDS.search(line):
        line = _OPERATION.sub(lambda found: _OPERATOR.sub(lambda word: _SIGNS[word[0]], found[0]), line)
        line = _CHOOSE.sub(r"((\1)C(\2))", _SHARE.sub(_product, line))
        line = _EQUALS.sub(r"\1 = ", _ROOT.sub("√", _REMAINDER.sub(r"\1 % \2", line)))
    return line


def _fraction(found: re.Match[str]) -> str:
    fraction = normalize("NFKC", found[2]).replace("⁄", "/")
    return f"({found[1]}+{fraction})" if found[1] else f"({fraction})"


def _product(found: re.Match[str]) -> str:
    return f"(({found['share'] or '1/2'})*{found['whole']})"
