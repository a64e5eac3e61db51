"""What draws samples: requests in, finished samples streaming out in whatever order they finish."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Protocol

from curriculum.records import Problem, Sample, hashed_seed


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to sample: temperature 0 is greedy; `instruction`, if any, follows the question in the prompt.

    Every solution begins with `opening`, which is given and not drawn: `A: ` asks for the answer at once.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    max_new_tokens: int = 256
    instruction: str = ""
    opening: str = ""

    def prompt(self, question: str) -> str:
        return f"{question}\n{self.instruction}" if self.instruction else question


@dataclass(frozen=True, slots=True)
class Request:
    """One draw for one problem. Its seed is a hash, so no two draws share a random stream."""

    problem: Problem
    draw: int
    seed: int


class Engine(Protocol):
    """Draws from one policy. Every request is answered exactly once; the tokens of each sample are counted."""

    policy: str

    def generate(self, requests: Iterable[Request], sampling: Sampling) -> Iterator[Sample]: ...


def requests_for(problems: Iterable[Problem], draws: int, *seed: object, first: int = 0) -> list[Request]:
    """`draws` requests a problem, numbered from `first`, each seeded by the given parts, problem and draw."""
    return [
        Request(problem, draw, hashed_seed(*seed, problem.key, draw))
        for problem in problems
        for draw in range(first, first + draws)
    ]
