"""The values of a row that somebody else wrote, each read by its rule or refused in words.

Every function raises ValueError with the key, the rule, and what was found; the caller adds the place.
"""

from decimal import Decimal
from typing import Any, TypeGuard

LONGEST_TEXT = 1_000_000  # characters of a question, an answer, a sample
LONGEST_NAME = 200  # characters of a family or a policy
_MOST_DIGITS = 100  # of a number, since they are written out


def text(values: dict[str, Any], key: str, inside: str = "") -> str:
    """A text that can be stored as UTF-8; it may be empty."""
    value = values.get(key)
    if not isinstance(value, str):
        raise ValueError(f"{inside}{key} is a text; found {found(value)}")
    return checked_text(value, inside + key)


def checked_text(value: str, what: str) -> str:
    """The same text, if it is within bounds and holds no half of a surrogate pair."""
    if len(value) > LONGEST_TEXT:
        raise ValueError(f"{what} has at most {LONGEST_TEXT:,} characters; found {len(value):,}")
    try:
        value.encode()
    except UnicodeEncodeError as error:
        raise ValueError(f"{what} can be written as UTF-8; found {value[error.start]!r} in it") from None
    return value


def answer(values: dict[str, Any]) -> str:
    """The key `answer` as text; it may be given as a number."""
    value = values.get("answer")
    if is_number(value):
        return number_text(value)
    if not isinstance(value, str):
        raise ValueError(f"answer is a text or a number; found {found(value)}")
    return checked_text(value, "answer")


def is_number(value: object) -> TypeGuard[int | float | Decimal]:
    return isinstance(value, int | float | Decimal) and not isinstance(value, bool)


def name(values: dict[str, Any], key: str, default: str, inside: str = "") -> str:
    """The name of a family or a policy, which is shown in tables."""
    value = values.get(key, default)
    if not isinstance(value, str) or not is_name(value):
        raise ValueError(
            f"{inside}{key} is a name of 1 to {LONGEST_NAME} characters that print; found {found(value)}"
        )
    return value


def is_name(value: str) -> bool:
    return value.isprintable() and bool(value.strip()) and len(value) <= LONGEST_NAME


def whole(values: dict[str, Any], key: str, lowest: int, highest: int, default: int, inside: str = "") -> int:
    """A whole number within bounds; 3.0 is one, since columns with gaps are often stored so."""
    value: object = values.get(key, default)
    if isinstance(value, float | Decimal) and -highest <= value <= highest and value == int(value):
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not lowest <= value <= highest:
        raise ValueError(
            f"{inside}{key} is a whole number from {lowest} to {highest:,}; found {found(value)}"
        )
    return value


def number_text(value: int | float | Decimal) -> str:
    """A number in plain digits, 18 for 18.0. It is finite and neither very large nor very small."""
    number = Decimal(repr(value)) if isinstance(value, float) else Decimal(value)
    if not number.is_finite() or abs(number.adjusted()) >= _MOST_DIGITS:
        raise ValueError(f"a number has at most {_MOST_DIGITS} digits; found {found(value)}")
    digits = format(number, "f")
    return digits.rstrip("0").rstrip(".") if "." in digits else digits


def found(value: object) -> str:
    """A value as a message shows it: short and on one line."""
    if value is None:
        return "none"
    if isinstance(value, dict | list):
        return "an object" if isinstance(value, dict) else "a list"
    if isinstance(value, int) and abs(value) >= 10**50:
        return "a larger number"
    shown = (
        str(value)
        if isinstance(value, Decimal)
        else repr(value[:60] if isinstance(value, str | bytes) else value)
    )
    return shown if len(shown) <= 60 else f"{shown[:59]}…"


def without_nulls(values: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in values.items() if value is not None}
