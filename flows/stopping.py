"""When the samples of one problem are enough: rules, by the name under which a config asks for them.

To add a rule, add it here and to the setting `curriculum.stopping`.
"""

from collections.abc import Callable, Sequence

from curriculum.records import Problem, Sample
from filters.voting import answer_class, stop_sampling

Rule = Callable[[Problem, Sequence[Sample]], bool]
"""A problem and its samples, in the order of their draws, to whether these are enough."""


def agreement(problem: Problem, samples: Sequence[Sample]) -> bool:
    """Whether one answer is the majority with 95 % confidence (Adaptive-Consistency, Aggarwal et al. 2023).

    Never of answers that have no classes, such as programs.
    """
    try:
        classes = [answer_class(problem.check, sample.text, sample.finish) for sample in samples]
    except ValueError:
        return False
    return stop_sampling(classes, most=len(classes) + 1)


RULES: dict[str, Rule | None] = {"none": None, "agreement": agreement}
