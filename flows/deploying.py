"""`edgework deploy`: what runs on a schedule needs on a Prefect server, created or brought up to date."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import yaml
from prefect.client.orchestration import SyncPrefectClient, get_client
from prefect.client.schemas.actions import WorkPoolCreate
from prefect.exceptions import ObjectNotFound
from prefect.settings import PREFECT_API_URL
from prefect.workers.process import ProcessWorker
from rich.console import Console

from curriculum.errors import InputError, WorkFailed
from flows.automations import automations, put, webhook_block
from flows.gpus import LIMIT
from flows.pauses import pauses_kept
from flows.prefect_server import answers

CHECKOUT = Path(__file__).parents[1]
DEPLOYMENTS = CHECKOUT / "prefect.yaml"
POOLS = {
    "edgework-cpu": "runs that need no GPU",
    "edgework-gpu": "runs that hold GPUs of the limit edgework-gpu",
}
HEARTBEAT_S = 30  # Prefect sends none more often; by them the server knows that a run lives


def deploy(file: Path, gpus: int | None, webhook: str | None, console: Console) -> None:
    """Create or update work pools, the GPU limit, automations and the deployments in `file`.

    Without `gpus` or `webhook` the limit and the webhook stay as they are. InputError if no server is named, it does
    not answer, or there is no such file; WorkFailed as Prefect says.
    """
    url = PREFECT_API_URL.value()
    if not url:
        raise InputError(
            "deployments live on a Prefect server that stays: PREFECT_API_URL names one, such as"
            " http://127.0.0.1:4200/api of `prefect server start`; for one machine, there is `edgework serve`"
        )
    entries = entries_of(file)
    if not answers(url):
        raise InputError(f"PREFECT_API_URL names a Prefect server at work, and {url} does not answer")
    with get_client(sync_client=True) as client:
        for name, description in POOLS.items():
            make_pool(client, name, description)
            console.print(f"work pool {name}", highlight=False)
        for line in set_up(client, gpus, webhook):
            console.print(line, highlight=False)
        with pauses_kept(client, trigger_names(entries)):
            apply_deployments(file)
    console.print(
        f"{len(entries)} deployments of {file}; workers: prefect worker start --pool edgework-cpu",
        highlight=False,
    )


def entries_of(file: Path) -> list[dict[str, Any]]:
    """The deployments in a file like prefect.yaml. InputError if it is none."""
    try:
        return list(yaml.safe_load(file.read_text())["deployments"])
    except (OSError, ValueError, yaml.YAMLError, KeyError, TypeError) as error:
        raise InputError(f"{file}: deployments are in a file like prefect.yaml: {error!r}") from error


def trigger_names(entries: list[dict[str, Any]]) -> list[str]:
    return [
        trigger["name"] for entry in entries for trigger in entry.get("triggers", ()) if "name" in trigger
    ]


def set_up(client: SyncPrefectClient, gpus: int | None, webhook: str | None) -> list[str]:
    """The GPU limit and the automations; a line that says how each stands."""
    if gpus is None:
        try:
            gpus = client.read_global_concurrency_limit_by_name(LIMIT).limit
        except ObjectNotFound:
            gpus = 0
    client.upsert_global_concurrency_limit_by_name(LIMIT, gpus)
    block = webhook_block(webhook)
    ours = automations(block)
    for automation in ours:
        put(automation)
    return [
        f"limit {LIMIT}: {gpus} GPUs",
        f"{len(ours)} automations, {'with' if block else 'without'} a webhook",
    ]


def make_pool(client: SyncPrefectClient, name: str, description: str) -> None:
    """A pool of processes, unless there is one of that name, of whatever type."""
    try:
        client.read_work_pool(name)
    except ObjectNotFound:
        template = ProcessWorker.get_default_base_job_template()
        template["variables"]["properties"]["env"]["default"] = {
            "PREFECT_FLOWS_HEARTBEAT_FREQUENCY": str(HEARTBEAT_S)
        }
        pool = WorkPoolCreate(name=name, type="process", description=description, base_job_template=template)
        client.create_work_pool(pool)


def apply_deployments(file: Path) -> None:
    """By Prefect's own command, which reads more of such a file than we would."""
    command = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all", "--prefect-file", str(file)]
    environment = os.environ | {"EDGEWORK_CHECKOUT": os.environ.get("EDGEWORK_CHECKOUT", str(CHECKOUT))}
    done = subprocess.run(command, cwd=CHECKOUT, env=environment, text=True, capture_output=True)
    if done.returncode:
        raise WorkFailed(f"{file} could not be deployed: {(done.stdout + done.stderr).strip()[-2000:]}")
