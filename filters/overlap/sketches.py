"""What is kept of a question once it was read: a few hashes and a MinHash signature, cut into bands.

Two questions whose pairs of successive words have a Jaccard similarity s share one of BANDS bands of ROWS with
probability 1 - (1 - s^ROWS)^BANDS: 0.95 at 0.55, 0.998 at 0.65, 0.003 at 0.1 (Broder 1997; Leskovec, Rajaraman and
Ullman, Mining of Massive Datasets, chapter 3). Pairs of words, and not longer runs, because questions are short:
of 33 words two replaced ones leave a similarity of 0.8 by pairs, but 0.5 by runs of five.
"""

import re
from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray
from rensa import RMinHash

from filters.overlap.normal import masked, normalised, operands, words
from filters.overlap.shingles import Hashes, hash64, mixed, runs

BANDS, ROWS = 32, 4
PROSE_WORDS = 8  # fewer, and what two questions share says little: they are compared whole
RUN = 2
_SEED = 1
_ROUND = re.compile(r"\.0+$")


class Text(NamedTuple):
    """A question as it is compared. `instance` names a templated task among its family, and is empty for prose."""

    question: str
    answer: str = ""
    instance: str = ""


class Reading(NamedTuple):
    """A text and its words, which are empty where it is compared only whole; `story` is without their numbers."""

    text: Text
    normal: str
    words: list[str]
    story: list[str]


class Sketches(NamedTuple):
    """What is kept of n texts, in arrays of n rows. `size` counts the words of a story; 0: compared only whole."""

    whole: Hashes
    instance: Hashes  # 0: none
    block: Hashes  # of numbers, operators and answer: near copies agree on it
    skeleton: Hashes  # of the whole story
    size: NDArray[np.uint32]
    bands: NDArray[np.uint32]  # (n, BANDS)
    values: NDArray[
        np.uint8
    ]  # (n, BANDS * ROWS), the last bytes: two texts agree in about as many as they are alike

    def take(self, rows: NDArray[np.int64]) -> "Sketches":
        columns: Iterable[Any] = (column[rows] for column in self)
        return Sketches(*columns)


def read(text: Text) -> Reading:
    """The words of a text that is prose, else none."""
    normal = normalised(text.question)
    found = [] if text.instance else words(normal)
    story = masked(found)
    prose = sum(map(str.isalpha, story)) >= PROSE_WORDS
    return Reading(text, normal, found, story) if prose else Reading(text, normal, [], [])


def sketch(readings: Sequence[Reading]) -> Sketches:
    """What is kept of some thousand texts."""
    size = np.array([len(reading.story) for reading in readings], np.uint32)
    bands = np.zeros((len(readings), BANDS), np.uint32)
    values = np.zeros((len(readings), BANDS * ROWS), np.uint8)
    prose = np.flatnonzero(size)
    if prose.size:
        bands[prose], values[prose] = _signed([readings[row].story for row in prose])
    return Sketches(
        whole=_hashes(reading.normal for reading in readings),
        instance=_hashes(reading.text.instance for reading in readings),
        block=_hashes(_block(reading) for reading in readings),
        skeleton=_hashes(" ".join(reading.story) for reading in readings),
        size=size,
        bands=bands,
        values=values,
    )


def joined(parts: Sequence[Sketches]) -> Sketches:
    """The rows of all parts, one after the other."""
    return Sketches(*(np.concatenate(columns) for columns in zip(*(parts or [sketch([])]), strict=True)))


def _hashes(texts: Iterable[str]) -> Hashes:
    return np.array([hash64(text) if text else 0 for text in texts], np.uint64)


def _block(reading: Reading) -> str:
    """In what near copies agree: a problem with other numbers, or with another answer, is another problem."""
    answer = normalised(reading.text.answer).removeprefix("$")
    return " ".join([*sorted(operands(reading.words)), "=", _ROUND.sub("", answer)])


def _signed(stories: Sequence[Sequence[str]]) -> tuple[NDArray[np.uint32], NDArray[np.uint8]]:
    """(stories, BANDS): a hash of each run of ROWS of the signature; (stories, BANDS * ROWS): its last bytes."""
    hashes, starts = runs(stories, RUN)
    signature = RMinHash.digest_matrix_from_flat_token_hashes(
        hashes, starts.astype(np.uint64), BANDS * ROWS, _SEED
    )
    values = np.array(signature.to_rows(), np.uint64)
    rows = values.reshape(len(stories), BANDS, ROWS)
    bands = np.zeros((len(stories), BANDS), np.uint64)
    for row in range(ROWS):
        bands = mixed(bands + rows[:, :, row])
    return (bands >> np.uint64(32)).astype(np.uint32), values.astype(np.uint8)
