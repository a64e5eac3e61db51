"""The decision: which questions may not train, since a reference or an earlier question says the same.

References are what training must not touch: held-out problems, and the questions of an evaluation. Of questions
that say the same the first stays, and none does that says what a reference says. Hashes and bands only propose;
a near copy is called one when the similarity of the two texts themselves says so.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from filters.overlap.normal import masked, normalised, words
from filters.overlap.pairs import Pairs, between, within
from filters.overlap.phrases import Covered
from filters.overlap.shingles import runs
from filters.overlap.sketches import RUN, Sketches

ALIKE = 0.55  # Jaccard similarity of the pairs of words, counted as often as they stand there
_WORDS_TOGETHER = 2**20  # in texts that are held at a time

Questions = Callable[[Sequence[int]], Sequence[str]]
"""Rows of the sketches to the questions that they were made of."""


class Overlap(NamedTuple):
    """The question in `row` says what the one in `other` says, which stays."""

    row: int
    other: int
    kind: Literal["same", "near", "covered"]
    similarity: float


def compare(
    sketches: Sketches,
    references: int,
    fresh: NDArray[np.bool_],
    covered: Mapping[int, Covered],
    questions: Questions,
) -> list[Overlap]:
    """At most one Overlap a row, in the order of the rows.

    The first `references` rows are references; the others follow in the order in which they have a right to stay.
    Only pairs of which one is `fresh` are compared. `covered`: what phrases say of a row, and the reference's row.
    Linear in the questions but for sorting; holds the sketches and as much again.
    """
    found = dict(_same_as_reference(sketches, references, fresh))
    for row, (other, share) in covered.items():
        found.setdefault(row, Overlap(row, other, "covered", share))
    for step in (_near_reference, _same, _near):
        rows = np.array([row for row in range(references, len(fresh)) if row not in found], np.int64)
        for overlap in step(sketches, references, rows, fresh, questions):
            found.setdefault(overlap.row, overlap)
    return [found[row] for row in sorted(found)]


def _same_as_reference(
    sketches: Sketches, references: int, fresh: NDArray[np.bool_]
) -> Iterator[tuple[int, Overlap]]:
    for keys in (sketches.whole, sketches.instance):
        known, first = np.unique(keys[:references], return_index=True)
        if not known.size:
            return
        place = np.searchsorted(known, keys[references:]).clip(max=len(known) - 1)
        equal = (known[place] == keys[references:]) & (keys[references:] != 0)
        for row in np.flatnonzero(equal).tolist():
            other = int(first[place[row]])
            row += references
            if fresh[row] or fresh[other]:
                yield row, Overlap(row, other, "same", 1.0)


def _near_reference(
    sketches: Sketches,
    references: int,
    rows: NDArray[np.int64],
    fresh: NDArray[np.bool_],
    questions: Questions,
) -> list[Overlap]:
    prose, known = _prose(sketches, rows), _prose(sketches, np.arange(references))
    pairs = between(sketches.take(prose), sketches.take(known))
    pairs = _worthwhile(np.stack([prose[pairs[:, 0]], known[pairs[:, 1]]], axis=1), sketches, fresh)
    best: dict[int, Overlap] = {}
    for (row, other), similarity in _similarities(pairs, sketches, questions, masked):
        if similarity >= ALIKE and (row not in best or similarity > best[row].similarity):
            best[row] = Overlap(row, other, "near", similarity)
    return list(best.values())


def _same(
    sketches: Sketches,
    references: int,
    rows: NDArray[np.int64],
    fresh: NDArray[np.bool_],
    questions: Questions,
) -> Iterator[Overlap]:
    for column in (sketches.whole, sketches.instance):
        keys = column[rows]
        _, first, group = np.unique(keys, return_index=True, return_inverse=True)
        stays = rows[first[group]]
        again = (stays < rows) & (keys != 0) & fresh[rows]
        for row, other in zip(rows[again].tolist(), stays[again].tolist(), strict=True):
            yield Overlap(row, other, "same", 1.0)
        rows = rows[~again]


def _near(
    sketches: Sketches,
    references: int,
    rows: NDArray[np.int64],
    fresh: NDArray[np.bool_],
    questions: Questions,
) -> Iterator[Overlap]:
    prose = _prose(sketches, rows)
    pairs = _worthwhile(prose[within(sketches.take(prose))], sketches, fresh)
    left_out: set[int] = set()
    for (row, other), similarity in _similarities(pairs, sketches, questions, list):
        if similarity >= ALIKE and row not in left_out and other not in left_out:
            left_out.add(row)
            yield Overlap(row, other, "near", similarity)


def _prose(sketches: Sketches, rows: NDArray[np.int64]) -> NDArray[np.int64]:
    return rows[sketches.size[rows] > 0]


def _worthwhile(pairs: Pairs, sketches: Sketches, fresh: NDArray[np.bool_]) -> Pairs:
    """The pairs with something new in them, of lengths that allow them to be alike."""
    sizes = sketches.size[pairs].astype(np.float64)
    alike = sizes.min(axis=1, initial=np.inf) >= ALIKE * sizes.max(axis=1, initial=0)
    worthwhile: Pairs = pairs[alike & fresh[pairs].any(axis=1)]
    return worthwhile


def _similarities(
    pairs: Pairs, sketches: Sketches, questions: Questions, view: Callable[[list[str]], list[str]]
) -> Iterator[tuple[tuple[int, int], float]]:
    """Each pair, the similarity of its texts as `view` shows their words; in the order of the first of the pair."""
    together = np.cumsum(sketches.size[pairs].sum(axis=1, dtype=np.int64)) // _WORDS_TOGETHER
    for part in np.split(pairs, np.flatnonzero(np.diff(together)) + 1):
        rows = np.unique(part).tolist()
        counted = [_counted(view(words(normalised(question)))) for question in questions(rows)]
        of_row = dict(zip(rows, counted, strict=True))
        for row, other in part.tolist():
            yield (row, other), _jaccard(of_row[row], of_row[other])


def _counted(found: list[str]) -> Counter[int]:
    return Counter(runs([found], RUN).hashes.tolist())


def _jaccard(one: Counter[int], other: Counter[int]) -> float:
    return (one & other).total() / (one | other).total()
