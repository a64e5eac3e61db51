"""One run at work: its warehouse, its config, its progress bars, and the policies it has made."""

from contextlib import ExitStack
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from curriculum.records import Problem
from curriculum.standings import Cell
from flows.engines import check_weights, open_engine
from flows.progress import Bars
from flows.settings import Config
from flows.verdicts import PairsJudge, pairs_judge
from policy import checkpoint
from policy.engine import Engine
from warehouse.store import Warehouse

if TYPE_CHECKING:
    from flows.cluster import Cluster


@dataclass(frozen=True, slots=True)
class Policy:
    """A named, immutable checkpoint."""

    name: str
    folder: Path


class Run:
    """What every stage is handed. All that a run knows of its past it reads from the warehouse."""

    def __init__(self, store: Warehouse, config: Config, progress: Bars) -> None:
        self.store = store
        self.config = config
        self.progress = progress
        self._engine: Engine | None = None
        self._drawn_from: str | None = None
        self._cluster: Cluster | None = None
        self._opened = ExitStack()

    @cached_property
    def judge(self) -> PairsJudge:
        """Judges of samples, for as long as the run is open."""
        return self._opened.enter_context(pairs_judge(self.config.judging.unsandboxed_programs))

    @property
    def home(self) -> Path:
        return self.store.home

    def cells(self) -> list[Cell]:
        ranges = self.config.curriculum.families.items()
        return [Cell(name, level) for name, (low, high) in ranges for level in range(low, high + 1)]

    def problems(self, round_number: int, split: str) -> list[Problem]:
        """The problems that a round drew of one split, in the order of their keys; imported ones are not drawn."""
        rows = self.store.query(
            "select family, level, question, answer, check_kind as check, source, seed "
            "from problems where round = ? and split = ? and source = 'generated' order by key",
            (round_number, split),
        )
        return [Problem(**row) for row in rows]

    def policy(self, name: str) -> Policy:
        (row,) = self.store.query("select path from policies where policy = ?", (name,))
        return Policy(name, self.home / row["path"])

    def engine(self, policy: Policy) -> Engine:
        """The one engine of the run, drawing from this policy: a real one fills the GPU."""
        if self._engine is not None and self._drawn_from == policy.name:
            return self._engine
        check_weights(policy.name, policy.folder)
        if self._engine is None:
            self._engine = open_engine(self.config, policy.name, policy.folder)
        else:
            self._engine.load(policy.name, policy.folder)
        self._drawn_from = policy.name
        return self._engine

    @property
    def cluster(self) -> "Cluster":
        """The engines of the run, where it has several: Ray is imported for these alone."""
        if self._cluster is None:
            from flows.cluster import Cluster

            self._cluster = Cluster(self.config, self.home)
        return self._cluster

    def rest_engine(self) -> None:
        """Leave the device to the trainer, if the two take turns."""
        if self.config.policy.while_training != "rest":
            return
        if self._engine is not None:
            self._engine.rest()
            self._drawn_from = None
        if self._cluster is not None:
            self._cluster.rest()

    def close(self) -> None:
        try:
            self._opened.close()
        finally:
            for opened in (self._engine, self._cluster):
                if opened is not None:
                    opened.close()


def register_policy(
    run: Run, unit: str, number: int, folder: Path, parent: str | None, **tables: list[dict[str, object]]
) -> Policy:
    """Commit a checkpoint as a policy, named by round and weights, with whatever rows came of making it."""
    digest = checkpoint.digest(folder)
    name = f"r{number}-{digest}" if number else f"base-{digest}"
    path = folder.relative_to(run.home) if folder.is_relative_to(run.home) else folder.resolve()
    row = {"policy": name, "round": number, "path": str(path), "parent": parent, "digest": digest}
    run.store.commit(unit, {"policies": [row], **tables})
    return Policy(name, folder)
