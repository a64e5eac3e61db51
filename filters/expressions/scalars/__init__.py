"""When two expressions, with their units, are one answer.

Rational numbers and everything polynomial are compared exactly, the rest to fifty digits. A decimal is the
number it says, except that it may be rounded: beside a value that it cannot be exactly if it has six significant
digits or more, beside another decimal eight, four of them after the point; it then agrees to the last of them.
A calculation left undone, such as 3+5 for 8, is not an answer where the key is a rational number below a million.
A unit may be left out on one side; where both sides have one they must be the same, and 50% is 50 or 1/2.

    units       one spelling of each unit
    decimals    what may be rounded
    undone      what is not carried out
    comparison  the rule that brings them together
"""

from filters.expressions.scalars.comparison import compare, compare_values

__all__ = ["compare", "compare_values"]
