"""`edgework serve`: schedules on one machine, without pools and workers, and without a server if none is named."""

import asyncio
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from prefect.client.orchestration import get_client
from prefect.client.schemas.objects import ConcurrencyLimitConfig
from prefect.deployments.runner import RunnerDeployment
from prefect.events import DeploymentEventTrigger
from prefect.exceptions import TerminationSignal
from prefect.runner import Runner
from prefect.schedules import Cron
from prefect.types.entrypoint import EntrypointType
from prefect.utilities.importtools import import_object
from rich.console import Console

from curriculum.errors import InputError
from flows.deploying import DEPLOYMENTS, HEARTBEAT_S, entries_of, set_up, trigger_names
from flows.environment import show_logs
from flows.gpus import visible_gpus
from flows.pauses import pauses_kept
from flows.prefect_server import await_api, serve_api


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
    entries = entries_of(DEPLOYMENTS)
    here = [entry for entry in entries if not entry["parameters"].get("gpus")]
    served = [*deployments(here, home, config, cron, timezone)]
    url, is_ours = serve_api(port)
    await_api()
    runner = Runner(pause_on_shutdown=False, heartbeat_seconds=HEARTBEAT_S)
    with get_client(sync_client=True) as client:
        for line in set_up(client, len(visible_gpus()) if is_ours else None, webhook):
            console.print(line, highlight=False)
        with pauses_kept(client, trigger_names(here)):
            for deployment in served:
                runner.add_deployment(deployment)
    for left_out in [entry["name"] for entry in entries if entry not in here]:
        console.print(f"{left_out} is for workers of a pool with GPUs: edgework deploy", highlight=False)
    console.print(f"Prefect shows what happens: {url.removesuffix('/api')}", highlight=False)
    for deployment in served:
        console.print(f"{deployment.flow_name}/{deployment.name}: {_when(deployment)}", highlight=False)
    with suppress(KeyboardInterrupt, TerminationSignal):
        asyncio.run(runner.start())


def deployments(
    entries: list[dict[str, Any]], home: Path | None, config: Path | None, cron: str | None, timezone: str
) -> Iterator[RunnerDeployment]:
    """Those of a file like prefect.yaml, for `home`, played by `config`, on what GPUs this machine has.

    `cron` takes the place of the schedule of `nightly`. InputError if it is none.
    """
    for entry in entries:
        parameters = {name: value for name, value in entry["parameters"].items() if name != "gpus"}
        if home and "home" in parameters:
            parameters["home"] = str(home)
        if config and "config" in parameters:
            parameters["config"] = str(config)
        schedules = entry.get("schedules", [])
        if cron and entry["name"] == "nightly":
            schedules = [{"slug": "every-night", "cron": cron, "timezone": timezone, "active": True}]
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
        schedules=[
            Cron(one["cron"], timezone=one["timezone"], active=one["active"], slug=one["slug"])
            for one in schedules
        ],
        triggers=[DeploymentEventTrigger(**trigger) for trigger in entry.get("triggers", ())],
        concurrency_limit=ConcurrencyLimitConfig(**entry["concurrency_limit"]),
        entrypoint_type=EntrypointType.MODULE_PATH,
    )
    assert isinstance(deployment, RunnerDeployment)
    return deployment


def _when(deployment: RunnerDeployment) -> str:
    crons = [one.schedule.cron for one in deployment.schedules or () if one.active]  # type: ignore[union-attr]
    return ", ".join(crons) or ("after an event" if deployment.triggers else "on demand")
