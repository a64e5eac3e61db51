"""The closed grammar: the text of a final answer, LaTeX or plain, to a tree of `syntax`; nothing is evaluated.

vocabulary, tokens         text to tokens
cursor, numerals           what all rules share: a position in the tokens, numerals
functions, operands, sums  the rules of expressions, each file building on those before it
quantities, brackets       units and ratios; sets, tuples, intervals and matrices
marks, words, answers      what surrounds an answer; words; lists, relations and whole answers
"""

from filters.expressions.notation.answers import read_answer
from filters.expressions.notation.tokens import UnknownNotationError
from filters.expressions.notation.vocabulary import FUNCTIONS

__all__ = ["FUNCTIONS", "UnknownNotationError", "read_answer"]
