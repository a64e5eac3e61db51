"""Values at points, to fifty digits: what decides where exact arithmetic cannot, and checks it where it can.

Two expressions count as equal when they agree to 35 digits, relatively, at random real points: near zero, around
one, far out and whole, in each pattern of signs. Constants must also agree to hundreds of digits, so that e^100 + 1
is not e^100. Points where both are complex are left out, unless i is written; where only one is real they differ;
where too few points are left, nothing is decided.

    functions   what each operation computes, within bounds
    points      where expressions are compared
    values      an expression's value at a point
    comparison  whether two expressions agree
"""

from filters.expressions.numeric.comparison import Finding, compare
from filters.expressions.numeric.points import points
from filters.expressions.numeric.values import context, real_value, value

__all__ = ["Finding", "compare", "context", "points", "real_value", "value"]
