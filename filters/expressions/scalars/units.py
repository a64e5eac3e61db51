"""When two units are one: each in one spelling, then equal, or the one said more closely than the other."""

import re

from filters.units import key_of, singular

_IN_TOTAL = re.compile(r"(?: |^)(?:in (?:total|all|profit)|from now)$")
_POWERS = {"square": "^2", "sq": "^2", "cubic": "^3", "cu": "^3"}
_SAY_NO_MORE = frozenset(
    ["old", "long", "tall", "wide", "high", "left", "remaining", "total", "altogether", "only"]
)
CURRENCIES = frozenset("$£€")
_SCALES = {"c": "celsius", "f": "fahrenheit"}
_MEASURES = frozenset(["light", "fluid", "man", "person", "troy", "nautical", "board", "leap", "half"])


def unit_key(unit: str) -> str:
    """One spelling of a unit: singular, known ones by their keys, `square feet` and `ft^2` alike."""
    text = _IN_TOTAL.sub("", unit.replace(".", "").replace("per cent", "percent"))
    text = re.sub(r"(?:^| )(?:per|an?) ", "/", text).replace("-", " ")
    power = ""
    words = []
    for word in text.replace("/", " / ").split():
        if word.lower() in _POWERS:
            power = _POWERS[word.lower()]
            continue
        stem, caret, exponent = word.partition("^")
        words.append((key_of(stem) or singular(stem.lower())) + power + caret + exponent)
        power = ""
    return re.sub(" ?/ ?", "/", " ".join(_without_ending(words)))


def _without_ending(words: list[str]) -> list[str]:
    """`years old` as years, and degrees of a temperature as its scale."""
    while len(words) > 1 and words[-1] in _SAY_NO_MORE:
        words = words[:-1]
    if len(words) > 1 and words[0] == "°":
        words = [_SCALES.get(words[1].lower(), words[1]), *words[2:]]
    return words


def agree(a: str, b: str) -> bool:
    """Whether two keys may be of one unit: `eggs` and `duck eggs` may, `years` and `light years` not."""
    if a == b:
        return True
    if (a[:1] in CURRENCIES and b in (a[:1], a[1:])) or (b[:1] in CURRENCIES and a in (b[:1], b[1:])):
        return True  # `$5 per hour`, `$5` and `5 per hour`
    if any(character in a + b for character in "/^"):
        return False
    longer, shorter = sorted((a, b), key=len, reverse=True)
    if longer.startswith(f"{shorter} of "):
        return True  # `cups` and `cups of water`
    extra = longer.removesuffix(shorter)
    return extra.endswith(" ") and not any(map(_measures, extra.split()))


def _measures(word: str) -> bool:
    """Whether a word before a unit makes another unit of it."""
    return word in _MEASURES or key_of(word) is not None
