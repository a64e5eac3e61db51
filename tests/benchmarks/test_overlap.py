"""The benchmark of overlaps at a small size: what is planted is found, and nothing else."""

from benchmarks.overlap import TEST, find, plant, score
from filters.overlap.comparison import Overlap


def test_planted_copies_are_found_and_little_else() -> None:
    planting = plant(3000, copies={"exact": 100, "near": 140, "leak": 100})
    assert len({row.question for row in planting.rows}) > 2900
    found = find(planting.rows, TEST)
    figures = {(kind, way): figure for kind, way, figure in score(planting, found, TEST)}
    for kind, least in (("exact", 0.99), ("near", 0.95), ("leak", 0.99)):
        _, recall, _, _, _, precision, _, _ = figures[kind, "all"].split()
        assert float(recall) >= least, figures
        assert float(precision) >= 0.95, figures


def test_what_is_not_found_or_wrong_is_counted_as_such() -> None:
    planting = plant(3000, copies={"exact": 4, "near": 7, "leak": 10})
    exact = [copy for copy in planting.copies if copy.kind == "exact"]
    other = next(row for row, original in enumerate(planting.originals) if row == original and row > TEST)
    found = [Overlap(exact[0].row, exact[0].original, "same", 1.0), Overlap(exact[1].row, other, "same", 1.0)]
    figures = {(kind, way): figure for kind, way, figure in score(planting, found, TEST)}
    assert figures["exact", "all"] == "recall 0.5000 of 4, precision 0.5000 of 2"
    assert figures["near", "all"] == "recall 0.0000 of 7, precision 1.0000 of 0"
