"""The rows of an import, read twice: first checked to the last line, then taken in units of some thousand.

What must be known of the whole file before any of it is used is a Survey; it keeps some hundred bytes
of each question, and no text outlives its unit.
"""

import hashlib
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

from curriculum.records import Problem, Sample, content_key
from filters import judge_named
from flows.progress import Bars, stage
from generators.imported import BadImport, Imported, read
from generators.row_files import open_regular

UNIT_ITEMS = 5000  # rows and samples: about a second of work
UNIT_CHARACTERS = 50_000_000
MOST_UNREAD = 20  # keys without a meaning that are named


@dataclass(frozen=True, slots=True)
class Survey:
    """A file that was checked to its end. `repeated` are the questions that stand on several rows."""

    file: Path
    name: str
    digest: str
    rows: int
    problems: int
    heldout: int
    samples: int
    labels: int
    repeated: frozenset[bytes]
    unread: dict[str, int]  # key to rows


class Numbered(NamedTuple):
    """A row and, for each sample, how often the file had the same text of the same policy for it before."""

    row: Imported
    occurrences: tuple[int, ...]


def survey(file: Path, name: str, progress: Bars) -> Survey:
    """Check every row; BadImport at the first that is wrong or gives an earlier question another answer."""
    digest, lines = _fingerprint(file)
    first: dict[bytes, tuple[str, str]] = {}
    repeated: set[bytes] = set()
    unread = Counter[str]()
    heldout = samples = labels = 0
    with stage(progress, f"{name}: check", lines, "rows") as meter:
        for row in read(file, name, settle_check):
            question = _identity(row.problem.question)
            if question in first:
                _check_same_answer(row, *first[question])
                repeated.add(question)
            else:
                first[question] = (row.problem.key, row.place.rpartition(", ")[2])
                heldout += row.problem.split == "heldout"
            samples += len(row.samples)
            labels += sum(sample.label is not None for sample in row.samples)
            unread.update(key for key in row.unread if key in unread or len(unread) < MOST_UNREAD)
            meter.advance()
    counts = (meter.items, len(first), heldout, samples, labels)
    return Survey(file, name, digest, *counts, frozenset(repeated), dict(unread))


def units(checked: Survey) -> Iterator[list[Numbered]]:
    """The rows in order, in lists whose bounds the file alone decides; a kill loses at most one."""
    unit: list[Numbered] = []
    items = characters = 0
    for numbered in _numbered(checked):
        unit.append(numbered)
        items += 1 + len(numbered.row.samples)
        characters += sum(len(sample.text) for sample in numbered.row.samples)
        if items >= UNIT_ITEMS or characters >= UNIT_CHARACTERS:
            yield unit
            unit, items, characters = [], 0, 0
    if unit:
        yield unit


def settle_check(answer: str, check: str | None) -> str:
    """The check of an answer: the one named, else `number` if it is one, else `text`.

    ValueError if there is no such check, or if its judge cannot read the answer.
    """
    if check is None:
        check = "number" if _readable(answer, "number") else "text"
    if not _readable(answer, check):
        raise ValueError(f"answer is what the judge {check!r} can read; found {answer[:60]!r}")
    return check


def _readable(answer: str, check: str) -> bool:
    judge = judge_named(check)
    try:
        judge(Problem("", 1, "", answer, check), Sample("", "", 0, 0.0, "", 0, "recorded"))
    except ValueError:
        return False
    return True


def _check_same_answer(row: Imported, key: str, place: str) -> None:
    if row.problem.key != key:
        raise BadImport(
            f"{row.place}: a question has one answer and one check; found {row.problem.answer[:60]!r}"
            f" by {row.problem.check!r}, and another on {place}"
        )


def _numbered(checked: Survey) -> Iterator[Numbered]:
    whole_file = Counter[bytes]()  # of the questions that come again
    for row in read(checked.file, checked.name, settle_check):
        seen = whole_file if _identity(row.problem.question) in checked.repeated else Counter[bytes]()
        occurrences = []
        for sample in row.samples:
            same = _identity(row.problem.key, sample.policy, sample.text)
            occurrences.append(seen[same])
            seen[same] += 1
        yield Numbered(row, tuple(occurrences))


def _identity(*texts: str) -> bytes:
    return bytes.fromhex(content_key(*texts))


def _fingerprint(file: Path) -> tuple[str, int]:
    """The sha256 of the file's bytes, and its lines, which are the rows of JSONL."""
    digest, lines = hashlib.sha256(), 0
    with open_regular(file) as stream:
        while block := stream.read(2**20):
            digest.update(block)
            lines += block.count(b"\n")
    return digest.hexdigest(), lines
