"""Which words behind a number are its unit and leave its value as it is: `cm`, `square feet`, `eggs per day`.

A unit is letters: known units, and other words of at least three letters, none of which may deny the number,
set a condition on it, or make it another one. English has no list of the words for what is counted, but those
that do something else behind a number are few; they are listed here. `2AB` and `2abc` are products.
"""

import re

from filters.units import key_of

MAX_WORDS = 6

_FORM = re.compile(r"[A-Za-z]+(?:\^[23])?(?:(?:/| / | +|-)[A-Za-z]+(?:\^[23])?)*")
_PARTS = re.compile(r"[A-Za-z]+|/")
_COUNTED = re.compile(r"(?=.*[AEIOUYaeiouy])[A-Z]?[a-z]{2,}")
_SAY_NO_MORE = ("in total", "in all", "in profit", "from now")
_JOINING = frozenset(["per", "of", "a", "an", "/"])  # between two words of a unit
_ALPHABET = "abcdefghijklmnopqrstuvwxyz"

_CARDINALS = (
    "zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen"
    " seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety hundred thousand"
    " million billion trillion quadrillion dozen teen"
)
_NUMBERS = (
    "half halve halves third quarter twelve double doubled triple tripled twice thrice quadruple score gross"
    " lakh lac crore myriad bn mn mil mill bil tn mille cent thou grand kilo mega giga tera deci centi milli micro"
    " nano pico sixes fold multiple multiples factor factors cube squares cubes squared cubed factorial sqrt root pi"
    " infinity infinite infinitely minus plus negative over by point basis power exponent"
)
_MATHEMATICS = (
    "alpha beta gamma delta epsilon zeta eta theta iota kappa lambda rho sigma tau upsilon phi chi psi omega inf"
    " infty sin cos tan cot csc log exp abs gcd lcm max cbrt arcsin arccos arctan sinh cosh tanh inverse inverted"
    " reciprocal reversed reverse negated opposite conjugate complement prime choose"
)
_NOTATIONS = (
    "base binary ternary octal decimal hex hexadecimal mod modulo modulus bar overbar overline repeating repeated"
    " recurring periodic repeats recurs"
)
_FUNCTION_WORDS = (
    "the a an per this that these those and or but nor not to for from in on at into onto out up down with"
    " without within as by about around between among below above under beyond before after during against than"
    " then thus therefore hence because since so though although however yet still also too else otherwise"
    " instead rather if when whenever unless until while whether where assuming provided given suppose except"
    " excluding but versus it he she they them you we his her its their our my your who whom whose which what"
    " why how there here more less fewer most least another other"
)
_VERBS = (
    "is are was were am be been being has have had do does did can cannot could may might must shall should will"
    " would isn aren wasn don doesn didn won fail fails failed work works hold holds satisfy satisfies equal"
    " equals become becomes seem seems exceed exceeds divide divides divided multiply multiplied mean means make"
    " makes yield yields give gives seems appear appears contradict contradicts lie lies"
)
_DENIALS = (
    "no never none nobody nothing neither wrong wrongly false falsely incorrect incorrectly invalid untrue"
    " impossible contradiction contradictory error erroneous mistake mistaken reject rejected exclude excluded"
    " extraneous undefined unknown undetermined refuted disproved absurd nonsense doubt doubtful dubious unlikely"
    " maybe perhaps possibly probably likely presumably approximate approximately approx roughly nearly almost"
    " circa estimated true"
)
_OTHERS = "ish nope nah oops sorry something anything everything whatever"
_TURN_THE_SIGN = "debt debts loss losses owed owing deficit"
_NO_UNITS = frozenset(
    " ".join(
        [
            *(_CARDINALS, _NUMBERS, _MATHEMATICS, _NOTATIONS, _FUNCTION_WORDS, _VERBS, _DENIALS),
            *(_OTHERS, _TURN_THE_SIGN),
        ]
    ).split()
)
_NO_UNITS |= {f"{word}s" for word in f"{_CARDINALS} third quarter root power".split()}
_NOT_LAST = frozenset(
    ["square", "sq", "cubic", "cu", "short", "even", "odd"]
)  # `5 even numbers`, `5 dollars short`
_FRACTION = re.compile(
    r"(?:four|fif|six|seven|eigh|nin|ten|eleven|twelf|(?:thir|four|fif|six|seven|eigh|nine)teen"
    r"|(?:twen|thir|for|fif|six|seven|eigh|nine)tie|hundred|thousand|(?:m|b|tr)illion)ths?"
    r"|(?:thir|twen|for|fif|six|seven|eigh|nine)ties|[a-z]+fold"
)


def is_unit(text: str) -> bool:
    """Whether the words are a unit. A single letter is one where all words are known: `m/s`, but not `eggs m`."""
    text = _plain(text)
    parts = _PARTS.findall(text)
    if not 0 < len(parts) <= MAX_WORDS or _FORM.fullmatch(text) is None:
        return False
    joined = [part in _JOINING and 0 < at < len(parts) - 1 for at, part in enumerate(parts)]
    if parts[0] in ("per", "a", "an") and len(parts) > 1:
        joined[0] = True  # `5 per day`
    words = [part for part, joins in zip(parts, joined, strict=True) if not joins]
    if words[-1].lower() in _NOT_LAST:
        return False
    if "in" in words[:-1]:
        return False  # of inches it is the last word, `5 in binary` is another number
    known = [_is_known(word) for word in words]
    return all(known) or all(knows or _may_be_counted(word) for word, knows in zip(words, known, strict=True))


def is_known_unit(text: str) -> bool:
    """Whether a unit may stand behind its number without a blank, as `cm` in 5cm."""
    return is_unit(text) and all(part == "/" or _is_known(part) for part in _PARTS.findall(text))


def _plain(text: str) -> str:
    """Without full stops, of abbreviations, and what only says that nothing is left out."""
    text = " ".join(text.replace(".", "").split())
    if text in _SAY_NO_MORE:
        return "total"
    for ending in _SAY_NO_MORE:
        text = text.removesuffix(f" {ending}")
    return text.lower() if text in ("AM", "PM") else text.removeprefix("more ")


def changes_the_value(word: str) -> bool:
    """Whether a word after a number may make it another number, or deny it, as `million`, `or` and `wrong` do."""
    lowered = word.lower()
    return lowered in _NO_UNITS or _FRACTION.fullmatch(lowered) is not None


def _is_known(word: str) -> bool:
    return word.lower() in ("square", "sq", "cubic", "cu") or key_of(word) is not None


def _may_be_counted(word: str) -> bool:
    is_word = len(word) > 2 and _COUNTED.fullmatch(word) is not None and word not in _ALPHABET
    return is_word and not changes_the_value(word)
