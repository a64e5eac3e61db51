"""How sure we are of a rate and of a difference: two textbook intervals, seeded where they draw."""

from dataclasses import dataclass
from math import sqrt

import numpy as np
from numpy.typing import NDArray

RESAMPLES = 10_000
Z_95 = 1.959963984540054  # the 97.5 % point of the standard normal


@dataclass(frozen=True, slots=True)
class Gain:
    """Mean of `after - before` over paired problems, as a share, with its 95 % interval."""

    mean: float
    low: float
    high: float


def paired_bootstrap(before: NDArray[np.float64], after: NDArray[np.float64], seed: int = 0) -> Gain:
    """95 % percentile bootstrap of the mean paired difference (Efron & Tibshirani 1993, chapter 13).

    `before` and `after` have shape (problems,): one problem's share right under each policy. Whole
    problems are resampled, so each keeps its pair. The differences take few distinct values, and a
    resample of them is a multinomial draw of how often each value occurs: same law, far less work.
    Raises ValueError on unequal or empty input.
    """
    if before.shape != after.shape or before.size == 0:
        raise ValueError(
            f"a paired bootstrap needs two equal, non-empty columns, not {before.shape}, {after.shape}"
        )
    values, counts = np.unique(after - before, return_counts=True)
    draws = np.random.default_rng(seed).multinomial(before.size, counts / before.size, size=RESAMPLES)
    low, high = np.quantile(draws @ values / before.size, [0.025, 0.975])
    return Gain(float(np.mean(after - before)), float(low), float(high))


def wilson(correct: float, judged: int) -> tuple[float, float]:
    """95 % score interval of a share (Wilson 1927); it stays inside [0, 1] and is sane at 0 and 1.

    Raises ValueError when nothing was judged.
    """
    if judged <= 0:
        raise ValueError(f"a Wilson interval needs at least 1 judged, not {judged}")
    rate, z2 = correct / judged, Z_95**2
    middle = (rate + z2 / (2 * judged)) / (1 + z2 / judged)
    reach = Z_95 * sqrt(rate * (1 - rate) / judged + z2 / (4 * judged**2)) / (1 + z2 / judged)
    return max(0.0, middle - reach), min(1.0, middle + reach)
