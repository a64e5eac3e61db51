"""Judge of whole-number answers: `A: -1,234` is right for -1234; `18.0` and `18 eggs` are unreadable.

Strict on purpose: the generated families ask for bare integers. For answers as people write them there
is `number`.
"""

from curriculum.records import Problem, Sample, Verdict
from filters.numerals import read_integer
from filters.verdicts import compare

JUDGE = "integer/2"


def judge(problem: Problem, sample: Sample) -> Verdict:
    """Compare whole numbers. Raises ValueError if the problem's own answer is not one."""
    return compare(problem, sample, JUDGE, "a whole number", read_integer)
