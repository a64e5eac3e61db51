"""One answer text as a sympy object, by math-verify's parser, with what that parser reads wrongly read rightly.

Its LaTeX grammar is closed and builds objects, so no text is evaluated as Python on the way; numbers, which it
would hand to `sympify`, are made here, exactly. Read differently from math-verify 0.9.0, or refused:

- `2(3)` is 6, `2\\frac{1}{2}` is 2.5, `2 3` is nothing (there: 5, 2.5, 5);
- `4210_7` is a numeral of its own, equal only to itself (4210); `3!!` and `2^3^2` are nothing (720, 64);
- no unit is cut off but a `\\text{...}` behind a number or bracket (there `3t` loses its t, `1/\\mathrm{e}` its e);
- primes, dots for an omission and transposed numbers are refused (dropped); case counts (`A` was `a`);
- `pi`, `sin(x)` are functions; other words are one name, not a product of letters (`on` was `no`).
"""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

import sympy
from latex2sympy2_extended.latex2sympy2 import ConversionConfig, _Latex2Sympy
from latex2sympy2_extended.math_normalization import NormalizationConfig, normalize_latex
from sympy.core.function import AppliedUndef

from filters.symbolic.spelling import grouped, named_words, plain, without_unit
from filters.symbolic.values import UNDONE

MAX_EXPONENT = 400  # of ten, in 1E5

_NORMAL = NormalizationConfig(malformed_operators=True, nits=True, boxed="none")
_CASE_COUNTS = ConversionConfig(lowercase_symbols=False)
_FUNCTIONS = frozenset("fghFGHPQ")  # other letters before a parenthesis are factors

_REFUSED = re.compile(
    r"[^\x20-\x7e]|['\"#$?@`~]|\.\.|\\(?:prime|[lc]?dots|dots[bcmio]|approx|sim|boxed|fbox|phantom|def|newcommand|input|write"
    r"|operatorname\{(?!gcd|lcm|ar))|\)_|\}_|:.*:|~="
)
_TRANSPOSED = re.compile(r"\^\s*(?:T|\{\s*(?:T|\\top)\s*\}|\\top)(?![A-Za-z])")
_TRIGONOMETRIC = re.compile(r"\\(?:sin|cos|tan|cot|sec|csc)")


class Unreadable(ValueError):
    """Not mathematics, or not in a notation that is read here."""


@dataclass(frozen=True)
class Answer:
    """What the text says, and the unit after it; "" for none."""

    value: sympy.Basic
    unit: str = ""


def read(text: str) -> Answer:
    """The answer that a short text is. Raises Unreadable."""
    text, unit = without_unit(plain(text))
    matrix = "matrix" in text or "array" in text
    if _REFUSED.search(text) or (_TRANSPOSED.search(text) and not matrix):
        raise Unreadable("a notation that is not read")
    text = normalize_latex(named_words(grouped(text)), _NORMAL)
    parser = _Parser(is_real=True, convert_degrees=bool(_TRIGONOMETRIC.search(text)), config=_CASE_COUNTS)
    try:
        value = _settled(parser.parse(text))
    except (MemoryError, Unreadable):
        raise
    except Exception as error:  # antlr and sympy raise anything at all
        raise Unreadable(str(error).partition("\n")[0]) from None
    if not isinstance(value, sympy.Basic | sympy.MatrixBase) or value in (sympy.true, sympy.false):
        raise Unreadable("not a value")
    return Answer(value, unit)


def operations(answer: Answer) -> set[type]:
    """The kinds of operation that the answer leaves undone."""
    return {type(part) for part in answer.value.atoms(*UNDONE)}


def done(answer: Answer) -> Answer:
    """The answer with its operations carried out, as far as sympy can."""
    try:
        return Answer(answer.value.doit(), answer.unit) if operations(answer) else answer
    except MemoryError:
        raise
    except Exception:  # sympy raises anything at all
        return answer


class _Parser(_Latex2Sympy):  # type: ignore[misc]
    """math-verify's converter from antlr's tree, with other readings in five places."""

    def parse_number(self, text: str) -> sympy.Rational:
        mantissa, _, exponent = text.replace(",", "").lower().partition("e")
        if abs(int(exponent or 0)) > MAX_EXPONENT:
            raise Unreadable("a power of ten that is too large")
        value = Fraction(mantissa) * Fraction(10) ** int(exponent or 0)
        return sympy.Rational(value.numerator, value.denominator)

    def convert_postfix_list(self, arr: Any, i: int = 0) -> Any:
        following = arr[i + 1].getText() if i + 1 < len(arr) else ""
        if not following or not _is_number(arr[i].getText()):
            return super().convert_postfix_list(arr, i)
        if following[0] in "0123456789.":
            raise Unreadable("two numbers side by side")
        if not following.startswith("\\frac"):
            left, right = self.convert_postfix(arr[i]), self.convert_postfix_list(arr, i + 1)
            product = self.mat_mul_flat if getattr(right, "is_Matrix", False) else self.mul_flat
            return product(left, right)
        if i + 2 < len(arr) or not re.fullmatch(r"\\frac\{\d+\}\{\d+\}", following):
            raise Unreadable("a mixed number, or a product")
        return super().convert_postfix_list(arr, i)

    def convert_postfix(self, postfix: Any) -> Any:
        if sum(bool(operator.BANG()) for operator in postfix.postfix_op()) > 1:
            raise Unreadable("a double factorial")
        return super().convert_postfix(postfix)

    def convert_exp(self, exp: Any) -> Any:
        inner = exp.exp() if hasattr(exp, "exp") else exp.exp_nofunc()
        if inner and (exp.subexpr() or (inner.exp() if hasattr(inner, "exp") else inner.exp_nofunc())):
            raise Unreadable("an exponent of an exponent without brackets")
        return super().convert_exp(exp)

    def convert_atom(self, atom: Any) -> Any:
        numeral = atom.number_subexpr()
        if numeral and numeral.subexpr():
            base = numeral.subexpr().getText().strip("_{}")
            return sympy.Function(f"base {base}")(self.parse_number(numeral.NUMBER().getText()))
        return super().convert_atom(atom)


def _is_number(text: str) -> bool:
    return text.replace(".", "").replace(",", "").isdigit()


def _settled(value: Any) -> Any:
    """With `i` as the imaginary unit, `a(b+c)` as a product, and infinities carried out."""
    if isinstance(value, sympy.Basic | sympy.MatrixBase) and not value.has(*UNDONE):
        factors = {
            part: sympy.Mul(sympy.Symbol(part.func.__name__, real=True), part.args[0], evaluate=False)
            for part in value.atoms(AppliedUndef)
            if len(part.args) == 1 and len(part.func.__name__) == 1 and part.func.__name__ not in _FUNCTIONS
        }
        value = value.xreplace(factors)
        value = value.xreplace({symbol: sympy.I for symbol in value.free_symbols if symbol.name == "i"})
    if isinstance(value, sympy.Expr) and value.has(sympy.oo, -sympy.oo) and not value.has(*UNDONE):
        return value.doit()
    return value
