"""Values under a name: `x = 5`, `f(2) = 5`, `Area = 5`, and lists of them."""

import re
from collections.abc import Sequence
from typing import NamedTuple

from filters.expressions.syntax import (
    Braced,
    Node,
    Relation,
    Symbol,
    Words,
    is_scalar,
    symbols,
)

_FUNCTION_OF = re.compile(r"[fgh]\([a-z]\)")
_WORD = re.compile(r"[a-z ]{3,}")


class Assignment(NamedTuple):
    """`letter` tells a variable from a label such as `f(2)` or a word."""

    name: str
    value: Node
    letter: bool


def assignment(node: Node) -> Assignment | None:
    """The name and the value of `x = 5`, `5 = x`, `x ∈ {5}`, `f(2) = 5` or `Area = 5`.

    None where a variable on the one side also stands on the other: that is an equation.
    """
    if not isinstance(node, Relation) or len(node.sides) != 2 or node.operators[0] not in ("=", "in"):
        return None
    name, value = node.sides
    if isinstance(value, Symbol) and not isinstance(name, Symbol | Words) and node.operators == ("=",):
        name, value = value, name
    if isinstance(name, Words):
        return Assignment(name.text, value, letter=False)
    if not isinstance(name, Symbol) or name.name in symbols(value):
        return None
    return Assignment(name.name, value, letter=True)


def unnamed(node: Node) -> Node:
    """The value that is assigned, or the node itself."""
    assigned = assignment(node)
    return node if assigned is None else assigned.value


def value_of(node: Node) -> Node:
    """What a single value may be wrapped in: `x = 5`, `{5}`."""
    if isinstance(node, Braced) and len(node.items) == 1:
        return value_of(node.items[0])
    return unnamed(node)


def may_be_one(a: Assignment, b: Assignment) -> bool:
    """Whether two names may be of one thing: y and f(x), or a word and a letter, but not x and y."""
    if a.name == b.name:
        return True
    if a.letter == b.letter:
        return False
    letter, label = (a.name, b.name) if a.letter else (b.name, a.name)
    return bool(_WORD.fullmatch(label)) or (letter == "y" and bool(_FUNCTION_OF.fullmatch(label)))


def roots(items: Sequence[Node]) -> Sequence[Node]:
    """The values, where all items assign to one variable, or the first does and the others are bare: `x = 1, 2`."""
    found = [assignment(item) for item in items]
    assigned = [each for each in found if each is not None]
    if len(assigned) == len(found) and len({each.name for each in assigned}) == 1:
        return [each.value for each in assigned]
    if len(assigned) == 1 and found[0] is not None and all(map(is_scalar, items[1:])):
        return [assigned[0].value, *items[1:]]
    return items
