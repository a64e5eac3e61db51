"""Planted copies and test-set leaks among many rows: recall of each way of planting, precision, rows/s.

Nine rows in ten are stories, the rest tasks of families, whose questions share their template. The peer, where it
is installed (`pip install datasketch`), looks for near copies among the same words with as many permutations.
`--real FILE...` prints the pairs that are called near copies in JSONL files of questions and answers.
"""

import argparse
import json
import resource
import time
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple

import numpy as np

from benchmarks.planting import EXACT, LEAKS, NEAR, story
from curriculum.records import hashed_seed
from filters.overlap.comparison import Overlap, compare
from filters.overlap.instances import instance, template_words
from filters.overlap.phrases import Covered, Phrases
from filters.overlap.sketches import BANDS, ROWS, Text, joined, read, sketch
from generators import FAMILIES

TOTAL, TEST = 200_000, 1500
PLANTED = {"exact": 1000, "near": 1000, "leak": 200}
TEMPLATED = 0.1  # of the rows, of the test and of its leaks
BATCH = 2000
PEER_ROWS = 10_000
HOW = {"same": "exact", "near": "near"}  # what an overlap of two rows is called; one with the test is a leak


class Copy(NamedTuple):
    """How one row was made of another."""

    kind: str
    way: str
    row: int
    original: int


class Planting(NamedTuple):
    """Rows, of which the first TEST are the test. `originals` says which row each was made of, or is."""

    rows: list[Text]
    copies: list[Copy]
    originals: list[int]


def plant(total: int, copies: Mapping[str, int], seed: int = 1) -> Planting:
    """`total` rows beside the test with so many copies of each kind among them, all in random order."""
    rng = Random(seed)
    asked: dict[str, Text] = {}
    while len(asked) < TEST:
        row = _task(rng) if rng.random() < TEMPLATED else _story(rng)
        asked.setdefault(row.question, row)
    test = list(asked.values())
    rows: dict[str, Text] = {}
    while len(rows) < total - sum(copies.values()):
        row = _task(rng) if rng.random() < TEMPLATED else _story(rng)
        if row.question not in asked:
            rows.setdefault(row.question, row)
    everything = [*test, *rows.values()]
    stories = [place for place in range(TEST, len(everything)) if not everything[place].instance]
    made: list[Copy] = []
    for kind, ways in (("exact", EXACT), ("near", NEAR), ("leak", LEAKS)):
        among = range(TEST) if kind == "leak" else stories
        for number, original in enumerate(rng.sample(among, copies[kind])):
            task = bool(everything[original].instance)
            fitting = EXACT if task else ways  # a task with other numbers is another task
            way = list(fitting)[number % len(fitting)]
            copy = everything[original]._replace(question=fitting[way](everything[original].question, rng))
            made.append(Copy(kind, f"task, {way}" if task else way, len(everything), original))
            everything.append(copy)
    order = [*range(TEST), *rng.sample(range(TEST, len(everything)), len(everything) - TEST)]
    place_of = {old: new for new, old in enumerate(order)}
    originals = list(range(len(everything)))
    for copy in made:
        originals[place_of[copy.row]] = originals[place_of[copy.original]] = place_of[copy.original]
    moved = [copy._replace(row=place_of[copy.row], original=place_of[copy.original]) for copy in made]
    return Planting([everything[place] for place in order], moved, originals)


def _story(rng: Random) -> Text:
    return Text(*story(rng))


def _task(rng: Random) -> Text:
    family = rng.choice(list(FAMILIES))
    problem = FAMILIES[family].generate(FAMILIES[family].top_level, hashed_seed("overlap", rng.random()))
    return Text(problem.question, problem.answer, instance(family, problem.question, TEMPLATES[family]))


TEMPLATES = {
    name: template_words(
        family.generate(1 + n % family.top_level, hashed_seed("probe", n)).question for n in range(24)
    )
    for name, family in FAMILIES.items()
}


def find(rows: Sequence[Text], references: int) -> list[Overlap]:
    phrases: Phrases | None = None
    parts, covered = [], dict[int, Covered]()
    for start, batch in _batches(rows, references):
        readings = [read(text) for text in batch]
        parts.append(sketch(readings))
        if phrases is None:
            phrases = Phrases(readings)  # the first batch is the references
            continue
        found = phrases.covered(readings)
        covered |= {start + place: leak for place, leak in enumerate(found) if leak}
    fresh = np.ones(len(rows), bool)
    return compare(
        joined(parts), references, fresh, covered, lambda wanted: [rows[row].question for row in wanted]
    )


