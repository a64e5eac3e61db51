"""What draws samples: requests in, finished samples streaming out in whatever order they finish."""

from collections import deque
from collections.abc import Generator, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from curriculum.errors import InputError
from curriculum.records import Problem, Sample, hashed_seed


class PromptTooLong(InputError):
    """A prompt leaves no room for an answer; the message has both in tokens."""


def check_room(context: int, prompt: int) -> None:
    """Raises PromptTooLong if a prompt of so many tokens fills the context."""
    if prompt >= context:
        raise PromptTooLong(f"prompts must leave room in {context} tokens; one has {prompt}")


@dataclass(frozen=True, slots=True)
class Sampling:
    """How to sample: temperature 0 is greedy; `instruction`, if any, follows the question in the prompt.

    Every solution begins with `opening`, which is given and not drawn: `A: ` asks for the answer at once.
    With `logprobs`, each sample says how likely its tokens were.
    """

    temperature: float = 1.0
    top_p: float = 1.0
    max_new_tokens: int = 256
    instruction: str = ""
    opening: str = ""
    logprobs: bool = False

    def prompt(self, question: str) -> str:
        return f"{question}\n{self.instruction}" if self.instruction else question


@dataclass(frozen=True, slots=True)
class Request:
    """One draw for one problem. Its seed is a hash, so no two draws share a random stream.

    Rounding depends on who shares a batch. An engine that gives the same samples for the same requests (see
    `transformers_engine`) never mixes the requests of two units.
    """

    problem: Problem
    draw: int
    seed: int
    unit: int = 0


class Engine(Protocol):
    """Draws from one policy at a time. Every request is answered exactly once."""

    @property
    def policy(self) -> str: ...

    def generate(self, requests: deque[Request], sampling: Sampling) -> Generator[Sample]:
        """Answer the requests, each sample as it finishes, until none is left and none is under way.

        The engine takes requests from the left when it has room for them. Whoever receives the samples may append
        more: a sample is the place to decide what else is asked of its problem. PromptTooLong for one that does not
        fit; what is still under way when the iterator is closed is given up.
        """
        ...

    def load(self, policy: str, folder: Path) -> None:
        """Draw from another checkpoint of the same architecture from now on. BadCheckpoint if it does not load."""
        ...

    def rest(self) -> None:
        """Leave the device's memory to the trainer, as far as this engine can, until the next `load`."""
        ...

    def close(self) -> None:
        """Give back everything. Closing twice does nothing."""
        ...


def requests_for(
    problems: Iterable[Problem], draws: int, *seed: object, first: int = 0, unit: int = 0
) -> deque[Request]:
    """`draws` requests a problem, numbered from `first`, each seeded by the given parts, problem and draw."""
    return deque(
        Request(problem, draw, hashed_seed(*seed, problem.key, draw), unit)
        for problem in problems
        for draw in range(first, first + draws)
    )
