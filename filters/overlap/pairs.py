"""Which sketches share a band: the pairs that are worth a look, found by sorting, a few for each question.

Sorting needs no table of buckets in memory, and following but a few links from each question keeps the work
linear however many questions are alike.
"""

import numpy as np
from numpy.typing import NDArray

from filters.overlap.shingles import Hashes, mixed
from filters.overlap.sketches import BANDS, Sketches

Pairs = NDArray[np.int64]
"""(k, 2): rows of two tables of sketches, or of one, the later first."""

LEAST_AGREEMENT = 0.4  # of signatures; of texts alike in 0.55 of their pairs of words, 0.9996 agree in more
# References that share a story: where there are more, it is a template, whose numbers tell its tasks apart.
MOST_ALIKE = 8
_MOST_LOOKS = 2  # at references, for each question
_TOGETHER = 2**17  # questions; their links are held at a time


def within(sketches: Sketches) -> Pairs:
    """Of questions with the same numbers and answer: each with the first and the last before it in its bucket."""
    found: list[Hashes] = [np.zeros(0, np.uint64)]
    for band in range(BANDS):
        keys = _keys(sketches, band, blocked=True)
        order = np.argsort(keys, kind="stable")
        places = np.arange(len(order))
        again = (places > 0) & (keys[order] == keys[np.roll(order, 1)])
        first = np.maximum.accumulate(np.where(again, 0, places))
        later = order[again]
        for earlier in (order[first[again]], order[places[again] - 1]):
            found.append(_coded(later, earlier))
        found = [np.unique(np.concatenate(found))]
    pairs = _decoded(found[0])
    return pairs[_agreement(pairs, sketches, sketches) >= LEAST_AGREEMENT]


def between(sketches: Sketches, references: Sketches) -> Pairs:
    """Each question with the few references whose signatures agree most with its own, whatever their numbers.

    Those that also share its numbers and its answer are looked for by themselves. A story that more than MOST_ALIKE
    references tell with other numbers is a template and is left out, as is a bucket that holds so many.
    """
    story = np.flatnonzero(~_templated(references))
    others = np.arange(len(references.whole))
    found = [np.zeros((0, 2), np.int64)]
    for start in range(0, len(sketches.whole), _TOGETHER):
        rows = np.arange(start, min(start + _TOGETHER, len(sketches.whole)))
        part = sketches.take(rows)
        close = _closest(part, references, others, blocked=True)
        alike = _closest(part, references, story, blocked=False)
        pairs = np.unique(np.concatenate([close, alike]), axis=0)
        pairs[:, 0] += start
        found.append(pairs)
    return np.concatenate(found)


def _closest(questions: Sketches, references: Sketches, rows: NDArray[np.int64], blocked: bool) -> Pairs:
    known = references.take(rows)
    links: list[Hashes] = [np.zeros(0, np.uint64)]
    for band in range(BANDS):
        keys = _keys(known, band, blocked)
        order = np.argsort(keys, kind="stable")
        wanted = _keys(questions, band, blocked)
        lower, upper = (np.searchsorted(keys[order], wanted, side) for side in ("left", "right"))
        held = upper - lower
        held = np.minimum(held, MOST_ALIKE) if blocked else np.where(held > MOST_ALIKE, 0, held)
        question = np.repeat(np.arange(len(wanted)), held)
        within_bucket = np.arange(len(question)) - np.repeat(np.cumsum(held) - held, held)
        links.append(_coded(question, rows[order[np.repeat(lower, held) + within_bucket]]))
    pairs = _decoded(np.unique(np.concatenate(links)))
    agreement = _agreement(pairs, questions, references)
    best = np.lexsort((pairs[:, 1], -agreement, pairs[:, 0]))
    pairs = pairs[best[agreement[best] >= LEAST_AGREEMENT]]
    first = np.searchsorted(pairs[:, 0], pairs[:, 0], "left")
    few: Pairs = pairs[np.arange(len(pairs)) - first < _MOST_LOOKS]
    return few


def _agreement(pairs: Pairs, later: Sketches, earlier: Sketches) -> NDArray[np.float64]:
    """The share of the signature in which each pair agrees."""
    shares = [np.zeros(0)]
    for start in range(0, len(pairs), _TOGETHER):
        part = pairs[start : start + _TOGETHER]
        shares.append((later.values[part[:, 0]] == earlier.values[part[:, 1]]).mean(axis=1))
    return np.concatenate(shares)


def _keys(sketches: Sketches, band: int, blocked: bool) -> Hashes:
    keys = sketches.bands[:, band].astype(np.uint64)
    return mixed(keys + sketches.block) if blocked else keys


def _templated(references: Sketches) -> NDArray[np.bool_]:
    """Whether a reference shares its story with more than MOST_ALIKE that have other numbers."""
    distinct = np.unique(np.stack([references.skeleton, references.block]), axis=1)
    stories, variants = np.unique(distinct[0], return_counts=True)
    return np.isin(references.skeleton, stories[variants > MOST_ALIKE])


def _coded(later: NDArray[np.int64], earlier: NDArray[np.int64]) -> Hashes:
    return later.astype(np.uint64) << np.uint64(32) | earlier.astype(np.uint64)


def _decoded(codes: Hashes) -> Pairs:
    return np.stack([codes >> np.uint64(32), codes & np.uint64(0xFFFFFFFF)], axis=1).astype(np.int64)
