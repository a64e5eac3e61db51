"""When two answers are the same: one rule for each kind of notation that the key may have.

A variable may be named or not (`x = 5` and `5`), but a named one is the key's. A key that solves for a variable
is not met by an equation that leaves it to be solved. Lists, and roots joined by `or`, have no order; tuples
have. Sets of numbers are compared as intervals, equations up to a constant factor.

    findings     what is found, of one pair and of several
    assignments  values under a name
    mappings     several names with a value each
    settled      one form before comparing
    relations, lists, tuples    the rules
    comparison   which rule is whose
"""

from filters.expressions.equality.assignments import value_of
from filters.expressions.equality.comparison import compare, settled
from filters.expressions.equality.findings import Finding
from filters.expressions.equality.mappings import mapping
from filters.expressions.equality.relations import difference

__all__ = ["Finding", "compare", "difference", "mapping", "settled", "value_of"]
