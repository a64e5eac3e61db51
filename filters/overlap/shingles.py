"""Runs of successive words as 64-bit numbers, in one array for many texts."""

from collections.abc import Sequence
from hashlib import blake2b
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]

_MOST_KNOWN = 2**18  # words whose hash is remembered at a time
_LONGEST_KNOWN = 40  # characters
_known: dict[str, int] = {}


class Runs(NamedTuple):
    """The runs of several texts: those of text i are `hashes[starts[i]:starts[i + 1]]`."""

    hashes: Hashes
    starts: NDArray[np.int64]


def runs(texts: Sequence[Sequence[str]], length: int) -> Runs:
    """Every run of `length` words of each text; a shorter text is filled up to one run."""
    padded = [text if len(text) >= length else [*text, *[""] * (length - len(text))] for text in texts]
    sizes = np.array([len(text) for text in padded], np.int64)
    starts = np.concatenate([[0], np.cumsum(sizes - length + 1)])
    flat = np.array([hash64(word) for text in padded for word in text], np.uint64)
    hashes = np.zeros(max(len(flat) - length + 1, 0), np.uint64)
    for offset in range(length):
        hashes = mixed(hashes + flat[offset : offset + len(hashes)])
    inside = np.ones(len(hashes), bool)  # not those that reach into the next text
    for offset in range(1, length):
        inside[np.cumsum(sizes)[:-1] - offset] = False
    return Runs(hashes[inside], starts)


def hash64(text: str) -> int:
    """64 bits of blake2b, the same in every process."""
    found = _known.get(text)
    if found is None:
        digest = blake2b(text.encode(errors="surrogatepass"), digest_size=8).digest()
        found = int.from_bytes(digest, "little")
        if len(_known) >= _MOST_KNOWN:
            _known.clear()
        if len(text) <= _LONGEST_KNOWN:
            _known[text] = found
    return found


def mixed(values: Hashes) -> Hashes:
    """The finaliser of splitmix64 (Steele, Lea and Flood 2014): every bit comes to depend on every other."""
    values = values + np.uint64(0x9E3779B97F4A7C15)
    values = (values ^ (values >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    values = (values ^ (values >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return values ^ (values >> np.uint64(31))
