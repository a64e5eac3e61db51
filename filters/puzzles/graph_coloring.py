"""Judge of graph colouring: any assignment of colours that no edge joins to itself is right.

The problem's answer is `{"edges": [["A","B"],["B","C"]], "colors": 3}`, with `"nodes"` for those without an edge;
nodes are texts or whole numbers. Colours are how many different ones there may be, under any names, or the list
of those allowed: `["red","green"]`.

The model's answer is a list of assignments in the answer's region (see regions.py and assignments.py), each node
exactly once. Case counts in nodes, not in colours; `color 1` is `1`. Where colours have any names, the name of
another node is none, so that a restated list of neighbours is no answer. Where a node is called A, a line
`A: red` is its assignment, and marks no answer.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

from curriculum.records import Problem, Sample, Verdict
from filters.puzzles.assignments import Form, assignments, form, unmarked
from filters.puzzles.findings import Finding, broken, satisfied, verdict_on
from filters.puzzles.regions import Region, Rejected
from filters.puzzles.specification import specification

JUDGE = "graph_coloring/1"

MAX_NODES = 500
MAX_EDGES = 20_000

_NAME = re.compile(r"\w(?:[\w' -]{0,38}\w)?")
_LABEL = r"[A-Za-z0-9_]{1,30}"
_SPOKEN = r"(?:(?i:colou?red)[ \t]+)?(?:(?i:colou?r)[ \t]+)?"
_COLOUR_WORDS = re.compile(r"(?:colou?red\s+)?(?:colou?r\s+)?", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class _Graph:
    nodes: tuple[str, ...]
    edges: tuple[tuple[str, str], ...]
    most: int  # different colours
    allowed: frozenset[str] | None  # None: any names
    entries: Form

    def is_answer(self, rest: str) -> bool:
        """Whether a line `A:` marks an answer: node A's own colour is none."""
        rest = unmarked(rest)
        return "A" not in self.nodes or not rest.strip() or self.entries.start.match(rest) is not None


def judge(problem: Problem, sample: Sample) -> Verdict:
    """Reasons: satisfied; violated, contradictory (extracted says how); incomplete, repeated, unreadable, hedge.

    Raises ValueError for a specification that is none, or that joins a node to itself.
    """
    graph = _graph(problem)
    return verdict_on(sample, JUDGE, lambda region: _check(graph, region), graph.is_answer)


def _check(graph: _Graph, region: Region) -> Finding:
    colours = assignments(region.text, graph.nodes, graph.entries, _colour)
    for node, colour in colours.items():
        if graph.allowed is not None and colour not in graph.allowed:
            return broken(f"{node}: {colour} is not among the colours")
    if graph.allowed is None:
        _refuse_neighbours(graph, colours)
    if len(set(colours.values())) > graph.most:
        return broken(f"{len(set(colours.values()))} colours, more than {graph.most}")
    for one, other in graph.edges:
        if colours[one] == colours[other]:
            return broken(f"{one} and {other} are both {colours[one]}")
    return satisfied(", ".join(f"{node}: {colour}" for node, colour in colours.items()))


def _refuse_neighbours(graph: _Graph, colours: dict[str, str]) -> None:
    names = {node.casefold() for node in graph.nodes if not node.isdigit()}
    for node, colour in colours.items():
        if colour in names:
            raise Rejected("unreadable", f"{node}: {colour} names a node, not a colour")


def _colour(said: str) -> str:
    colour = _COLOUR_WORDS.sub("", " ".join(said.split()), count=1).casefold()
    return str(int(colour)) if re.fullmatch("[0-9]+", colour) else colour


@lru_cache(maxsize=64)
def _graph(problem: Problem) -> _Graph:
    fields = specification(problem, {"edges", "nodes", "colors"})
    edges, others = fields.get("edges"), fields.get("nodes", [])
    if not isinstance(edges, list) or not all(isinstance(edge, list) and len(edge) == 2 for edge in edges):
        raise ValueError(f"the edges of a graph are a list of pairs, not {edges!r:.100}")
    if not isinstance(others, list):
        raise ValueError(f"the nodes of a graph are a list, not {others!r:.100}")
    listed = [_node(node) for node in others]
    joined = [(_node(one), _node(other)) for one, other in edges]
    nodes = tuple(dict.fromkeys([*listed, *(node for edge in joined for node in edge)]))
    _check_graph(nodes, listed, joined)
    most, allowed = _colours(fields.get("colors"))
    label = "|".join([*sorted(map(re.escape, allowed or ()), key=len, reverse=True), _LABEL])
    entries = form(nodes, f"{_SPOKEN}(?:(?i:{label}))", "node|vertex|region")
    return _Graph(nodes, tuple(joined), most, allowed, entries)


def _node(name: object) -> str:
    text = str(name) if type(name) is int else name
    if not isinstance(text, str) or not _NAME.fullmatch(text):
        raise ValueError(f"a node is a name of at most 40 letters and digits, not {name!r:.100}")
    return text


def _check_graph(nodes: tuple[str, ...], listed: list[str], edges: list[tuple[str, str]]) -> None:
    if not 1 <= len(nodes) <= MAX_NODES or len(edges) > MAX_EDGES:
        raise ValueError(
            f"a graph has 1 to {MAX_NODES} nodes and at most {MAX_EDGES:,} edges,"
            f" not {len(nodes)} and {len(edges):,}"
        )
    if listed and (len(set(listed)) < len(listed) or set(nodes) > set(listed)):
        raise ValueError(f"nodes, where listed, are all there once, not {', '.join(listed)!r:.100}")
    for one, other in edges:
        if one == other:
            raise ValueError(f"an edge joins two nodes, not {one!r} to itself")


def _colours(colours: object) -> tuple[int, frozenset[str] | None]:
    if type(colours) is int and 1 <= colours <= MAX_NODES:
        return colours, None
    if not isinstance(colours, list) or not colours or not all(_is_colour(colour) for colour in colours):
        raise ValueError(
            f"colors are a number from 1 to {MAX_NODES} or a list of names, not {colours!r:.100}"
        )
    allowed = frozenset(map(_colour, colours))
    if len(allowed) < len(colours):
        raise ValueError(f"colours differ in more than case, not {colours!r:.100}")
    return len(colours), allowed


def _is_colour(name: object) -> bool:
    return isinstance(name, str) and re.fullmatch(r"[A-Za-z0-9_]+(?:[ -][A-Za-z0-9_]+)*", name) is not None
