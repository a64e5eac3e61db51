"""The actors of a run on a Ray cluster: started, listened to, and replaced when they are lost.

The cluster is the one that RAY_ADDRESS names, or one on this machine. A run begins with the first actor that is there.
For each further one Ray waits until the cluster has room, be it because a machine joins; so an actor may wait for ever,
and nobody waits for it.
"""

import logging
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ray
from ray.exceptions import RayError, RayTaskError

from curriculum.errors import InputError, WorkFailed
from flows.cluster_worker import Worker
from flows.settings import Config
from flows.shares import Share

LOSSES = 3  # in a row in one place, or over one shard: it is not the machine
PATIENCE_S = 600.0  # for a cluster to have room for one engine at least
LOADING_S = 3600.0  # for an engine that is there to load a model, perhaps over a slow share

log = logging.getLogger(__name__)


@dataclass(slots=True, eq=False)
class Member(Share):
    """One actor, its shards, and the call to it that is waited for; `host` is known once it is there.

    `losses` are those before it in whose place it is, since one of them handed in a shard.
    """

    actor: Any
    call: Any
    losses: int = 0
    host: str | None = None
    begun: bool = False  # this stage


class Members:
    """As many actors as the config has engines, each with a GPU where the cluster has some, else with a core."""

    def __init__(self, config: Config, home: Path) -> None:
        self._config, self._home = config, home
        if not ray.is_initialized():
            address = os.environ.get("RAY_ADDRESS", "local")  # never one that happens to run here
            ray.init(address, include_dashboard=False, log_to_driver=False, logging_level=logging.ERROR)
        self._needs = {"num_cpus": 1, "num_gpus": int(ray.cluster_resources().get("GPU", 0) > 0)}
        self._members = [self._started() for _ in range(config.policy.engines)]

    def __iter__(self) -> Iterator[Member]:
        return iter(self._members)

    def there(self) -> list[Member]:
        return [member for member in self._members if member.host is not None]

    def answers(self) -> tuple[list[tuple[Member, Any]], list[Member]]:
        """Members whose call has returned, with what it did; and those that were lost, in whose place others start.

        Waits for one at least. A member that has just come, which has greeted, is there, and is not among them.
        Raises as an engine or the disk does; WorkFailed after too many losses, or if nobody answers for too long.
        """
        self._await_one()
        calls = {member.call: member for member in self._members if member.call is not None}
        done, _ = ray.wait(list(calls), num_returns=len(calls), timeout=0)
        answers, lost = [], []
        for call in done:
            member = calls[call]
            try:
                answer = ray.get(call)
            except RayError as error:
                _raise_if_not_its_own(error)
                self._lose(member, error)
                lost.append(member)
                continue
            member.call = None
            if member.host is None:
                member.host = answer
            else:
                answers.append((member, answer))
        return answers, lost

    def forget_calls(self) -> None:
        """Whatever the members are at, they come to the next call when they are done with it."""
        for member in self.there():
            member.call, member.begun, member.has, member.to_ask = None, False, {}, []

    def rest(self) -> None:
        """Have all that are there leave the device to others; one that cannot is replaced."""
        for member, call in [(member, member.actor.rest.remote()) for member in self.there()]:
            try:
                ray.get(call, timeout=LOADING_S)
            except RayError as error:
                _raise_if_not_its_own(error)
                self._lose(member, error)

    def close(self) -> None:
        for member in self._members:
            ray.kill(member.actor)
        self._members = []

    def _started(self, losses: int = 0) -> Member:
        actor = ray.remote(Worker).options(**self._needs).remote(self._config, self._home)
        return Member(actor, actor.greet.remote(), losses)

    def _await_one(self) -> None:
        calls = [member.call for member in self._members if member.call is not None]
        done, _ = ray.wait(calls, timeout=LOADING_S if self.there() else PATIENCE_S)
        if not done and self.there():
            raise WorkFailed(f"an engine loads its model within {LOADING_S:.0f} s, and none has answered")
        if not done:
            raise WorkFailed(
                f"a run needs one engine at least, with {self._needs}, and none has answered in {PATIENCE_S:.0f} s;"
                f" the cluster has {ray.cluster_resources()}"
            )

    def _lose(self, lost: Member, error: Exception) -> None:
        place, shards = lost.host or "some machine", len(lost.has)
        told = "an engine on %s was lost, and its shards under way, %d, are drawn elsewhere: %.300s"
        log.warning(told, place, shards, error)
        losses = lost.losses + 1
        if losses > LOSSES:
            raise WorkFailed(
                f"{losses} engines were lost in one place without a shard between: {error}"
            ) from error
        ray.kill(lost.actor)
        self._members[self._members.index(lost)] = self._started(losses)


def _raise_if_not_its_own(error: Exception) -> None:
    """Raise what any other engine would say just so: a fault of the input, or of the disk."""
    cause = error.cause if isinstance(error, RayTaskError) else None
    if isinstance(cause, InputError | WorkFailed | ValueError):
        raise cause from None
