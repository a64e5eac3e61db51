"""What the server does by itself, on a real one; and the decisions that it is told of, whatever happened meanwhile."""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple
from uuid import uuid4

import pytest

from flows.automations import ENDED
from tests.flows.prefect_api import Api
from tests.flows.prefect_services import EDGEWORK, run, server, until, webhook
from warehouse.store import Warehouse

STALLED_SOON = """
from datetime import timedelta
from flows.automations import automations, put, webhook_block
put(automations(webhook_block(None), stalled=timedelta(seconds=12))[1])
"""
TELL = """
import sys
from prefect import flow
from flows.decision_events import tell_decisions
from warehouse.store import Warehouse

@flow
def tell(home):
    with Warehouse(home) as store:
        tell_decisions(store)

tell(sys.argv[1])
"""
UNREACHABLE = """
import logging, sys
from warehouse.store import Warehouse
from flows.decision_events import tell_decisions
with Warehouse(sys.argv[1]) as store:
    tell_decisions(store)
"""


class Services(NamedTuple):
    api: Api
    environment: dict[str, str]
    posted: list[dict[str, Any]]

    def emit(self, event: str, resource: str, *related: tuple[str, str]) -> None:
        self.api.post_list(
            "/events",
            {
                "id": str(uuid4()),
                "occurred": datetime.now(UTC).isoformat(),
                "event": event,
                "resource": {"prefect.resource.id": resource, "prefect.resource.name": "test"},
                "related": [
                    {"prefect.resource.id": f"prefect.{role}.{key}", "prefect.resource.role": role}
                    for role, key in related
                ],
                "payload": {},
            },
        )

    def told(self, home: Path) -> list[tuple[str, int]]:
        """The decisions on this home that the server has, the oldest first."""
        found = self.api.post(
            "/events/filter",
            filter={"event": {"prefix": ["edgework.candidate."]}, "order": "ASC"},
            limit=50,
        )["events"]
        return [(e["event"], e["payload"]["round"]) for e in found if e["payload"].get("home") == str(home)]


@pytest.fixture(scope="module")
def services(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Services]:
    folder = tmp_path_factory.mktemp("services")
    with server(folder) as environment, webhook() as (url, posted):
        run([EDGEWORK, "deploy", "--gpus", "3", "--webhook", url], environment)
        yield Services(Api(environment), environment, posted)


def decide(home: Path, *promoted: bool) -> None:
    """A home in which these decisions have been made, from round 1 on."""
    with Warehouse(home) as store:
        for number, verdict in enumerate(promoted, 1):
            if not store.has(f"r{number:04}/promote"):
                row = {"round": number, "candidate": f"r{number}", "incumbent": "base", "promoted": verdict}
                row |= {"p_value": 0.5, "reason": "a test", "gained": 1, "lost": 1}
                store.commit(f"r{number:04}/promote", {"promotions": [row]})


def test_a_second_set_up_keeps_the_limit_the_webhook_and_what_was_paused(services: Services) -> None:
    api = services.api
    nightly = api.deployment("self-play/nightly")["id"]
    api.post(f"/deployments/{nightly}/pause_deployment")
    ours = lambda: [one for one in api.post("/automations/filter") if one["name"].startswith("edgework: ")]  # noqa: E731
    waiting = lambda: [one for one in ours() if one["trigger"]["posture"] == "Proactive"]  # noqa: E731
    touched = lambda: {one["name"]: one["updated"] for one in waiting()}  # noqa: E731
    before = touched()
    run([EDGEWORK, "deploy"], services.environment)
    assert touched() == before, "an automation that is updated forgets what it waits for"
    assert api.deployment("self-play/nightly")["paused"]
    assert not api.deployment("rejudge/weekly")["paused"]
    assert api.get("/v2/concurrency_limits/edgework-gpu")["limit"] == 3
    assert len(before) == 2
    assert len({one["name"] for one in ours()}) == len(ours()) == 5
    [stalled] = [one for one in ours() if "stalled" in one["name"]]
    assert [action["type"] for action in stalled["actions"]] == ["cancel-flow-run", "call-webhook"]
    api.post(f"/deployments/{nightly}/resume_deployment")


def test_two_refusals_in_a_row_pause_the_schedule(services: Services) -> None:
    api = services.api
    nightly = api.deployment("self-play/nightly")["id"]
    services.emit("edgework.candidate.refused", "edgework.home.one", ("deployment", nightly))
    until(lambda: any(one["event"].endswith(".refused") for one in services.posted), "the webhook is told")
    assert not api.deployment("self-play/nightly")["paused"]
    services.emit("edgework.candidate.refused-twice", "edgework.home.one", ("deployment", nightly))
    until(lambda: api.deployment("self-play/nightly")["paused"], "the schedule is paused")
    assert not api.deployment("rejudge/weekly")["paused"]
    api.post(f"/deployments/{nightly}/resume_deployment")


def test_a_run_that_stalls_is_cancelled_and_one_that_moves_or_has_ended_is_not(services: Services) -> None:
    api = services.api
    run([sys.executable, "-c", STALLED_SOON], services.environment)
    stalls, moves, ends = (api.start("rejudge/weekly") for _ in range(3))
    for one in (stalls, moves, ends):
        api.post(f"/flow_runs/{one}/set_state", state={"type": "RUNNING"}, force=True)
        services.emit("edgework.run.progressed", f"prefect.flow-run.{one}")
    api.post(f"/flow_runs/{ends}/set_state", state={"type": "COMPLETED"}, force=True)

    def cancelled() -> bool:
        services.emit("edgework.run.progressed", f"prefect.flow-run.{moves}")
        return api.state(stalls) in ("Cancelling", "Cancelled")

    until(cancelled, "the run that stalled is cancelled", 90)
    assert api.state(moves) == "Running"
    assert api.state(ends) == "Completed"
    assert any("stalled" in one["automation"] for one in services.posted)


def test_the_ends_of_a_run_are_called_as_prefect_calls_them() -> None:
    from prefect.client.schemas.objects import TERMINAL_STATES

    names = {event.rpartition(".")[2].upper() for event in ENDED}
    assert {state.name for state in TERMINAL_STATES} <= names


def test_each_decision_is_told_once_also_after_a_kill_or_while_the_server_was_away(
    services: Services, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    decide(home, True, False)
    away = services.environment | {"PREFECT_API_URL": "http://127.0.0.1:9/api"}
    run([sys.executable, "-c", UNREACHABLE, str(home)], away)
    assert services.told(home) == []
    tell = [sys.executable, "-c", TELL, str(home)]
    run(tell, services.environment)
    until(lambda: services.told(home), "the newest decision is told")
    decide(home, True, False, False, True)
    run(tell, services.environment)
    run(tell, services.environment)
    until(lambda: len(services.told(home)) >= 4, "what was decided since is told")
    assert services.told(home) == [
        ("edgework.candidate.refused", 2),
        ("edgework.candidate.refused", 3),
        ("edgework.candidate.refused-twice", 3),
        ("edgework.candidate.promoted", 4),
    ]
