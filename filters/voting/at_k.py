"""What k samples of one problem come to: their majority (maj@k), and whether one of them is right (pass@k)."""

from collections.abc import Iterable
from fractions import Fraction
from math import comb

from filters.voting.consensus import tally


def majority(classes: Iterable[str | None]) -> str | None:
    """The class most voted for, ties as in `tally`: maj@k asks whether it is the right one among k samples."""
    return tally(classes).winner


def pass_at_k(samples: int, right: int, k: int) -> float:
    """The chance that k of the samples, drawn without replacement, hold a right one: unbiased (Chen et al. 2021).

    ValueError unless 0 <= right <= samples and 1 <= k <= samples.
    """
    if not (0 <= right <= samples and 1 <= k <= samples):
        raise ValueError(
            f"pass@k takes 0 <= right <= samples and 1 <= k <= samples; not {right}, {samples}, {k}"
        )
    return float(1 - Fraction(comb(samples - right, k), comb(samples, k)))
