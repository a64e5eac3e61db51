"""When the samples of one problem agree enough: the rule of Adaptive-Consistency, computed exactly.

Sampling stops when the class of answers in the lead is the majority with 95 % confidence: P(Beta(v1 + 1, v2 + 1) >
1/2) >= 0.95 for the two largest counts v1 >= v2 (Aggarwal et al. 2023, Let's Sample Step by Step).
"""

from collections import Counter
from collections.abc import Iterable, Sequence
from fractions import Fraction
from functools import lru_cache

CONFIDENCE = Fraction(19, 20)
FEWEST, MOST = 4, 40  # samples
MAX_COUNT = 10_000  # votes for one class: sums are exact, so their cost grows


def decided(counts: Iterable[int]) -> bool:
    """Whether the leader is the majority with 95 % confidence, given the votes of each class in any order.

    ValueError for a count below 0 or above 10,000.
    """
    ranked = sorted([0, 0, *counts], reverse=True)
    if ranked[-1] < 0 or ranked[0] > MAX_COUNT:
        raise ValueError(f"counts of votes lie between 0 and {MAX_COUNT:,}, not {ranked[-1]} to {ranked[0]}")
    return _leads(ranked[0], ranked[1])


@lru_cache(maxsize=4096)
def _leads(first: int, second: int) -> bool:
    """P(Beta(a, b) > 1/2) for whole a, b is the chance of fewer than a heads in a + b - 1 tosses of a coin."""
    tosses = first + second + 1
    behind, ways = 0, 1
    for heads in range(second + 1):  # of more than `first` heads, which is as likely as of at most `second`
        behind += ways
        ways = ways * (tosses - heads) // (heads + 1)
    return behind <= (1 - CONFIDENCE) * (1 << tosses)


def stop_sampling(classes: Sequence[str | None], fewest: int = FEWEST, most: int = MOST) -> bool:
    """Whether the samples seen so far of one problem are enough: decided, or as many as there may be.

    Samples without an answer count towards `fewest` and `most`, and vote for nothing.
    """
    if len(classes) >= most:
        return True
    return len(classes) >= fewest and decided(Counter(name for name in classes if name is not None).values())