def _batches(rows: Sequence[Text], first: int) -> Iterator[tuple[int, Sequence[Text]]]:
    yield 0, rows[:first]
    for start in range(first, len(rows), BATCH):
        yield start, rows[start : start + BATCH]


def score(planting: Planting, found: Sequence[Overlap], references: int) -> list[tuple[str, str, str]]:
    """(kind, way, figures), the precision of each kind first."""
    called = {overlap.row: overlap for overlap in found}
    lines = []
    for kind in PLANTED:
        calls = [o for o in found if kind == ("leak" if o.other < references else HOW[o.kind])]
        right = sum(planting.originals[o.row] == planting.originals[o.other] for o in calls)
        copies = [copy for copy in planting.copies if copy.kind == kind]
        ways = Counter(copy.way for copy in copies)
        hits = Counter(copy.way for copy in copies if copy.row in called or copy.original in called)
        recall = f"recall {hits.total() / ways.total():.4f} of {ways.total()}"
        precision = right / len(calls) if calls else 1.0
        lines.append((kind, "all", f"{recall}, precision {precision:.4f} of {len(calls)}"))
        lines += [(kind, way, f"recall {hits[way] / count:.4f} of {count}") for way, count in ways.items()]
    return lines


def rows(total: int = TOTAL) -> list[tuple[str, str, str]]:
    """(what, figure, ratio to the peer)."""
    planting = plant(total, PLANTED)
    started = time.perf_counter()
    found = find(planting.rows, TEST)
    ours = len(planting.rows) / (time.perf_counter() - started)
    lines = [(f"{kind}: {way}", figures, "") for kind, way, figures in score(planting, found, TEST)]
    peer, recall = _peer()
    ratio = f"{ours / peer:.1f}" if peer else ""
    lines.append(("all of it", f"{ours:,.0f} rows/s", ratio))
    lines.append(("datasketch", f"{peer:,.0f} rows/s, {recall}" if peer else recall, "1" if peer else ""))
    return lines


def _peer() -> tuple[float, str]:
    """Rows/s of datasketch over stories, and what it finds of a near copy of every twentieth."""
    try:
        from datasketch import MinHash, MinHashLSH
    except ImportError:
        return 0.0, "not installed"
    rng = Random(2)
    rows = [story(rng).question for _ in range(PEER_ROWS)]
    copies = {
        f"copy {n}": list(NEAR.values())[n % len(NEAR)](rows[20 * n], rng) for n in range(len(rows) // 20)
    }
    index = MinHashLSH(params=(BANDS, ROWS), num_perm=BANDS * ROWS)
    hits = 0
    started = time.perf_counter()
    for name, question in [*((str(n), row) for n, row in enumerate(rows)), *copies.items()]:
        told = read(Text(question)).story
        signature = MinHash(num_perm=BANDS * ROWS)
        signature.update_batch([" ".join(pair).encode() for pair in pairwise(told)])
        close = index.query(signature)
        index.insert(name, signature)
        if name in copies:
            hits += str(20 * int(name.split()[1])) in close
    rate = (len(rows) + len(copies)) / (time.perf_counter() - started)
    return rate, f"candidates hold {hits / len(copies):.4f} of {len(copies)} near copies"


def real(files: Sequence[Path]) -> None:
    """Print what is found in files of real questions: the first file's questions are the references."""
    texts, references = [], 0
    for file in files:
        said = [json.loads(line) for line in file.read_text().splitlines()]
        texts += [Text(row["question"], str(row["answer"]).rpartition("#### ")[2]) for row in said]
        references = references or len(texts)
    for overlap in find(texts, references):
        print(f"{overlap.kind} {overlap.similarity:.2f}")
        print(
            f"  {overlap.row}: {texts[overlap.row].question}\n  {overlap.other}: {texts[overlap.other].question}"
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rows", type=int, default=TOTAL)
    parser.add_argument("--real", type=Path, nargs="+", help="JSONL; the first file is the test")
    arguments = parser.parse_args()
    if arguments.real:
        return real(arguments.real)
    for what, figure, ratio in rows(arguments.rows):
        print(f"{what:<36}{figure:<52}{ratio:>8}", flush=True)
    print(f"most memory: {resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**20:.2f} GB")
    return None


if __name__ == "__main__":
    main()
