"""An automation is changed while Prefect's server on SQLite looks at them all, which stopped it for good."""

import sys
from pathlib import Path

import pytest

from flows.prefect_server import NO_DEADLOCK
from tests.flows.prefect_services import run, server

LOOKS_LONG = """
import asyncio
import prefect.server.events.triggers as triggers
look = triggers.read_automation_state_snapshot

async def look_long(session):
    await asyncio.sleep(3)
    return await look(session)

triggers.read_automation_state_snapshot = look_long
"""
CHANGES = """
from datetime import timedelta
from flows.automations import automations, put
for seconds in range(60, 66):
    put(automations(None, silent=timedelta(seconds=seconds))[0])
"""


def test_the_server_goes_on(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PREFECT_SERVER_EVENTS_PROACTIVE_GRANULARITY", "PT1S")
    with server(tmp_path, prepared=LOOKS_LONG + NO_DEADLOCK) as environment:
        run([sys.executable, "-c", CHANGES], environment, 60)
