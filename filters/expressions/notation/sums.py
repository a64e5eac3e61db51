"""Expressions by recursive descent: what has a value.

    sum     = product { ("+" | "-" | "±" | "∓") product }
    product = signed { ("*" | "/") signed | power }              a sign left out multiplies; all of one rank
    signed  = { "+" | "-" | "±" | "∓" } power
    power   = postfix [ "^" ( group | signed ) postfixes | "^" "∘" ]         right to left
    postfix = atom postfixes                                                 see operands.py
    postfixes = { "!" | "°" }

`2x` and `x(x+1)` are products; two numbers side by side are nothing, but n2^n, 2^3 5^2 and 3!2! are products.
"""

from filters.expressions.notation.operands import OperandReader
from filters.expressions.syntax import Expression, Number, Operation
from filters.grammar import UnreadableError

_SIGNS = ("+", "-", "pm", "mp")
_BEGINS_FACTOR = frozenset(
    ["number", "repeating", "symbol", "function", "sqrt", "frac", "binom", "(", "{", "pi", "lfloor", "lceil"]
)


class ExpressionReader(OperandReader):
    """Each method reads one rule."""

    def sum(self) -> Expression:
        self.deepen()
        value = self.product()
        while (sign := self.peek()) in _SIGNS:
            self.take()
            term = self.product()
            value = Operation("add", (value, term if sign == "+" else _with_sign(sign, term)))
        self.depth -= 1
        return value

    def product(self) -> Expression:
        value = self.signed()
        while True:
            if self.skip("*"):
                value = Operation("mul", (value, self.signed()))
            elif self.skip("/"):
                value = Operation("div", (value, self.signed()))
            elif self.begins_factor():
                if self.peek() in ("number", "repeating") and self.peek(1) not in ("^", "!"):
                    raise UnreadableError("a number that multiplies what stands before it needs an operator")
                value = Operation("mul", (value, self.power()))
            else:
                return value

    def begins_factor(self) -> bool:
        return self.peek() in _BEGINS_FACTOR or (self.peek() == "|" and not self.in_bars)

    def signed(self) -> Expression:
        sign = self.peek()
        if sign not in _SIGNS:
            return self.power()
        self.take()
        self.deepen()
        operand = self.signed()
        self.depth -= 1
        if sign == "+":
            return operand
        if sign == "-" and isinstance(operand, Number):
            return Number(-operand.value, operand.decimals)
        return _with_sign(sign, operand)

    def power(self) -> Expression:
        base = self.postfixes(self.atom())
        if not self.skip("^"):
            return base
        if self.follows("{", "circ"):
            self.at += 2
            self.expect("}")
            return Operation("degrees", (base,))
        if self.skip("circ"):
            return Operation("degrees", (base,))
        return self.postfixes(Operation("pow", (base, self.exponent())))

    def exponent(self) -> Expression:
        """A group or one operand; in LaTeX `x^12` would be x^1·2, which nobody means."""
        self.deepen()
        value = self.group() if self.peek() == "{" else self.signed()
        self.depth -= 1
        return value

    def postfixes(self, value: Expression) -> Expression:
        while True:
            if self.follows("!", "!"):
                raise UnreadableError("a double factorial is not read")
            if self.skip("!"):
                value = Operation("factorial", (value,))
            elif self.skip("deg"):
                value = Operation("degrees", (value,))
            else:
                return value


def _with_sign(sign: str, operand: Expression) -> Operation:
    return Operation("neg" if sign == "-" else sign, (operand,))
