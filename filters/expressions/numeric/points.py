"""The points at which expressions are compared: random, but the same for the same names in every process."""

import hashlib
from collections.abc import Iterator
from fractions import Fraction
from itertools import product

Point = dict[str, Fraction]  # the value of each variable

# Around one, then so far out and so near to zero that |x - 5| and floor(x/100) show what they are; whole numbers last.
_SCALES = [
    *(
        (Fraction(1, 8), Fraction(4), False),
        (Fraction(4), Fraction(60), False),
        (Fraction(1, 20), Fraction(19, 20), False),
    ),
    *((Fraction(60), Fraction(2000), False), (Fraction(1, 1000), Fraction(1, 9), False)),
    *((Fraction(1), Fraction(9), True), (Fraction(10), Fraction(999), True)),
]


_FAR = (Fraction(10**5), Fraction(10**7), False)  # where min(n, 10000) shows what it is


def points(names: list[str], far: bool = False) -> Iterator[Point]:
    """The same random points for the same names in every process: at each scale with each pattern of signs.

    Of more than two variables the patterns are all positive, all negative, and two at random.
    """
    for number, (low, high, whole) in enumerate([_FAR, *_SCALES] if far else _SCALES):
        for signs in _sign_patterns(names, number):
            point = {}
            for name, sign in zip(names, signs, strict=True):
                size = low + _random(f"{name} {number} {signs}") * (high - low)
                point[name] = sign * (Fraction(round(size)) if whole else size)
            yield point


def _sign_patterns(names: list[str], number: int) -> list[tuple[int, ...]]:
    if len(names) <= 2:
        return list(product((1, -1), repeat=len(names)))
    mixed = [
        tuple(1 if _random(f"{name} sign {number} {k}") < Fraction(1, 2) else -1 for name in names)
        for k in (0, 1)
    ]
    return [(1,) * len(names), (-1,) * len(names), *mixed]


def _random(seed: str) -> Fraction:
    """A rational in [0, 1)."""
    return Fraction(int.from_bytes(hashlib.sha256(seed.encode()).digest()[:7]), 2**56)
