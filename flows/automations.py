"""Automations as code: what the Prefect server does by itself when something happens to a run.

`edgework deploy` and `edgework serve` create or update them by name. To add one, add it to `automations`.
"""

from datetime import timedelta
from typing import cast
from uuid import UUID

from prefect.automations import Automation
from prefect.blocks.webhook import Webhook
from prefect.client.schemas.objects import StateType
from prefect.events.actions import (
    ActionTypes,
    CallWebhook,
    CancelFlowRun,
    ChangeFlowRunState,
    PauseDeployment,
)
from prefect.events.schemas.automations import EventTrigger, Posture
from prefect.types import SecretDict
from pydantic import SecretStr

from flows.decision_events import PROMOTED, REFUSED, REFUSED_TWICE
from flows.watching import PROGRESSED

HEARTBEAT = "prefect.flow-run.heartbeat"  # of deployed runs; see `edgework deploy` for how often
ENDED = {f"prefect.flow-run.{state}" for state in ("Completed", "Failed", "Cancelled", "Crashed", "TimedOut")}
SILENT = timedelta(minutes=3)  # six heartbeats: a server that is restarted misses some
STALLED = timedelta(hours=1)  # without a sample, a step or a verdict; a large model may take long to load

WEBHOOK_BLOCK = "edgework-webhook"
WEBHOOK_PAYLOAD = """{
  "automation": {{ automation.name | tojson }},
  "event": {{ event.event | tojson }},
  "occurred": {{ event.occurred | string | tojson }},
  "about": {{ event.resource.name | tojson }},
  "details": {{ event.payload | tojson }}
}"""


def automations(
    webhook: UUID | None, silent: timedelta = SILENT, stalled: timedelta = STALLED
) -> list[Automation]:
    """All of ours; those that only tell somebody need the id of a webhook block."""
    tell: list[ActionTypes] = (
        [CallWebhook(block_document_id=webhook, payload=WEBHOOK_PAYLOAD)] if webhook else []
    )
    ours = [
        Automation(
            name="edgework: a run whose process is gone has crashed",
            description="Frees its place; its GPUs follow within five minutes. The next run of the home carries on.",
            trigger=_absent(HEARTBEAT, silent),
            actions=[
                ChangeFlowRunState(
                    state=StateType.CRASHED,
                    message="Its process has sent no heartbeat: it was killed, or its machine was.",
                ),
            ],
        ),
        Automation(
            name="edgework: a run that stalled is cancelled",
            description=f"No sample, step or verdict in {stalled}. The next run of the home carries on.",
            trigger=_absent(PROGRESSED, stalled),
            actions=[CancelFlowRun(), *tell],
        ),
        Automation(
            name="edgework: two refusals in a row pause the schedule",
            description="What the home practises teaches its model no more: look at its report, then resume.",
            trigger=EventTrigger(expect={REFUSED_TWICE}),
            actions=[PauseDeployment(source="inferred"), *tell],
        ),
    ]
    if tell:
        ours.append(
            Automation(
                name="edgework: tell the webhook of each decision",
                description="A candidate was promoted, or refused.",
                trigger=EventTrigger(expect={PROMOTED, REFUSED}),
                actions=tell,
            )
        )
    return ours


def _absent(event: str, within: timedelta) -> EventTrigger:
    """Fires when, after such an event of a run, neither another one nor the run's end comes in time."""
    return EventTrigger(
        posture=Posture.Proactive,
        after={event},
        expect={event, *ENDED},
        for_each={"prefect.resource.id"},
        within=within,
    )


def put(automation: Automation) -> None:
    """Create the automation, or replace the one of its name; one that somebody switched off stays off.

    An unchanged one is not updated: the server would forget what it waits for, such as the next heartbeat of a run
    that died with its machine.
    """
    try:
        old = cast(Automation, Automation.read(name=automation.name))
    except ValueError:  # there is none
        automation.create()
        return
    automation.id, automation.enabled = old.id, old.enabled
    if automation != old:
        automation.update()


def webhook_block(url: str | None) -> UUID | None:
    """The block that holds the webhook's address, which is a secret; without one here, that of an earlier time."""
    if url is not None:
        block = Webhook(url=SecretStr(url), headers=SecretDict({"Content-Type": "application/json"}))
        return cast(UUID, block.save(WEBHOOK_BLOCK, overwrite=True))
    try:
        return cast(Webhook, Webhook.load(WEBHOOK_BLOCK))._block_document_id
    except ValueError:
        return None
