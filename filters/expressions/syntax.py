"""What an answer can be, as trees: expressions with a value, and the notations that are built of them."""

from dataclasses import dataclass
from fractions import Fraction
from typing import TypeGuard


@dataclass(frozen=True, slots=True)
class Number:
    """A numeral. `decimals` counts the digits written after the point; None where there is no point."""

    value: Fraction
    decimals: int | None = None


@dataclass(frozen=True, slots=True)
class Symbol:
    """A variable, such as `x`, `x_1` or `alpha`."""

    name: str


@dataclass(frozen=True, slots=True)
class Constant:
    """One of pi, e, i and inf."""

    name: str


@dataclass(frozen=True, slots=True)
class Operation:
    """add, mul, div, pow, neg, pm, mp, root (radicand, index), or a function such as sin."""

    name: str
    operands: tuple["Expression", ...]


Expression = Number | Symbol | Constant | Operation


@dataclass(frozen=True, slots=True)
class Quantity:
    """An expression and its unit: a percent sign, a currency, degrees, centimetres, eggs."""

    value: Expression
    unit: str


@dataclass(frozen=True, slots=True)
class Based:
    """Digits in a base that is written with them, such as 4210_7."""

    digits: str
    base: int


@dataclass(frozen=True, slots=True)
class Ratio:
    """Terms of a ratio or of a time of day, such as 3:4."""

    terms: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Words:
    """A text that is no mathematics, in lower case, or one word in capitals."""

    text: str


@dataclass(frozen=True, slots=True)
class Bracketed:
    """Items in order between brackets: a tuple, or with two items perhaps an interval."""

    opening: str
    items: tuple["Node", ...]
    closing: str


@dataclass(frozen=True, slots=True)
class Braced:
    """A set of items."""

    items: tuple["Node", ...]


@dataclass(frozen=True, slots=True)
class Listing:
    """Items side by side without brackets, in no order, joined by a comma, `or` or `and`."""

    items: tuple["Node", ...]
    joint: str


@dataclass(frozen=True, slots=True)
class Matrix:
    """Rows of equal length."""

    rows: tuple[tuple["Node", ...], ...]


@dataclass(frozen=True, slots=True)
class Relation:
    """Sides with an operator between each two: `=`, `!=`, `<`, `<=`, `>`, `>=`, `in` or `approx`."""

    sides: tuple["Node", ...]
    operators: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SetOperation:
    """cup, cap or setminus of two sets."""

    name: str
    left: "Node"
    right: "Node"


Scalar = Expression | Quantity
Node = Scalar | Based | Ratio | Words | Bracketed | Braced | Listing | Matrix | Relation | SetOperation

INFINITY = Constant("inf")
MINUS_INFINITY = Operation("neg", (INFINITY,))
REALS = Bracketed("(", (MINUS_INFINITY, INFINITY), ")")


def is_expression(node: Node) -> TypeGuard[Expression]:
    return isinstance(node, Expression)


def are_expressions(nodes: tuple[Node, ...]) -> TypeGuard[tuple[Expression, ...]]:
    return all(map(is_expression, nodes))


def is_scalar(node: Node) -> TypeGuard[Scalar]:
    """Whether it is an expression, with or without a unit."""
    return isinstance(node, Scalar)


def symbols(node: Node) -> frozenset[str]:
    """The names of the variables of an expression, with or without a unit; none for other notations."""
    if isinstance(node, Symbol):
        return frozenset([node.name])
    if isinstance(node, Operation):
        return frozenset().union(*map(symbols, node.operands))
    return symbols(node.value) if isinstance(node, Quantity) else frozenset()
