"""The problems of a home as they are compared: read once, some at a time, and put in the order in which they stay."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any, NamedTuple

import duckdb
import numpy as np
from numpy.typing import NDArray

from filters.overlap.phrases import Covered, Phrases
from filters.overlap.sketches import Sketches, joined, read, sketch
from flows.evaluation_files import text_of

BATCH_ROWS, BATCH_CHARACTERS = 2000, 2_000_000

Keys = NDArray[np.bytes_]
Order = Callable[[Sequence[dict[str, Any]]], NDArray[np.int64]]
"""Rows of problems to when each came: before this comparison (-1), or as the n-th of what is new."""


class Problems(NamedTuple):
    """The problems of a home in the order in which they stay: held-out ones first, then what came first."""

    keys: Keys
    sketches: Sketches
    fresh: NDArray[np.bool_]
    covered: dict[int, Covered]
    heldout: int  # how many are


def read_problems(
    con: duckdb.DuckDBPyConnection,
    query: str,
    parameters: Mapping[str, object],
    order: Order,
    phrases: Sequence[Phrases],
) -> Problems:
    """The problems of a query. `covered` names rows of all the phrases' questions, one set behind the other.

    Holds some 350 bytes a problem, and of their texts a batch.
    """
    keys, parts, heldout, came = [np.zeros(0, "S32")], [], [np.zeros(0, bool)], [np.zeros(0, np.int64)]
    covered: dict[int, Covered] = {}
    seen = 0
    for rows in _batches(con.execute(query, dict(parameters))):
        readings = [read(text_of(row["family"], row["question"], row["answer"])) for row in rows]
        keys.append(np.array([row["key"] for row in rows], "S32"))
        parts.append(sketch(readings))
        heldout.append(np.array([row["split"] == "heldout" for row in rows]))
        came.append(order(rows))
        first_test = 0
        for one in phrases:
            for place, found in enumerate(one.covered(readings)):
                if found and (seen + place not in covered or covered[seen + place].share < found.share):
                    covered[seen + place] = Covered(first_test + found.row, found.share)
            first_test += one.questions
        seen += len(rows)
    return _in_order(
        np.concatenate(keys), np.concatenate(heldout), np.concatenate(came), joined(parts), covered
    )


def _in_order(
    keys: Keys,
    heldout: NDArray[np.bool_],
    came: NDArray[np.int64],
    sketches: Sketches,
    covered: Mapping[int, Covered],
) -> Problems:
    rows = np.lexsort((keys, came, ~heldout))
    _, first = np.unique(keys[rows], return_index=True)  # a key may stand in two shards
    rows = rows[np.sort(first)]
    place = {int(row): number for number, row in enumerate(rows) if int(row) in covered and not heldout[row]}
    return Problems(
        keys[rows],
        sketches.take(rows),
        came[rows] >= 0,
        {number: covered[row] for row, number in place.items()},
        int(heldout[rows].sum()),
    )


def _batches(result: duckdb.DuckDBPyConnection) -> Iterator[list[dict[str, Any]]]:
    """The rows of a query, some at a time: few, if their questions are long."""
    names = [column[0] for column in result.description or ()]
    batch: list[dict[str, Any]] = []
    characters = 0
    while rows := result.fetchmany(64):
        batch += (dict(zip(names, row, strict=True)) for row in rows)
        characters += sum(len(row["question"]) for row in batch[-len(rows) :])
        if len(batch) >= BATCH_ROWS or characters >= BATCH_CHARACTERS:
            yield batch
            batch, characters = [], 0
    if batch:
        yield batch
