"""What a Prefect server is shown of a stage at work: a progress artifact, and an event whenever something moved.

Only a server that somebody can look at is shown it, not the one that a run starts for itself. A server that is
away costs what it would have been shown, and nothing else.
"""

import contextvars
import logging
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event, Thread
from uuid import UUID

from prefect.artifacts import create_progress_artifact, update_progress_artifact
from prefect.events import emit_event
from prefect.runtime import flow_run

from flows.prefect_server import is_our_own
from flows.progress import Meter

PROGRESSED = "edgework.run.progressed"  # its absence is how an automation knows that a run stalled
EVERY_S = 10.0

log = logging.getLogger(__name__)


def is_watched() -> bool:
    """Whether this is in a flow run of a server that outlives it."""
    return flow_run.id is not None and not is_our_own()


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
    try:
        shown = -1
        artifact = create_progress_artifact(progress=0.0, description=label)
        assert isinstance(artifact, UUID)
        while True:
            last = ended.wait(EVERY_S)
            if meter.items != shown:
                shown = meter.items
                update_progress_artifact(artifact, progress=meter.percent)
                emit_event(
                    PROGRESSED,
                    resource={
                        "prefect.resource.id": f"prefect.flow-run.{flow_run.id}",
                        "prefect.resource.name": str(flow_run.name),
                    },
                    payload={"stage": label, "items": meter.items, "of": meter.total, "tokens": meter.tokens},
                )
            if last:
                return
    except Exception as error:
        log.warning("the progress of %s is not shown: %s", label, error)
