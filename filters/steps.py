"""Judge of the steps, not of the answer: every chain that a text claims is recomputed exactly.

`right` when each chain with something to recompute holds, `wrong` at the first that does not, and
`no_answer` when there is nothing to recompute, a side is too large to, or the steps do not lead to the
final answer. Sides that are neither arithmetic nor boolean are skipped. Exactly means that a rounded side
does not hold either: 20/3=6.67 is wrong, with a reason of its own.
"""

from curriculum.records import Outcome, Problem, Sample, Verdict
from filters.chains.claims import chains
from filters.chains.derivation import is_derived
from filters.chains.recomputed import Recomputed, recompute
from filters.extraction import MAX_TEXT, final_answer
from filters.verdicts import shown

JUDGE = "steps/2"


def judge(problem: Problem, sample: Sample) -> Verdict:
    """Reasons, with what `extracted` is: all_hold; false_step (the first false chain) and rounded_step (the
    first rounded one, where none is false); too_large (the chain), answer_not_derived (the answer); no_steps,
    too_long. `found_in` is the chain's line.
    """
    if len(sample.text) > MAX_TEXT:
        return Verdict(sample.key, JUDGE, "no_answer", "too_long")
    first: dict[str, Recomputed] = {}
    held: list[Recomputed] = []
    for chain in chains(sample.text):
        recomputed = recompute(chain)
        first.setdefault(recomputed.finding, recomputed)
        if recomputed.finding == "false":
            break
        if recomputed.finding == "holds":
            held.append(recomputed)
    if "false" in first:
        return _at(sample, "wrong", "false_step", first["false"])
    if "rounded" in first:
        return _at(sample, "wrong", "rounded_step", first["rounded"])
    if "too_large" in first:
        return _at(sample, "no_answer", "too_large", first["too_large"])
    if not held:
        return Verdict(sample.key, JUDGE, "no_answer", "no_steps")
    answer = final_answer(sample.text, sample.finish).answer
    if answer is not None and not is_derived(answer, sample.text, held):
        return Verdict(sample.key, JUDGE, "no_answer", "answer_not_derived", shown(answer))
    return Verdict(sample.key, JUDGE, "right", "all_hold")


def _at(sample: Sample, outcome: Outcome, reason: str, step: Recomputed) -> Verdict:
    line = f"line {step.chain.line}"
    return Verdict(sample.key, JUDGE, outcome, reason, shown(str(step.chain)), line)
