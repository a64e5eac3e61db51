"""Events that tell a Prefect server of the decision on a round, for automations to act on.

Each is told once the decision is committed, and again by the next run of the home if this one was killed before
the server had it; its id is a hash of what it tells, so a second telling can be known for one.
"""

import logging
from threading import Thread
from uuid import NAMESPACE_URL, uuid5

from prefect.events import emit_event
from prefect.events.worker import EventsWorker

from flows.homes import slug
from flows.run import Run

PROMOTED = "edgework.candidate.promoted"
REFUSED = "edgework.candidate.refused"
REFUSED_TWICE = "edgework.candidate.refused-twice"  # this one and the one before

NEWEST = """
    select p.*, lag(promoted) over (order by round) as before from promotions as p order by round desc limit 1
"""
DELIVERED_S = 20.0

log = logging.getLogger(__name__)


def tell_newest_decision(run: Run) -> None:
    """Emit the event, or the two events, of the newest round that was decided, unless that was done before."""
    rows = run.store.query(NEWEST)
    if not rows:
        return
    [row] = rows
    told = f"r{row['round']:04}/told"
    if run.store.has(told):
        return
    for event in _events(row["promoted"], row["before"]):
        emit_event(
            event,
            resource={
                "prefect.resource.id": f"edgework.home.{slug(run.home)}",
                "prefect.resource.name": run.home.name,
            },
            payload={"home": str(run.home)} | {key: value for key, value in row.items() if key != "before"},
            id=uuid5(NAMESPACE_URL, f"{event} {run.home} {row['round']} {row['candidate']}"),
        )
    if _delivered():
        run.store.commit(told, {})
    else:
        log.warning("the server was not told of round %d yet; the next run of the home will", row["round"])


def _events(promoted: bool, promoted_before: bool | None) -> list[str]:
    if promoted:
        return [PROMOTED]
    return [REFUSED, REFUSED_TWICE] if promoted_before is False else [REFUSED]


def _delivered() -> bool:
    """Wait until the events are on the server, but not for one that is away."""
    wait = Thread(target=EventsWorker.instance().wait_until_empty, daemon=True)
    wait.start()
    wait.join(DELIVERED_S)
    return not wait.is_alive()
