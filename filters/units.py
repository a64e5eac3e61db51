"""Units by name: every spelling of a unit has one key, such as `cm` for centimetre, centimeters and cm.

Symbols are case-sensitive (mW is no MW), names are not. No symbol is listed that is as
likely a product, such as `pt`, `ha` or `MB`.
"""

_UNITS = {
    "$": "dollar usd USD buck",
    "£": "gbp GBP",
    "€": "euro eur EUR",
    "cent": "cent penny pennies",
    "°": "degree deg",
    "celsius": "celsius centigrade",
    "fahrenheit": "fahrenheit",
    "K": "kelvin K",
    "rad": "radian rad",
    "%": "percent pct percentage",
    "nm": "nanometer nanometre nm",
    "µm": "micrometer micrometre micron",
    "mm": "millimeter millimetre mm",
    "cm": "centimeter centimetre cm",
    "dm": "decimeter decimetre dm",
    "m": "meter metre m",
    "km": "kilometer kilometre km",
    "in": "inch in",
    "ft": "foot feet ft",
    "yd": "yard yd",
    "mi": "mile mi",
    "ly": "lightyear",
    "mg": "milligram mg",
    "g": "gram gm g",
    "kg": "kilogram kilos kg",
    "ton": "ton tonne",
    "lb": "pound lb",
    "oz": "ounce oz",
    "ms": "millisecond",
    "s": "second sec s",
    "min": "minute min",
    "h": "hour hr h",
    "day": "day",
    "week": "week",
    "month": "month",
    "year": "year",
    "am": "am",
    "pm": "pm",
    "ml": "milliliter millilitre ml mL",
    "cl": "centiliter centilitre cl cL",
    "l": "liter litre l L",
    "gal": "gallon gal",
    "qt": "quart",
    "pt": "pint",
    "cup": "cup",
    "tbsp": "tablespoon tbsp",
    "tsp": "teaspoon tsp",
    "acre": "acre",
    "ha": "hectare",
    "mi/h": "mph",
    "km/h": "kph",
    "rpm": "rpm",
    "knot": "knot",
    "N": "newton N",
    "J": "joule J",
    "kJ": "kilojoule kJ",
    "cal": "calorie cal",
    "kcal": "kilocalorie kcal",
    "W": "watt W",
    "kW": "kilowatt kW",
    "kWh": "kWh",
    "V": "volt V",
    "A": "ampere amp",
    "ohm": "ohm",
    "Pa": "pascal",
    "kPa": "kilopascal kPa",
    "Hz": "hertz Hz",
    "kHz": "kilohertz kHz",
    "MHz": "megahertz MHz",
    "mol": "mole mol",
    "B": "byte",
    "bit": "bit",
    "kB": "kilobyte kB",
    "MB": "megabyte",
    "GB": "gigabyte",
    "unit": "unit",
    "point": "point",
}
_KEYS = {spelling: key for key, spellings in _UNITS.items() for spelling in spellings.split()}
_SIGNS = frozenset("$£€°%")
LETTERS = frozenset(spelling for spelling in _KEYS if len(spelling) == 1)


def key_of(word: str) -> str | None:
    """The key of a unit's sign, symbol or name, in the singular or the plural; None for any other word."""
    if word in _SIGNS or word in _KEYS:
        return _KEYS.get(word, word)
    lowered = word.lower()
    if len(word) < 3 or not (word.islower() or word.istitle()):
        return None
    return _KEYS.get(lowered) or _KEYS.get(singular(lowered))


def singular(word: str) -> str:
    """An English noun without its plural's ending: one form for `box` and `boxes`, not always a dictionary's."""
    if len(word) < 3 or word.endswith("ss"):
        return word
    stem = word.removesuffix("s")
    if stem.endswith("ie"):
        return f"{stem[:-2]}y"  # of a cookie too, so that both its forms are one
    return stem[:-1] if stem.endswith(("xe", "che", "she", "sse")) else stem
