"""Fresh problems of one cell: none that was drawn before, none from the other split."""

from collections.abc import Set

from curriculum.records import Problem, Split, hashed_seed
from generators import family_named

TRIES_PER_PROBLEM = 50  # a small cell (two-digit sums, say) runs dry; then fewer come back


def draw(
    family: str, level: int, count: int, seed: int, split: Split, taken: Set[str] = frozenset()
) -> list[Problem]:
    """Up to `count` distinct problems of `split` whose keys are not in `taken`, fixed by the arguments.

    Fewer than `count` come back when the cell has no more to give. ValueError: unknown family or level.
    """
    generate = family_named(family).generate
    found: dict[str, Problem] = {}
    for attempt in range(TRIES_PER_PROBLEM * count):
        if len(found) == count:
            break
        problem = generate(level, hashed_seed(seed, family, level, attempt))
        if problem.split == split and problem.key not in taken:
            found.setdefault(problem.key, problem)
    return list(found.values())
