"""What each operation computes on mpmath's numbers, within bounds: towers of exponents stop here.

mpmath has no types, so its context, and the numbers `mpf` and `mpc` that it makes, are `Any`.
"""

import hashlib
import math
from collections.abc import Callable
from typing import Any

from filters.grammar import TooLargeError

MAX_MAGNITUDE = 200_000  # bits before or after the point of a value on the way
MAX_FACTORIAL = 2000
MAX_BITS_OF_ANGLE = 1000
MAX_HYPERBOLIC = 300
MAX_BITS_OF_INDEX = 64

Function = Callable[..., Any]  # of an mpmath context and the operands


def _power(mp: Any, base: Any, exponent: Any) -> Any:
    if base != 0 and mp.isfinite(base) and mp.isfinite(exponent):
        size = abs(exponent) * (abs(mp.mag(base)) + 1)
        if size > 4 * MAX_MAGNITUDE:
            raise TooLargeError(f"a power has at most {MAX_MAGNITUDE} bits")
    return mp.power(base, exponent)


def _root(mp: Any, radicand: Any, index: Any) -> Any:
    """The real root of a negative number where there is one, which is what people mean."""
    if index == 0 or mp.mag(index) > MAX_BITS_OF_INDEX:
        raise TooLargeError(f"the index of a root has at most {MAX_BITS_OF_INDEX} bits")
    if mp.im(radicand) == 0 and mp.re(radicand) < 0 and mp.isint(index) and int(index) % 2:
        return -mp.power(-radicand, 1 / index)
    return mp.power(radicand, 1 / index)


def _factorial(mp: Any, operand: Any) -> Any:
    if abs(operand) > MAX_FACTORIAL:
        raise TooLargeError(f"a factorial is of at most {MAX_FACTORIAL}")
    return mp.factorial(operand)


def _binomial(mp: Any, above: Any, below: Any) -> Any:
    if max(abs(above), abs(below)) > MAX_FACTORIAL:
        raise TooLargeError(f"a binomial coefficient is of at most {MAX_FACTORIAL}")
    return mp.binomial(above, below)


def _exponential(mp: Any, operand: Any) -> Any:
    if abs(operand) > MAX_MAGNITUDE:
        raise TooLargeError(f"an exponential is of at most {MAX_MAGNITUDE}")
    return mp.exp(operand)


def _logarithm(mp: Any, operand: Any, base: Any = None) -> Any:
    return mp.log(operand) if base is None else mp.log(operand) / mp.log(base)


def _of_angle(name: str) -> Function:
    def function(mp: Any, operand: Any) -> Any:
        if operand != 0 and mp.mag(operand) > MAX_BITS_OF_ANGLE:
            raise TooLargeError(f"an angle has at most {MAX_BITS_OF_ANGLE} bits")
        return getattr(mp, name)(operand)

    return function


def _hyperbolic(name: str) -> Function:
    def function(mp: Any, operand: Any) -> Any:
        if abs(operand) > MAX_HYPERBOLIC:
            raise TooLargeError(
                f"beyond {MAX_HYPERBOLIC} hyperbolic functions differ by less than is computed"
            )
        return getattr(mp, name)(operand)

    return function


def _applied(name: str) -> Function:
    """A function that is not known, such as f: equal values for equal arguments, and else unrelated ones."""

    def function(mp: Any, *operands: Any) -> Any:
        said = " ".join(mp.nstr(operand, 30) for operand in operands)
        digest = hashlib.sha256(f"{name} {said}".encode()).digest()
        return mp.mpf(int.from_bytes(digest[:24])) / mp.mpf(2) ** 190

    return function


def _of_whole_numbers(name: str) -> Function:
    def function(mp: Any, *operands: Any) -> Any:
        if not all(mp.isint(operand) and mp.mag(operand) < 1000 for operand in operands):
            raise ValueError(f"{name} is of whole numbers")
        return mp.mpf(getattr(math, name)(*(int(operand) for operand in operands)))

    return function


_TRIGONOMETRIC = ("sin", "cos", "tan", "cot", "sec", "csc")
_HYPERBOLIC = ("sinh", "cosh", "tanh")
_INVERSE = {"arcsin": "asin", "arccos": "acos", "arctan": "atan"}

FUNCTIONS: dict[str, Function] = {
    "add": lambda mp, a, b: a + b,
    "mul": lambda mp, a, b: a * b,
    "div": lambda mp, a, b: a / b,
    "neg": lambda mp, a: -a,
    "pow": _power,
    "root": _root,
    "sqrt": lambda mp, a: mp.sqrt(a),
    "cbrt": lambda mp, a: _root(mp, a, mp.mpf(3)),
    "abs": lambda mp, a: abs(a),
    "floor": lambda mp, a: mp.floor(a),
    "ceil": lambda mp, a: mp.ceil(a),
    "factorial": _factorial,
    "binomial": _binomial,
    "degrees": lambda mp, a: a * mp.pi / 180,
    "log": _logarithm,
    "log10": lambda mp, a: mp.log10(a),
    "exp": _exponential,
    "max": lambda mp, *found: max(found),
    "min": lambda mp, *found: min(found),
    "gcd": _of_whole_numbers("gcd"),
    "lcm": _of_whole_numbers("lcm"),
    **{name: _of_angle(name) for name in _TRIGONOMETRIC},
    **{name: _hyperbolic(name) for name in _HYPERBOLIC},
    **{name: _of_angle(short) for name, short in _INVERSE.items()},
}


def function_named(name: str) -> Function:
    """What an operation computes; that of an unknown function, such as `f()`, is told from its name."""
    if name.endswith("()"):
        return _applied(name)
    if name not in FUNCTIONS:
        raise ValueError(f"no value is known of {name}")  # a sign that is still to be chosen
    return FUNCTIONS[name]
