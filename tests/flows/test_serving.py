"""`edgework serve`: schedules on one machine by one command, with a server of its own; and what `deploy` refuses."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import httpx
import pytest

from tests.flows.prefect_api import Api
from tests.flows.prefect_services import (
    EDGEWORK,
    HURRIED,
    REPOSITORY,
    decided,
    descendants,
    free_port,
    kill_all,
    process,
    until,
)
from warehouse.store import Warehouse

QUICK = REPOSITORY / "examples" / "quick.toml"
OFTEN = "* * * * * */20"  # the sixth field is of seconds
NOTICES_CRASHES_SOON = """
from datetime import timedelta
from functools import partial
from flows.environment import quiet_prefect
quiet_prefect()
from flows import automations
automations.automations = partial(automations.automations, silent=timedelta(seconds=45))
from flows.cli import main
main()
"""  # the command, which by itself gives a silent run three minutes


def environment(folder: Path) -> dict[str, str]:
    """No server named, and one of our own with its database in a folder of the test's."""
    own = os.environ | HURRIED | {"PREFECT_HOME": str(folder / "prefect")}
    return {name: value for name, value in own.items() if name != "PREFECT_API_URL"}


def refused(*command: str, **settings: str) -> str:
    """What a command that must end with exit status 2 complains of."""
    own = {name: value for name, value in os.environ.items() if name != "PREFECT_API_URL"} | settings
    done = subprocess.run([EDGEWORK, *command], env=own, text=True, capture_output=True, timeout=60)
    assert done.returncode == 2, done.stderr
    return done.stderr


@contextmanager
def serving(folder: Path, home: Path, port: int, cron: str) -> Iterator[tuple[subprocess.Popen[bytes], Api]]:
    """`edgework serve` with this schedule, once its deployments are there; its log is `folder`/serve.log."""
    own, log = environment(folder), folder / "serve.log"
    edgework = [sys.executable, "-c", NOTICES_CRASHES_SOON]
    command = [*edgework, "serve", "--home", str(home), "--config", str(QUICK), "--port", str(port)]
    with process([*command, "--cron", cron, "--timezone", "Europe/Paris"], own, log) as served:
        client = own | {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}

        def says_what_starts_when() -> bool:
            assert served.poll() is None, log.read_text()
            return "export/after-promotion: after an event" in log.read_text()

        until(says_what_starts_when, "it says what starts when", 120)
        yield served, Api(client)


def test_a_night_that_died_with_the_machine_is_played_when_serve_is_back(tmp_path: Path) -> None:
    """Its cron fires every 20 seconds; `serve`, its server and its run are killed at once, in the middle of a round.

    Ctrl-C in the middle of a later one ends them all, too, and leaves the home to whoever comes next.
    """
    port, home = free_port(), tmp_path / "home"
    with serving(tmp_path, home, port, OFTEN) as (served, api):
        [nightly] = api.deployment("self-play/nightly")["schedules"]
        assert nightly["schedule"]["cron"] == OFTEN
        assert nightly["schedule"]["timezone"] == "Europe/Paris"
        until(lambda: [*home.glob("shards/*/r0001~*")], "a night has begun its round", 240)
        [died] = api.runs("self-play/nightly", "Running")
        assert died["auto_scheduled"]
        kill_all(served)
        assert decided(home) == 0
    (tmp_path / "serve.log").unlink()  # in which the next one is to say that it is ready
    with serving(tmp_path, home, port, OFTEN) as (served, api):
        until(lambda: decided(home) == 1, "a night finishes the round", 240)
        until(lambda: api.runs("self-play/nightly", "Completed"), "it has completed", 60)
        assert api.state(died["id"]) == "Crashed"
        played = api.runs("self-play/nightly", "Completed")[0]
        assert played["auto_scheduled"]
        assert "round 1: decision" in api.log(played["id"])
        assert (home / "report.html").exists()
        until(lambda: [*home.glob("shards/*/r0002~*")], "another night has begun a round", 120)
        children = descendants(served.pid)
        os.killpg(served.pid, signal.SIGINT)  # Ctrl-C, in the middle of it
        served.wait(60)
        gone = lambda: not any(Path(f"/proc/{child}").exists() for child in children)  # noqa: E731
        until(gone, "all that it started ends", 30)
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"http://127.0.0.1:{port}/api/health", timeout=2)
    with Warehouse(home) as store:  # which nobody holds
        assert not store.repairs
    assert decided(home) == 1


def test_a_schedule_that_is_none_is_refused() -> None:
    said = refused("serve", "--cron", "at midnight")
    assert "--cron is like '0 1 * * *'" in said
    said = refused("serve", "--cron", "0 1 * * *", "--timezone", "Europe/Atlantis")
    assert "--timezone like Europe/Paris" in said


def test_deploy_needs_a_server_that_stays_and_a_file() -> None:
    assert "PREFECT_API_URL names one" in refused("deploy")
    nowhere = "http://127.0.0.1:9/api"
    assert "missing.yaml: deployments are in a file" in refused(
        "deploy", "--file", "missing.yaml", PREFECT_API_URL=nowhere
    )
    said = refused("deploy", PREFECT_API_URL=nowhere)
    assert f"{nowhere} does not answer" in said


def test_help_is_quick() -> None:
    """What makes it slow is what it imports."""
    heavy = ["prefect", "torch", "duckdb", "transformers", "pyarrow"]
    program = f"""
import sys
from typer.testing import CliRunner
from flows.cli import app
for command in ([], ["run"], ["serve"], ["deploy"], ["export"]):
    assert CliRunner().invoke(app, [*command, "--help"]).exit_code == 0
print([name for name in {heavy} if name in sys.modules])
"""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=REPOSITORY, text=True, capture_output=True, timeout=60
    )
    assert done.stdout.strip() == "[]", done.stdout + done.stderr
