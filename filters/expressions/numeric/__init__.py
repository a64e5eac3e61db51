"""Values at points, to fifty digits: what decides where exact arithmetic cannot, and checks it where it can.

Two expressions count as equal when they agree to 35 digits, relatively, at several random real points of
either sign. Points where either has no real value are left out, unless i is written, so that complex values are
meant; where too few points are left, nothing is decided.

    functions   what each operation computes, within bounds
    values      the points, and an expression's value at one
    comparison  whether two expressions agree
"""

from filters.expressions.numeric.comparison import Finding, compare
from filters.expressions.numeric.values import context, points, real_value, value

__all__ = ["Finding", "compare", "context", "points", "real_value", "value"]
