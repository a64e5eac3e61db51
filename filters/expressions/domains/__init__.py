"""Sets of real numbers as intervals: `(-∞, 1] ∪ (3, 5)`, `x > 3`, `x ≠ 2` and `ℝ \\ {2}` in one normal form.

intervals  what can be done with intervals
notations  which of them a notation writes down
"""

from filters.expressions.domains.intervals import Domain, Interval
from filters.expressions.domains.notations import domain, same, turned, variables

__all__ = ["Domain", "Interval", "domain", "same", "turned", "variables"]
