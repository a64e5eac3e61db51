"""Judge of the steps, not of the answer: every chain that a text claims is recomputed exactly.

`right` when each chain with something to recompute holds, `wrong` at the first that does not, and
`no_answer` when there is nothing to recompute or a side is too large to. Sides that are neither
arithmetic nor boolean are skipped. Exactly means that a rounded side is false: 20/3=6.67 does not hold.
"""

import re
from collections.abc import Sequence
from fractions import Fraction
from typing import Literal

from curriculum.records import Problem, Sample, Verdict
from filters.arithmetic import evaluate
from filters.claims import OPERATION, Chain, chains
from filters.extraction import MAX_TEXT
from filters.grammar import TooLargeError, UnreadableError
from filters.truth_table import truth_table
from filters.verdicts import shown

JUDGE = "steps/1"

_DIGIT = re.compile(r"[0-9]")

Finding = Literal["holds", "false", "too_large", "nothing"]


def judge(problem: Problem, sample: Sample) -> Verdict:
    """Reasons: all_hold; false_step (extracted is the first false chain); no_steps, too_large, too_long."""
    if len(sample.text) > MAX_TEXT:
        return Verdict(sample.key, JUDGE, "no_answer", "too_long")
    doubtful, held = "", False
    for chain in chains(sample.text):
        finding = check(chain)
        if finding == "false":
            return Verdict(sample.key, JUDGE, "wrong", "false_step", shown(str(chain)))
        held = held or finding == "holds"
        doubtful = doubtful or (str(chain) if finding == "too_large" else "")
    if doubtful:
        return Verdict(sample.key, JUDGE, "no_answer", "too_large", shown(doubtful))
    if not held:
        return Verdict(sample.key, JUDGE, "no_answer", "no_steps")
    return Verdict(sample.key, JUDGE, "right", "all_hold")


def check(chain: Chain) -> Finding:
    """What recomputing one chain finds. `5=5` and `a=b` recompute nothing; `5=6` and `1/0=1` are false."""
    numbers: list[Fraction | None] = []  # None: divides by zero, so it equals nothing
    tables: list[int] = []
    too_large = computed = False
    for side in chain.sides:
        try:
            if _DIGIT.search(side):
                numbers.append(evaluate(side))
            else:
                tables.append(truth_table(side))
            computed = computed or bool(OPERATION.search(side))
        except ZeroDivisionError:
            numbers.append(None)
        except TooLargeError:
            too_large = True
        except UnreadableError:
            continue
    if _differ(numbers) or (computed and _differ(tables)):
        return "false"
    if too_large:
        return "too_large"
    return "holds" if computed and max(len(numbers), len(tables)) > 1 else "nothing"


def _differ(values: Sequence[Fraction | int | None]) -> bool:
    return len(values) > 1 and (None in values or len(set(values)) > 1)
