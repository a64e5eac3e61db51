"""An engine that answers by a function instead of a model: for tests and for trying out a flow."""

from collections import deque
from collections.abc import Callable, Generator
from pathlib import Path

from curriculum.records import Finish, Sample
from policy.engine import Request, Sampling


class ScriptedEngine:
    """Answers each request with `script(request)`; a token is a character."""

    def __init__(self, policy: str, script: Callable[[Request], str]) -> None:
        self.policy = policy
        self._script = script

    def generate(self, requests: deque[Request], sampling: Sampling) -> Generator[Sample]:
        while requests:
            request = requests.popleft()
            text = self._script(request)
            kept = text[: sampling.max_new_tokens]
            finish: Finish = "stop" if kept == text else "length"
            yield Sample(
                request.problem.key,
                self.policy,
                request.draw,
                sampling.temperature,
                sampling.opening + kept,
                len(kept),
                finish,
            )

    def load(self, policy: str, folder: Path) -> None:
        self.policy = policy

    def rest(self) -> None:
        pass

    def close(self) -> None:
        pass
