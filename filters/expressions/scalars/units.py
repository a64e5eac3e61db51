"""Units in one spelling each, and whether two are one."""

import re

_SPELLINGS = {
    "$": "$, dollar, usd, buck",
    "£": "£, pound sterling",
    "€": "€, euro",
    "°": "degree, deg, °",
    "%": "%, percent, pct, percentage",
    "mm": "millimeter, millimetre, mm",
    "cm": "centimeter, centimetre, cm",
    "m": "meter, metre, m",
    "km": "kilometer, kilometre, km",
    "in": "inch, inche, in",
    "ft": "foot, feet, ft",
    "yd": "yard, yd",
    "mi": "mile, mi",
    "kg": "kilogram, kg",
    "g": "gram, g",
    "h": "hour, hr, h",
    "min": "minute, min",
    "s": "second, sec, s",
    "l": "liter, litre, l",
    "ml": "milliliter, millilitre, ml",
    "mi/h": "mph",
    "km/h": "kph",
}
_SPELLED = {spelling: unit for unit, written in _SPELLINGS.items() for spelling in written.split(", ")}
_POWERS = {"square": "^2", "sq": "^2", "cubic": "^3", "cu": "^3"}


def unit_key(unit: str) -> str:
    """One spelling of a unit: lower case, singular, `square feet` and `ft^2` alike."""
    text = unit.lower().replace(".", "").replace(" per ", "/")
    power = ""
    words = []
    for word in text.replace("/", " / ").split():
        if word in _POWERS:
            power = _POWERS[word]
            continue
        stem, caret, exponent = word.partition("^")
        words.append(_spelled(stem) + power + caret + exponent)
        power = ""
    return re.sub(" ?/ ?", "/", " ".join(words))


def _spelled(word: str) -> str:
    singular = word if len(word) < 3 or word.endswith("ss") else word.removesuffix("s")
    return _SPELLED.get(word, _SPELLED.get(singular, singular))


def agree(a: str, b: str) -> bool:
    """Whether two keys may be of one unit; those that are known differ unless they are equal."""
    if a == b:
        return True
    if _SPELLINGS.keys() & {a, b} or any(character in a + b for character in "/^"):
        return False
    return bool(set(a.split()) & set(b.split()))  # `eggs` and `duck eggs`
