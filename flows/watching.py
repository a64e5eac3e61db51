"""What a Prefect server is shown of a stage at work: a progress artifact, and an event whenever something moved.

Only a server that somebody can look at is shown it, not the one that a run starts for itself. While that is away it
costs what would have been shown, and nothing else.
"""

import contextvars
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.events import emit_event
from prefect.events.worker import EventsWorker
from prefect.runtime import flow_run

from flows.prefect_server import is_our_own
from flows.progress import Meter

PROGRESSED = "edgework.run.progressed"  # its absence is how an automation knows that a run stalled
EVERY_S = 10.0

log = logging.getLogger(__name__)


def is_watched() -> bool:
    """Whether this is in a flow run of a server that outlives it."""
    return flow_run.id is not None and not is_our_own()


def say_progressed(stage: str, **details: object) -> None:
    """Tell the server that the run is not stuck."""
    emit_event(
        PROGRESSED,
        resource={
            "prefect.resource.id": f"prefect.flow-run.{flow_run.id}",
            "prefect.resource.name": str(flow_run.name),
        },
        payload={"stage": stage, **details},
    )


@contextmanager
def watched(label: str, meter: Meter) -> Iterator[None]:
    """Show how far the stage is, every ten seconds and at its end."""
    if not is_watched():
        yield
        return
    ended = Event()
    follow = Thread(
        target=contextvars.copy_context().run,  # which flow run it is
        args=(_follow, label, meter, ended),
        name="watching",
        daemon=True,
    )
    follow.start()
    try:
        yield
    finally:
        ended.set()
        follow.join(EVERY_S)


def _follow(label: str, meter: Meter, ended: Event) -> None:
    shown, artifact, last = -1, None, False
    while not last:
        last = ended.wait(EVERY_S)
        items = meter.items
        if items == shown:
            continue
        try:
            say_progressed(label, items=items, of=meter.total, tokens=meter.tokens)
            artifact = _show(artifact, label, meter.percent)
            shown = items
        except Exception as error:  # the next look tries again
            log.warning("the progress of %s was not shown: %s", label, error)
    EventsWorker.instance().wait_until_empty()  # an event after the run's end would look like a run that stalls


def _show(artifact: UUID | None, label: str, percent: float) -> UUID:
    if artifact is None:
        made = create_progress_artifact(progress=percent, description=label)
        assert isinstance(made, UUID)
        return made
    update_progress_artifact(artifact, progress=percent)
    return artifact
