"""How sure a share is: the score interval, for counts and for effective sample sizes."""

from dataclasses import dataclass
from math import sqrt

Z_95 = 1.959963984540054  # the 97.5 % point of the standard normal


@dataclass(frozen=True, slots=True)
class Share:
    """A share in [0, 1] with its 95 % interval."""

    value: float
    low: float
    high: float


def wilson(share: float, trials: float) -> Share:
    """The share with its 95 % score interval (Wilson 1927), which stays inside [0, 1] and is sane at 0 and 1.

    `trials` need not be whole: an effective sample size will do. ValueError unless trials > 0 and the share
    lies in [0, 1].
    """
    if not (trials > 0 and 0 <= share <= 1):
        raise ValueError(f"a share lies in [0, 1] of more than 0 trials, not {share} of {trials}")
    z2 = Z_95**2
    middle = (share + z2 / (2 * trials)) / (1 + z2 / trials)
    reach = Z_95 * sqrt(share * (1 - share) / trials + z2 / (4 * trials**2)) / (1 + z2 / trials)
    return Share(share, max(0.0, min(share, middle - reach)), min(1.0, max(share, middle + reach)))
