"""What a sentence adds to the number or formula that it names: `5, as desired`, `5 (five)`, `5, which is odd`.

A remark that may change the answer is left on it, so that no judge can read what is left as a number.
"""

import re

_NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]
_DESIRED = re.compile(
    r",? as (?:desired|required|claimed|expected|needed|wanted|requested)\s*$", re.IGNORECASE
)
_REMARK = re.compile(
    r"(?:, | [-–—] )which (?:is|matches|agrees|makes)\b|,? but (?:please )?note that\b| \((?:since|because|as)\b",
    re.IGNORECASE | re.ASCII,
)
_CHANGES = re.compile(
    r"\b(?:also|or|another|other|should|wrong|incorrect|mistaken|false|not|never|too|both|except|if|when|unless|only|instead"
    r"|actually|mistakes?|errors?|trap|but|then|so|gives?|giving|times|multipl\w+|divided|doubled|halved|half|hundreds?"
    r"|thousands?|millions?|billions?|dozens?|percent|impossible|in|before|after|more|less|plus|minus)\b|n['’]t\b|[%!?]",
    re.IGNORECASE | re.ASCII,
)
_WORD = re.compile(r"([0-9]{1,2}|\$[0-9]{1,2}\$) \(([a-z]+)\)\s*$", re.IGNORECASE | re.ASCII)
_EXCITED = re.compile(r"[^!+*/^×·÷=]{1,60}(?<! - )(?<=[0-9A-Za-z$)}*])!\s*$")


def without_remark(said: str) -> str:
    """The beginning of a sentence's answer, up to a remark that changes nothing."""
    kept = said
    if (word := _WORD.search(kept)) is not None and word[2].lower() in _NUMBERS:
        if _NUMBERS.index(word[2].lower()) == int(word[1].strip("$")):
            kept = kept[: word.end(1)]
    elif (desired := _DESIRED.search(kept)) is not None:
        kept = kept[: desired.start()]
    elif (remark := _REMARK.search(kept)) is not None and not _CHANGES.search(kept, remark.end()):
        kept = kept[: remark.start()]
    elif _EXCITED.match(kept) and " - " not in kept:
        kept = kept.rstrip()[:-1]
    return kept if any(sign in "$\\0123456789" for sign in kept) else said
