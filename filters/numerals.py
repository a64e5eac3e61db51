"""How people write one number: a closed grammar, read exactly. Everything else is unreadable.

    answer  = [ letter "=" ] { calculation "=" } number        of which each calculation has the number's value
    number  = [ "exactly" | code ] money [ "/" digits ] [ "%" ] [ "€" | "£" ] [ unit words ] [ "." ]
    money   = sign and currency in either order, both optional, then digits with or without
              thousands separators and decimals

ASCII digits only. A percent sign is a unit: 50% reads as 50, as GSM8K's keys write it, but 0.5% is not read,
for it is not 0.5 either. Unit words are up to four words of letters, in \\text{} too, that leave the value as it is,
which `unit_words` decides: `eggs per day`, but not `million`, `fifths`, `in binary` or `is wrong`.
"""

import re
from fractions import Fraction

from filters.unit_words import is_unit
from filters.units import key_of

MAX_CHARACTERS = 200
MAX_DIGITS = 100

_WHOLE = r"(?:[0-9]{1,3}(?:,[0-9]{3})+|[0-9]+)"
_INTEGER = re.compile(rf"(?P<sign>[-+−]?)(?P<whole>{_WHOLE})\.?")
_NUMBER = re.compile(
    r"(?:(?:exactly|USD|EUR|GBP) )?"
    rf"(?:(?P<sign>[-+−]?)(?:\\?[$£€])?|\\?[$£€](?P<late_sign>[-+−]))"
    rf"(?:(?P<whole>{_WHOLE})(?:\.(?P<decimals>[0-9]+))?|\.(?P<bare_decimals>[0-9]+))"
    r"(?: ?/ ?(?P<under>[0-9]+))?"
    r"(?P<percent> ?\\?%)?"
    r"(?: ?[€£])?"
    r"(?: +(?P<unit>(?:[A-Za-z]{2,}|[A-Za-z](?=/))(?:\^[23])?(?:(?:[ -]| ?/ ?)[A-Za-z]+(?:\^[23])?){0,3}))?"
    r"\.?"
)
_PER = re.compile(r"(?<=[0-9]) ?/ ?(?=[A-Za-z]{3})")
_TEXT = re.compile(
    r"(?<=[0-9%])[ ~]*\\(?:text|textbf|mathrm|mbox) ?\{[ ~]*(?P<words>[^{}\\~]{1,60})\}"
    r"(?:\^\{?(?P<power>[23])\}?)?(?=\.?$)"
)
_FRONT = re.compile(r"(?:\$(?P<in_dollars>[^$]+)\$|\*\*(?P<in_bold>[^*]+)\*\*)(?P<rest> [A-Za-z].*)")
_NAME = re.compile(r"[A-Za-z]\s?")
_SIGNS = (("\\times", "*"), ("\\cdot", "*"), ("\\div", "/"))
MAX_SIDES = 8
_WRAPPINGS = (("**", "**"), ("$", "$"), ("\\(", "\\)"))


def read_integer(text: str) -> int | None:
    """The whole number that the text is, such as `-1,234` or `18.`, or None. `18.0` is none."""
    match = _INTEGER.fullmatch(_unwrapped(text))
    if match is None or len(match["whole"]) > MAX_DIGITS:
        return None
    value = int(match["whole"].replace(",", ""))
    return -value if match["sign"] in ("-", "−") else value


def read_number(text: str) -> Fraction | None:
    """The number that the text is, exactly, such as `$1,234.50`, `3/4` or `18 eggs.`, or None."""
    *sides, last = _unwrapped(text).split("=")
    value = _read(last.strip() if sides else last)
    if value is None or len(sides) >= MAX_SIDES:
        return None
    if sides and _NAME.fullmatch(sides[0]):
        sides = sides[1:]
    return value if all(_amounts_to(side, value) for side in sides) else None


def _amounts_to(side: str, value: Fraction) -> bool:
    """Whether a side of an equation is a calculation, and has this value."""
    from filters.chains.arithmetic import evaluate

    for sign, plain in _SIGNS:
        side = side.replace(sign, plain)
    try:
        return evaluate(side.strip()) == value
    except (ValueError, ZeroDivisionError):
        return False


def _read(text: str) -> Fraction | None:
    match = _NUMBER.fullmatch(_with_plain_unit(text))
    if match is None or len(match.group()) > MAX_DIGITS:
        return None
    unit = match["unit"]
    if unit is not None and not is_unit(unit):
        return None
    whole = (match["whole"] or "0").replace(",", "")
    decimals = match["decimals"] or match["bare_decimals"] or ""
    under = int(match["under"] or "1")
    if under == 0:
        return None
    value = Fraction(int(whole + decimals), 10 ** len(decimals) * under)
    if 0 < value < 1 and (match["percent"] or _is_percent(unit)):
        return None
    return -value if (match["sign"] or match["late_sign"]) in ("-", "−") else value


def _with_plain_unit(text: str) -> str:
    """`18\\text{ cm}^2` as 18 cm^2, and `5/hour` as 5 per hour."""
    text = _TEXT.sub(
        lambda unit: f" {unit['words'].strip()}" + f"^{unit['power']}" * bool(unit["power"]), text
    )
    return _PER.sub(" per ", text)


def _is_percent(unit: str | None) -> bool:
    return unit is not None and key_of(unit.replace("per cent", "percent")) == "%"


def _unwrapped(text: str) -> str:
    """Without the blanks and the marks of bold or mathematics around it, such as `**18**` or `$18$`."""
    text = text.strip()
    if len(text) > MAX_CHARACTERS:
        return ""
    for left, right in _WRAPPINGS:
        if text.startswith(left) and text.endswith(right) and len(text) > len(left + right):
            text = text[len(left) : -len(right)].strip()
            break
    front = _FRONT.fullmatch(text)
    return text if front is None else (front["in_dollars"] or front["in_bold"]).strip() + front["rest"]
