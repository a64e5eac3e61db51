"""Events that tell a Prefect server of the decisions on rounds, for automations to act on.

Each is told once the decision is committed, and marked as told once the server has taken it. A run that is killed
between, or whose server was away, is followed by one that tells it; the event's id is a hash of what it tells, so that
a second telling can be known for one.
"""

import logging
from typing import Any
from uuid import NAMESPACE_URL, uuid5

from prefect.client.orchestration import get_client
from prefect.events import Event, RelatedResource, Resource
from prefect.runtime import deployment, flow_run

from flows.homes import slug
from warehouse.store import Warehouse

PROMOTED = "edgework.candidate.promoted"
REFUSED = "edgework.candidate.refused"
REFUSED_TWICE = "edgework.candidate.refused-twice"  # this one and the one before

DECISIONS = "select *, lag(promoted) over (order by round) as before from promotions order by round"

log = logging.getLogger(__name__)


def tell_decisions(store: Warehouse) -> None:
    """Tell what has been decided since the last telling, or, where nothing was ever told, the newest decision."""
    decisions = store.query(DECISIONS)
    told = [row["round"] for row in decisions if store.has(_unit(row["round"]))]
    for row in [row for row in decisions if row["round"] > told[-1]] if told else decisions[-1:]:
        try:
            _tell(store, row)
        except Exception as error:
            log.warning("the server was not told of round %d; the next run will: %s", row["round"], error)
            return
        store.commit(_unit(row["round"]), {})


def _tell(store: Warehouse, row: dict[str, Any]) -> None:
    """Raises unless the server has taken it."""
    events = [
        Event(
            id=uuid5(NAMESPACE_URL, f"{event} {store.home} {row['round']} {row['candidate']}"),
            event=event,
            resource=_resource(f"edgework.home.{slug(store.home)}", store.home.name),
            related=[
                RelatedResource.model_validate(
                    {"prefect.resource.id": f"prefect.{kind}.{key}", "prefect.resource.role": kind}
                )
                for kind, key in (("flow-run", flow_run.id), ("deployment", deployment.id))
                if key
            ],
            payload={"home": str(store.home)} | {key: value for key, value in row.items() if key != "before"},
        )
        for event in _events(row["promoted"], row["before"])
    ]
    with get_client(sync_client=True) as client:
        client.request("POST", "/events", json=[event.model_dump(mode="json") for event in events])


def _resource(key: str, name: str) -> Resource:
    return Resource.model_validate({"prefect.resource.id": key, "prefect.resource.name": name})


def _events(promoted: bool, promoted_before: bool | None) -> list[str]:
    if promoted:
        return [PROMOTED]
    return [REFUSED, REFUSED_TWICE] if promoted_before is False else [REFUSED]


def _unit(number: int) -> str:
    return f"r{number:04}/told"
