"""`edgework serve`: schedules on one machine, without pools and workers, and without a server if none is named."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml
from prefect import serve as serve_deployments
from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import ConcurrencyLimitConfig
from prefect.deployments.runner import RunnerDeployment
from prefect.events import DeploymentEventTrigger
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType
from prefect.utilities.importtools import import_object
from rich.console import Console

from curriculum.errors import InputError
from flows.deploying import DEPLOYMENTS, HEARTBEAT_S, set_up
from flows.environment import show_logs
from flows.gpus import visible_gpus
from flows.prefect_server import await_api, serve_api

PORT = 4200  # Prefect's own


def serve(
    home: Path | None,
    config: Path | None,
    cron: str | None,
    timezone: str,
    port: int,
    webhook: str | None,
    console: Console,
) -> None:
    """Run the deployments of prefect.yaml from this process until it is stopped; their schedules, or `cron`."""
    show_logs()
    served = [*deployments(DEPLOYMENTS, home, config, cron, timezone)]
    url = serve_api(port)
    await_api()
    with get_client(sync_client=True) as client:
        set_up(client, len(visible_gpus()), webhook)
    console.print(f"Prefect shows what happens: {url.removesuffix('/api')}", highlight=False)
    for deployment in served:
        console.print(f"{deployment.flow_name}/{deployment.name}: {_when(deployment)}", highlight=False)
    # Schedules stay as they are when this ends: what a person or an automation paused is not resumed by a restart.
    serve_deployments(
        *served, print_starting_message=False, pause_on_shutdown=False, heartbeat_seconds=HEARTBEAT_S
    )


def deployments(
    file: Path, home: Path | None, config: Path | None, cron: str | None, timezone: str
) -> Iterator[RunnerDeployment]:
    """Those of a file like prefect.yaml, for `home`, played by `config`, on what GPUs this machine has.

    So of those that differ by their pool alone, the one without GPUs. `cron` takes the place of the schedule of
    `nightly`. InputError if it is none.
    """
    for entry in yaml.safe_load(file.read_text())["deployments"]:
        parameters = dict(entry["parameters"])
        if parameters.pop("gpus", 0):
            continue
        if home and "home" in parameters:
            parameters["home"] = str(home)
        if config and "config" in parameters:
            parameters["config"] = str(config)
        schedules = entry.get("schedules", [])
        if cron and entry["name"] == "nightly":
            schedules = [{"cron": cron, "timezone": timezone, "active": True}]
        try:
            yield _deployment(entry, parameters, schedules)
        except ValueError as error:
            raise InputError(
                f"--cron is like '0 1 * * *' and --timezone like Europe/Paris, not {cron!r} and {timezone!r}"
            ) from error


def _deployment(
    entry: dict[str, Any], parameters: dict[str, Any], schedules: list[dict[str, Any]]
) -> RunnerDeployment:
    deployment = import_object(entry["entrypoint"]).to_deployment(
        name=entry["name"],
        description=entry["description"],
        tags=entry["tags"],
        parameters=parameters,
        schedules=[Cron(one["cron"], timezone=one["timezone"], active=one["active"]) for one in schedules],
        triggers=[DeploymentEventTrigger(**trigger) for trigger in entry.get("triggers", ())],
        concurrency_limit=ConcurrencyLimitConfig(**entry["concurrency_limit"]),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    assert isinstance(deployment, RunnerDeployment)
    return deployment


def _when(deployment: RunnerDeployment) -> str:
    crons = [one.schedule.cron for one in deployment.schedules or () if one.active]  # type: ignore[union-attr]
    return ", ".join(crons) or ("after an event" if deployment.triggers else "on demand")
