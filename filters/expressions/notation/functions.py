"""Functions and their arguments.

    function = name { "_" argument | "^" exponent } applied        a subscript on log only, -1 for the inverse
    applied  = "(" sum { "," sum } ")" | "{" sum { "," sum } "}" | function | root | factors
    factors  = signed { power }                 while a letter, pi, a fraction or a root follows
    argument = group | digit | letter | pi      what a LaTeX command takes
    group    = "{" sum "}"

So `\\sin 2x \\cos y` is sin(2x)·cos(y): the factors end at a sign, an operator or a function.
"""

from abc import ABC, abstractmethod
from fractions import Fraction

from filters.expressions.notation.cursor import Cursor
from filters.expressions.notation.tokens import Token
from filters.expressions.syntax import Expression, Number, Operation
from filters.grammar import UnreadableError

_CLOSING = {"(": ")", "{": "}"}
_NAMES = {"ln": "log", "lg": "log10"}
_INVERSES = {"sin": "arcsin", "cos": "arccos", "tan": "arctan"}
_OF_SEVERAL = ("gcd", "lcm", "max", "min")
_MINUS_ONE = Number(Fraction(-1))
_IN_FACTORS = ("symbol", "pi", "frac", "sqrt")


class FunctionReader(Cursor, ABC):
    """Each method reads one rule; those without a body are of files that build on this one."""

    @abstractmethod
    def sum(self) -> Expression: ...

    @abstractmethod
    def signed(self) -> Expression: ...

    @abstractmethod
    def power(self) -> Expression: ...

    @abstractmethod
    def atom(self) -> Expression: ...

    @abstractmethod
    def simple(self, token: Token) -> Expression: ...

    def function(self, name: str) -> Expression:
        base = exponent = None
        while self.peek() in ("_", "^"):
            if self.skip("^"):
                exponent = self.exponent_of_function()
            else:
                self.take()
                base = self.argument()
        if base is not None and name != "log":
            raise UnreadableError(f"a logarithm has a base, not {name}")
        if exponent == _MINUS_ONE and name in _INVERSES:
            return self.applied(_INVERSES[name], None)
        if exponent == _MINUS_ONE:
            raise UnreadableError(f"{name} with the exponent -1 may be an inverse or a reciprocal")
        applied = self.applied(name, base)
        return applied if exponent is None else Operation("pow", (applied, exponent))

    def exponent_of_function(self) -> Expression:
        exponent = self.argument()
        if exponent == _MINUS_ONE or (isinstance(exponent, Number) and exponent.value > 0):
            return exponent
        raise UnreadableError("an exponent between a function and its argument is a positive number or -1")

    def applied(self, name: str, base: Expression | None) -> Expression:
        """The function of what follows; a base, as of a logarithm, is the last of its operands."""
        self.deepen()
        if self.peek() in _CLOSING:
            operands = self.operands()
        elif self.peek() in ("function", "sqrt"):
            operands = (self.atom(),)
        else:
            operands = (self.factors(),)
        self.depth -= 1
        if (len(operands) > 1) != (name in _OF_SEVERAL):
            raise UnreadableError(
                f"{name} takes {'several arguments' if name in _OF_SEVERAL else 'one argument'}"
            )
        if base is not None:
            operands = (*operands, base)
        return Operation(_NAMES.get(name, name), operands)

    def operands(self) -> tuple[Expression, ...]:
        closing = _CLOSING[self.take().kind]
        found = [self.sum()]
        while self.skip(","):
            found.append(self.sum())
        self.expect(closing)
        return tuple(found)

    def factors(self) -> Expression:
        value = self.signed()
        while self.peek() in _IN_FACTORS:
            value = Operation("mul", (value, self.power()))
        return value

    def argument(self) -> Expression:
        if self.peek() == "{":
            return self.group()
        token = self.take()
        if token.kind == "number" and token.text.isdigit() and len(token.text) > 1:
            self.at -= 1  # \frac12 takes the 1 and leaves the 2
            self.tokens[self.at : self.at + 1] = [Token("number", digit) for digit in token.text]
            token = self.take()
        if token.kind in ("number", "symbol", "pi"):
            return self.simple(token)
        raise UnreadableError(f"a command takes a group, a digit or a letter, not {token.kind!r}")

    def group(self) -> Expression:
        self.expect("{")
        value = self.sum()
        self.expect("}")
        return value
