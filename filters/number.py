"""Judge of numeric answers, by exact equality: 18, 18.0, $18.00 and 36/2 eggs are one number, 17.999 another.

No tolerance: an answer rounded differently from the key is wrong, as in GSM8K's own labels.
"""

from curriculum.records import Problem, Sample, Verdict
from filters.numerals import read_number
from filters.verdicts import compare

JUDGE = "number/3"


def judge(problem: Problem, sample: Sample) -> Verdict:
    """Compare exact fractions. Raises ValueError if the problem's own answer is not a number."""
    return compare(problem, sample, JUDGE, "a number", read_number)
