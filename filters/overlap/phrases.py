"""Evaluation questions by their runs of eight words, and how much of one another text covers.

Numbers are masked: the same story with other numbers still prepares for the test. Runs that many questions of the
evaluation share (an instruction, the words of a template) say nothing of any one of them and are left out.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from filters.overlap.shingles import Hashes, runs
from filters.overlap.sketches import Reading

LENGTH = 8  # words
LEAST_COVERED = 0.5  # of an evaluation question
FEWEST = 4  # runs; a question with fewer is compared whole
MOST_SHARED = 8  # questions of one evaluation that may share a run


class Covered(NamedTuple):
    """Which evaluation question a text covers, and which share of its runs."""

    row: int
    share: float


class Phrases:
    """The runs of one evaluation's questions. Holds some 12 bytes a run."""

    def __init__(self, readings: Sequence[Reading]) -> None:
        self.questions = len(readings)
        hashes, rows = _distinct(readings)
        order = np.argsort(hashes, kind="stable")
        hashes, rows = hashes[order], rows[order]
        _, place, counts = np.unique(hashes, return_inverse=True, return_counts=True)
        telling = counts[place] <= MOST_SHARED
        self._hashes, self._rows = hashes[telling], rows[telling].astype(np.uint32)
        self._runs = np.bincount(self._rows, minlength=len(readings))

    def covered(self, readings: Sequence[Reading]) -> list[Covered | None]:
        """For each text the evaluation question of which it covers most, if that is enough."""
        found: list[Covered | None] = [None] * len(readings)
        hashes, texts = _distinct(readings)
        lower, upper = (np.searchsorted(self._hashes, hashes, side) for side in ("left", "right"))
        held = upper - lower  # at most MOST_SHARED
        within = np.arange(held.sum()) - np.repeat(np.cumsum(held) - held, held)
        rows = self._rows[np.repeat(lower, held) + within].astype(np.int64)
        pairs, counts = np.unique(np.repeat(texts, held) * self.questions + rows, return_counts=True)
        for pair, count in zip(pairs.tolist(), counts.tolist(), strict=True):
            text, row = divmod(pair, self.questions)
            share = count / int(self._runs[row])
            best = found[text]
            if self._runs[row] >= FEWEST and share >= LEAST_COVERED and (best is None or share > best.share):
                found[text] = Covered(row, share)
        return found


def _distinct(readings: Sequence[Reading]) -> tuple[Hashes, NDArray[np.int64]]:
    """The distinct runs of each text, and for each run its text."""
    long = [number for number, reading in enumerate(readings) if len(reading.story) >= LENGTH]
    hashes, starts = runs([readings[number].story for number in long], LENGTH)
    texts = np.repeat(np.array(long, np.int64), np.diff(starts))
    order = np.lexsort((hashes, texts))
    hashes, texts = hashes[order], texts[order]
    new = np.ones(len(order), bool)
    new[1:] = (hashes[1:] != hashes[:-1]) | (texts[1:] != texts[:-1])
    return hashes[new], texts[new]
