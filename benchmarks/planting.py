"""Word problems by the hundred thousand, no two alike but by chance, and copies of them, made in several ways.

The stories share their sentence patterns, as written problems do, so that telling a copy from a cousin is work.
"""

import re
import tomllib
from collections.abc import Callable
from pathlib import Path
from random import Random
from typing import NamedTuple

PARTS: dict[str, list[str]] = tomllib.loads(Path(__file__).with_name("stories.toml").read_text())
NAMES, PLACES, KINDS, DEEDS = (PARTS[part] for part in ("names", "places", "kinds", "deeds"))
SPELT = {str(value): word for value, word in enumerate(("two", "three", "four", "five", "six", "seven"), 2)}


class Asked(NamedTuple):
    question: str
    answer: str


def story(rng: Random) -> Asked:
    """A problem of three to six sentences."""
    name, other = rng.sample(NAMES, 2)
    first, *others = PARTS["statements"]
    told = []
    for pattern in [first, *rng.sample(others, rng.randint(1, 4)), rng.choice(PARTS["questions"])]:
        place, place2 = rng.sample(PLACES, 2)
        slots = {
            "name": name,
            "other": other,
            "place": place,
            "place2": place2,
            "things": rng.choice(PARTS["things"]),
        }
        numbers = {"n": rng.randint(2, 120), "m": rng.randint(2, 60)}
        told.append(pattern.format(**slots, **numbers, kind=rng.choice(KINDS), does=rng.choice(DEEDS)))
    return Asked(" ".join(told), str(rng.randint(1, 999)))


def _words_replaced(count: int) -> Callable[[str, Random], str]:
    def replaced(question: str, rng: Random) -> str:
        words = question.split()
        places = [place for place, word in enumerate(words) if word.isalpha()]
        for place in rng.sample(places, count):
            words[place] = rng.choice([word for word in (*KINDS, *PLACES, *DEEDS) if word != words[place]])
        return " ".join(words)

    return replaced


def _swapped(question: str, rng: Random) -> str:
    *told, asked = re.split(r"(?<=[.?]) ", question)
    place = rng.randrange(len(told) - 1)
    told[place], told[place + 1] = told[place + 1], told[place]
    return " ".join([*told, asked])


def _renamed(question: str, rng: Random) -> str:
    """One person has another name, wherever the story names them."""
    present = [name for name in NAMES if re.search(rf"\b{name}\b", question)]
    new = rng.choice([name for name in NAMES if name not in present])
    return re.sub(rf"\b{rng.choice(present)}\b", new, question)


def _mistyped(question: str, rng: Random) -> str:
    words = question.split()
    for place in rng.sample(
        [place for place, word in enumerate(words) if len(word) > 3 and word.isalpha()], 2
    ):
        cut = rng.randrange(1, len(words[place]) - 1)
        words[place] = words[place][:cut] + words[place][cut + 1 :]
    return " ".join(words)


def _spelt_out(question: str, rng: Random) -> str:
    return re.sub(r"\b[2-7]\b", lambda found: SPELT[found[0]], _words_replaced(1)(question, rng))


def _introduced(question: str, rng: Random) -> str:
    return f"{rng.choice(PARTS['openings'])} {question} Give a reason for your answer."


def _restyled(question: str, rng: Random) -> str:
    """What no reader would notice."""
    restyled = rng.choice([str.upper, str.lower, str])(question)
    restyled = re.sub(r" ", lambda _: rng.choice(["  ", " ", "\n", "\u00a0"]), restyled)
    return restyled.rstrip("?") + rng.choice(["", " ?", "?"]) + rng.choice(["", "\n", "\u200b"])


def _full_width(question: str, rng: Random) -> str:
    return "".join(chr(ord(c) + 0xFEE0) if c.isalnum() and c.isascii() else c for c in question)


def renumbered(question: str, rng: Random) -> str:
    return re.sub(r"\d+", lambda _: str(rng.randint(121, 999)), question)


EXACT = {"restyled": _restyled, "full width": _full_width}
NEAR = {
    "one word": _words_replaced(1),
    "two words": _words_replaced(2),
    "sentences swapped": _swapped,
    "a person renamed": _renamed,
    "two words mistyped": _mistyped,
    "numbers spelt, one word": _spelt_out,
    "introduced": _introduced,
}
LEAKS = {
    "verbatim": lambda question, rng: question,
    **EXACT,
    "introduced": _introduced,
    "one word": _words_replaced(1),
    "two words": _words_replaced(2),
    "other numbers": renumbered,
    "other numbers, one word": lambda question, rng: renumbered(_words_replaced(1)(question, rng), rng),
    "sentences swapped": _swapped,
}
