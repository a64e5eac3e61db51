"""`edgework serve`: schedules on one machine by one command, with a server of its own; and what `deploy` refuses."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.flows.prefect_services import (
    EDGEWORK,
    HURRIED,
    REPOSITORY,
    Api,
    descendants,
    free_port,
    process,
    until,
)

QUICK = REPOSITORY / "examples" / "quick.toml"


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


def test_a_served_run_is_played_and_all_ends_with_the_command(tmp_path: Path) -> None:
    port, home = free_port(), tmp_path / "home"
    own = environment(tmp_path)
    command = [EDGEWORK, "serve", "--home", str(home), "--config", str(QUICK), "--port", str(port)]
    schedule = ["--cron", "30 3 * * *", "--timezone", "Europe/Paris"]
    url = {"PREFECT_API_URL": f"http://127.0.0.1:{port}/api"}
    with process([*command, *schedule], own, tmp_path / "serve.log") as served:
        api = Api(own | url)

        def ready() -> bool:
            assert served.poll() is None, (tmp_path / "serve.log").read_text()
            try:
                return bool(api.deployment("self-play/nightly")) and bool(
                    api.deployment("export/after-promotion")
                )
            except (httpx.HTTPError, AssertionError):
                return False

        until(ready, "the deployments are there", 120)
        [nightly] = api.deployment("self-play/nightly")["schedules"]
        assert (nightly["schedule"]["cron"], nightly["schedule"]["timezone"]) == (
            "30 3 * * *",
            "Europe/Paris",
        )
        said = lambda: (tmp_path / "serve.log").read_text()  # noqa: E731
        until(lambda: "export/after-promotion: after an event" in said(), "it says what starts when", 30)
        first = api.start("self-play/nightly")
        until(lambda: api.has_completed(first), "the run is played", 240)
        assert "round 1: decision" in api.log(first)
        assert (home / "report.html").exists()
        children = descendants(served.pid)
        os.kill(served.pid, signal.SIGINT)
        served.wait(60)
        until(
            lambda: not any(Path(f"/proc/{child}").exists() for child in children),
            "all that it started ends",
            30,
        )
    with pytest.raises(httpx.HTTPError):
        httpx.get(f"{url['PREFECT_API_URL']}/health", timeout=2)


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
