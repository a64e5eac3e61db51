"""Whether two expressions have the same value, at random points, to 50 digits: the guard on both directions.

Points are real, of both signs and of magnitudes from 0.1 to 30, and the same in every process. Where the gold
expression is real at enough points, the others lie outside its domain and do not count: sqrt(x) says nothing
about x < 0. Constants are compared once more at 1,500 digits, which 12 + 10^(-60) does not survive.
Sympy's evalf bounds its error and says how many digits are sure; mpmath does the arithmetic.
"""

import warnings
from collections.abc import Callable, Iterator
from random import Random

import mpmath
import sympy
from sympy.core.function import AppliedUndef

from curriculum.records import hashed_seed

DIGITS = 50
CONSTANT_DIGITS = 1_500
POINTS = 16
ENOUGH = 4  # points that decide

UNDONE = (sympy.Integral, sympy.Derivative, sympy.Sum, sympy.Product, sympy.Limit)

_SPARE = 12  # digits computed beyond those compared
_CANCELLED = 400  # digits that may cancel before a value counts as zero

Point = dict[sympy.Basic, sympy.Rational]


class Undecided(Exception):
    """The values do not decide: undefined, or not computable, at too many points."""


def agree(gold: sympy.Expr, answer: sympy.Expr) -> bool:
    """Whether both have the same variables and the same values. Raises Undecided."""
    gold, answer = opaque(gold), opaque(answer)
    if gold == answer:
        return True
    if {gold, answer} & {sympy.oo, -sympy.oo} or names(gold) != names(answer):
        return False
    if gold.has(*UNDONE) or answer.has(*UNDONE):
        raise Undecided("an integral, sum or limit that sympy cannot work out")
    if names(gold):
        return _everywhere(gold, answer, lambda left, right: _near(left, right, DIGITS))
    return all(_agree_at({}, gold, answer, digits) for digits in (DIGITS, CONSTANT_DIGITS))


def proportional(gold: sympy.Expr, answer: sympy.Expr, positive: bool) -> bool:
    """Whether the answer is gold times one number other than 0, above 0 if `positive`. Raises Undecided."""
    gold, answer = opaque(gold), opaque(answer)
    if names(gold) != names(answer):
        return False
    ratios: list[mpmath.mpc] = []

    def same_ratio(left: mpmath.mpc, right: mpmath.mpc) -> bool:
        if left == 0 or right == 0:
            return bool(left == right)
        ratios.append(right / left)
        return _near(ratios[0], ratios[-1], DIGITS)

    if not _everywhere(gold, answer, same_ratio):
        return False
    if not ratios:
        raise Undecided("both are zero wherever they were tried")
    return ratios[0].imag == 0 and (ratios[0].real > 0 or not positive)


def names(expression: sympy.Basic) -> set[str]:
    """The variables, by name: what sympy assumes of them is no part of them."""
    return {symbol.name for symbol in expression.free_symbols}


def opaque(expression: sympy.Expr) -> sympy.Expr:
    """With each unknown function such as f(x) as one variable, and each percentage as its number."""
    opened = expression.replace(
        lambda part: isinstance(part, sympy.UnevaluatedExpr), lambda part: part.args[0], simultaneous=False
    )
    unknown = {part: sympy.Symbol(f"{part!s} ") for part in opened.atoms(AppliedUndef)}
    return opened.xreplace(unknown)


def _everywhere(
    gold: sympy.Expr, answer: sympy.Expr, alike: Callable[[mpmath.mpc, mpmath.mpc], bool]
) -> bool:
    real = imaginary = 0
    differ = False
    for point in _points(names(gold)):
        left, right = _value(gold, point, DIGITS), _value(answer, point, DIGITS)
        if left is None or right is None:
            continue
        same = alike(left, right)
        if left.imag == 0:
            real += 1
            if not same:
                return False
        else:
            imaginary += 1
            differ = differ or not same
    if real >= ENOUGH:
        return True
    if real + imaginary < ENOUGH:
        raise Undecided("there are too few points with values")
    return not differ


def _points(variables: set[str]) -> Iterator[dict[str, sympy.Rational]]:
    random = Random(hashed_seed("points of the math judge"))
    for _ in range(POINTS):
        yield {name: _coordinate(random) for name in sorted(variables)}


def _coordinate(random: Random) -> sympy.Rational:
    size = round(10 ** random.uniform(-1, 1.5) * 9_973)
    return sympy.Rational(random.choice((-1, 1)) * size, 9_973)


def _agree_at(point: dict[str, sympy.Rational], gold: sympy.Expr, answer: sympy.Expr, digits: int) -> bool:
    left, right = _value(gold, point, digits), _value(answer, point, digits)
    if left is None or right is None:
        raise Undecided("a constant has no value")
    return _near(left, right, digits)


def _near(left: mpmath.mpc, right: mpmath.mpc, digits: int) -> bool:
    with mpmath.workdps(digits + _SPARE):
        return bool(abs(left - right) <= max(abs(left), abs(right)) * mpmath.mpf(10) ** -digits)


def _value(expression: sympy.Expr, point: dict[str, sympy.Rational], digits: int) -> mpmath.mpc | None:
    """The value at the point to that many digits, or None where there is none or it is not sure."""
    at: Point = {symbol: point[symbol.name] for symbol in expression.free_symbols}
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        try:
            value = expression.evalf(digits + _SPARE, subs=at, maxn=digits + _CANCELLED)
        except (ArithmeticError, AttributeError, TypeError, ValueError, NotImplementedError):
            return None
    parts = value.as_real_imag()
    if not all(part.is_Float or part.is_Rational for part in parts) or value.has(sympy.nan):
        return None
    return _sure(parts, digits)


def _sure(parts: tuple[sympy.Number, sympy.Number], digits: int) -> mpmath.mpc | None:
    """The parts as one number; a part without sure digits must be next to nothing, and is then zero."""
    wanted = mpmath.libmp.dps_to_prec(digits)
    with mpmath.workdps(digits + _SPARE):
        numbers = [mpmath.mpf(part._to_mpmath(mpmath.mp.prec)) for part in parts]
        sure = [not part.is_Float or part._prec >= wanted for part in parts]
        scale = max((abs(number) for number, known in zip(numbers, sure, strict=True) if known), default=0)
        floor = scale * mpmath.mpf(10) ** -digits or mpmath.mpf(10) ** -(digits + _CANCELLED // 2)
        for at, known in enumerate(sure):
            if not known:
                if abs(numbers[at]) > floor:
                    return None
                numbers[at] = mpmath.mpf(0)
        return mpmath.mpc(*numbers)
