"""Judge of short texts: equal after runs of white space are made one blank, and in nothing else.

Case counts, because here it carries meaning: `T` is a constant and `t` a letter, and sorting and reversing
ask for exactly the letters given. Nor is Unicode normalised: two spellings that look alike are two answers.
"""

from curriculum.records import Problem, Sample, Verdict
from filters.verdicts import compare

JUDGE = "text/2"


def judge(problem: Problem, sample: Sample) -> Verdict:
    """Compare texts. Raises ValueError if the problem's own answer is blank."""
    return compare(problem, sample, JUDGE, "a text that is not blank", _read)


def _read(text: str) -> str | None:
    return " ".join(text.split()) or None
