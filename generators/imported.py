"""Problems, and the samples recorded for them, from files that somebody else wrote.

A row is one problem with any number of samples, in one of the layouts of `row_shapes`. Whether an answer
can be read is for the judges to say, which this room does not know: the caller hands in `settle`.
"""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

from curriculum.records import Problem
from generators.row_files import BadImport, Row, read_rows
from generators.row_shapes import Recorded, parts
from generators.row_values import found, name, text, whole

__all__ = ["BadImport", "Imported", "Recorded", "Settle", "read"]

HIGHEST_LEVEL = 1_000_000
_SOURCE = re.compile(r"[A-Za-z0-9_][A-Za-z0-9_.-]{0,59}")  # it becomes a part of the names of files

Settle = Callable[[str, str | None], str]
"""(answer, its check if the row names one) to the check that shall judge it; ValueError if none can."""


@dataclass(frozen=True, slots=True)
class Imported:
    """One row. `place` names it in messages; `unread` are the keys in it that mean nothing here."""

    place: str
    problem: Problem
    samples: tuple[Recorded, ...]
    unread: tuple[str, ...]


def read(file: Path, source: str, settle: Settle) -> Iterator[Imported]:
    """The rows of a JSONL or Parquet file in order, one at a time; BadImport at the first that breaks a rule.

    `source` names the import; it is also the family of rows and the policy of samples that name none.
    """
    if not _SOURCE.fullmatch(source):
        raise BadImport(f"a name is 1 to 60 letters, digits, '_', '-' and '.'; not {source!r}")
    row = None
    for row in read_rows(file):
        try:
            imported = _imported(row, source, settle)
        except ValueError as error:
            raise BadImport(f"{row.place}: {error}") from None
        yield imported
    if row is None:
        raise BadImport(f"{file}: an import has at least one row; found none")


def _imported(row: Row, source: str, settle: Settle) -> Imported:
    said = parts(row.values, source)
    question = text(row.values, "question")
    if not question.strip():
        raise ValueError(f"question is a text that is not blank; found {found(question)}")
    problem = Problem(
        family=name(row.values, "family", source),
        level=whole(row.values, "level", 1, HIGHEST_LEVEL, default=1),
        question=question,
        answer=said.answer,
        check=settle(said.answer, said.check),
        source=f"import:{source}",
    )
    return Imported(row.place, problem, said.samples, said.unread)
