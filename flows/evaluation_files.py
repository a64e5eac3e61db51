"""The questions of evaluation files, which training must not touch: read whole, before anything is written."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from curriculum.records import hashed_seed
from filters.overlap.instances import instance, template_words
from filters.overlap.sketches import Text
from generators import FAMILIES
from generators.imported import BadImport, Imported, read
from generators.row_files import open_regular


@dataclass(frozen=True, slots=True)
class EvaluationSet:
    """The rows of one file. `name` is that of its folder and its own, such as gsm8k/test."""

    name: str
    unit: str  # what units of work that looked at it are called after: its name and its content
    texts: tuple[Text, ...]
    places: tuple[str, ...]  # such as line 12


def read_sets(files: Sequence[Path]) -> tuple[EvaluationSet, ...]:
    """The sets of JSONL or Parquet files, which have the columns of an import.

    BadImport at the first row that breaks a rule, or if two files have one name. They are held in memory, with
    about twice the size of the files.
    """
    sets: dict[str, EvaluationSet] = {}
    for file in dict.fromkeys(file.resolve() for file in files):
        found = _read_set(file)
        if found.name in sets:
            raise BadImport(
                f"{file}: evaluation files differ in their names or their folders'; found two {found.name}"
            )
        sets[found.name] = found
    return tuple(sets.values())


def text_of(family: str, question: str, answer: str, also: frozenset[str] = frozenset()) -> Text:
    """A problem as it is compared: a task by its operands, prose by its words. `also` are further template words."""
    if family not in FAMILIES:
        return Text(question, answer)
    return Text(question, answer, instance(family, question, _template(family) | also))


@cache
def _template(family: str) -> frozenset[str]:
    known = FAMILIES[family]
    probes = (known.generate(level, hashed_seed("overlap", level)) for level in range(1, known.top_level + 1))
    return template_words(probe.question for probe in probes)


def _read_set(file: Path) -> EvaluationSet:
    rows = list(read(file, "evaluation", lambda answer, check: check or "text"))  # its answers are not judged
    also = {
        family: _words_of(family, rows) for family in {row.problem.family for row in rows} & FAMILIES.keys()
    }
    texts = (
        text_of(p.family, p.question, p.answer, also.get(p.family, frozenset()))
        for p in (r.problem for r in rows)
    )
    with open_regular(file) as stream:
        digest = hashlib.file_digest(stream, "sha256").hexdigest()
    name = f"{file.parent.name}/{file.stem}"
    unit = f"{re.sub(r'[^A-Za-z0-9_.-]', '-', name)[:60]}-{digest[:12]}"
    return EvaluationSet(name, unit, tuple(texts), tuple(row.place.rpartition(", ")[2] for row in rows))


def _words_of(family: str, rows: Sequence[Imported]) -> frozenset[str]:
    return template_words(row.problem.question for row in rows if row.problem.family == family)
