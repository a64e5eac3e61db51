"""Whether a written decimal is an exact value correctly rounded, or what is left of it in floating point."""

import re
from fractions import Fraction
from math import floor

from filters.chains.calculation import Exact

_DECIMAL = re.compile(
    r"[ \t]*(?P<sign>[-+−]?)[ \t]*(?:[$£€] ?)?(?P<whole>[0-9,]*)(?:\.(?P<decimals>[0-9]+))?"
    r"(?P<per_cent>[ \t]*%)?[ \t]*"
)
FLOAT_DIGITS = 15  # as many as a double always keeps; noise stands behind them
FLOAT_ERROR = Fraction(1, 10**9)  # relative


def is_rounded(written: str, exact: Exact) -> bool:
    """Whether `written` is `exact` rounded half up or half to even to the digits written, or a double near it.

    20/3 is 6.67 or 6.7, but no whole number: who writes 20/3=7 has dropped a remainder.
    """
    match = _DECIMAL.fullmatch(written)
    if match is None or not (match["decimals"] or match["per_cent"]):
        return False
    decimals = match["decimals"] or ""
    digits = (match["whole"] + decimals).replace(",", "")
    target = Fraction(-exact if match["sign"] in ("-", "−") else exact)
    if not digits or target < 0:
        return False
    places = [len(decimals) + 2] if match["per_cent"] else []
    if decimals and (
        not places or int(match["whole"].replace(",", "") or "0")
    ):  # filters.chains.readings: 1% or more
        places.append(len(decimals))
    return any(_near(int(digits), len(digits), target * 10**place) for place in places)


def _near(units: int, digits: int, exact: Fraction) -> bool:
    """Whether a whole number of units, written with so many digits, is the exact number of units rounded."""
    noise = digits >= FLOAT_DIGITS and abs(units - exact) <= FLOAT_ERROR * exact
    return noise or units in (floor(exact + Fraction(1, 2)), round(exact))
