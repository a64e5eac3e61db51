"""The server engine while its server is killed again and again: is every request answered once, and at what cost?

python -m benchmarks.server_killed --requests 5000 --every 20

The server is the tests' small one, on the shipped base. The same requests are asked first undisturbed, then while
the server is killed by SIGKILL every so many seconds after it came back, and started again at once.
"""

import argparse
import threading
import time
from collections import Counter
from typing import NamedTuple

from curriculum.records import Problem, Sample
from flows.settings import SHIPPED_BASE
from generators import FAMILIES
from generators.drawing import draw
from policy.engine import Sampling, requests_for
from policy.server.settings import Server
from policy.server_engine import ServerEngine
from tests.policy.openai_server import SmallServer

GREEDY = Sampling(temperature=0.0, max_new_tokens=128)


class Run(NamedTuple):
    """How it went; `texts` by sample key."""

    answered: int
    duplicates: int
    seconds: float
    texts: dict[str, str]


class Killer(threading.Thread):
    """Kills the server so many seconds after it was ready, starts it again, and does so until told to stop."""

    def __init__(self, server: SmallServer, every_s: float) -> None:
        super().__init__()
        self.kills = 0
        self._server = server
        self._every_s = every_s
        self._enough = threading.Event()

    def run(self) -> None:
        while not self._enough.wait(self._every_s):
            self._server.restart()
            self.kills += 1

    def stop(self) -> None:
        self._enough.set()
        self.join()


def problems(count: int) -> list[Problem]:
    """So many, each another; where the easy levels have no more, there are more of the hard ones."""
    cells = [(name, level) for name, family in FAMILIES.items() for level in range(1, family.top_level + 1)]
    found: dict[str, Problem] = {}
    seed = 0
    while len(found) < count:
        for name, level in cells:
            found |= {
                p.key: p for p in draw(name, level, -(-count // len(cells)), seed, "heldout", set(found))
            }
        seed += 1
    return list(found.values())[:count]


def ask(engine: ServerEngine, asked: list[Problem]) -> Run:
    started = time.monotonic()
    samples: list[Sample] = list(engine.generate(requests_for(asked, 1), GREEDY))
    seconds = time.monotonic() - started
    times = Counter(sample.key for sample in samples)
    return Run(
        len(times), sum(times.values()) - len(times), seconds, {sample.key: sample.text for sample in samples}
    )


def measure(requests: int, every_s: float) -> tuple[Run, Run, int]:
    """The undisturbed run, the disturbed one, and the kills."""
    asked = problems(requests)
    with SmallServer() as server:
        engine = ServerEngine("base", SHIPPED_BASE, Server(server.url))
        undisturbed = ask(engine, asked)
        killer = Killer(server, every_s)
        killer.start()
        try:
            disturbed = ask(engine, asked)
        finally:
            killer.stop()
        engine.close()
    return undisturbed, disturbed, killer.kills


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--requests", type=int, default=5000)
    parser.add_argument("--every", type=float, default=20.0, help="seconds from one start to the next kill")
    given = parser.parse_args()
    undisturbed, disturbed, kills = measure(given.requests, given.every)
    for name, run, killed in (("undisturbed", undisturbed, 0), ("killed", disturbed, kills)):
        print(
            f"{name}: {run.answered:,} of {given.requests:,} requests answered, {run.duplicates} twice,"
            f" {killed} kills, {run.seconds:.1f} s"
        )
    same = sum(disturbed.texts.get(key) == text for key, text in undisturbed.texts.items())
    print(
        f"greedy texts the same in both: {same:,}; time {disturbed.seconds / undisturbed.seconds:.2f} times"
    )


if __name__ == "__main__":
    main()
