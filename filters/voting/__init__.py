"""Several samples of one problem together: which answers are one, what most of them say, and when that is enough.

classes     equal answers as one class
consensus   votes for classes, plain or weighted, and the winner's share
stopping    the rule of Adaptive-Consistency
pass_at_k   the chance that one of k samples is right
"""

from filters.voting.at_k import majority, pass_at_k
from filters.voting.classes import answer_class, class_of_answer
from filters.voting.consensus import Consensus, Vote, tally
from filters.voting.stopping import decided, stop_sampling

__all__ = [
    "Consensus",
    "Vote",
    "answer_class",
    "class_of_answer",
    "decided",
    "majority",
    "pass_at_k",
    "stop_sampling",
    "tally",
]
