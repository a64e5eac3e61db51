"""What a person or an automation has paused stays so when deployments are applied anew, which would resume it."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import cast
from uuid import UUID

from prefect.automations import Automation
from prefect.client.orchestration import SyncPrefectClient


@contextmanager
def pauses_kept(client: SyncPrefectClient, triggers: list[str]) -> Iterator[None]:
    """Deployments stay paused, and automations of these names off. Schedules are as the file says."""
    paused = [deployment.id for deployment in client.read_deployments() if deployment.paused]
    off = [name for name in triggers if (found := _automation(name)) and not found.enabled]
    yield
    for deployment in paused:
        _pause(client, deployment)
    for name in off:
        if automation := _automation(name):
            automation.enabled = False
            automation.update()


def _pause(client: SyncPrefectClient, deployment: UUID) -> None:
    client.request("POST", "/deployments/{id}/pause_deployment", path_params={"id": deployment})


def _automation(name: str) -> Automation | None:
    try:
        return cast(Automation, Automation.read(name=name))
    except ValueError:
        return None
