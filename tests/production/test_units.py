"""The systemd units are ones, start what is there, and name settings that Prefect has and values that it takes."""

import os
import re
import shlex
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from pydantic_settings import BaseSettings

REPOSITORY = Path(__file__).parents[2]
PRODUCTION = REPOSITORY / "examples/production"
SYSTEMD = PRODUCTION / "systemd"
UNITS = [*SYSTEMD.glob("*.service"), *SYSTEMD.glob("*.timer")]
ENVIRONMENTS = sorted(SYSTEMD.glob("*.env.example"))
PROGRAMS = Path("/opt/edgework/.venv/bin")


def lines(unit: Path, key: str) -> list[str]:
    return re.findall(rf"^{key}=(.*)$", unit.read_text(), re.MULTILINE)


def settings(file: Path) -> dict[str, str]:
    return dict(re.findall(r"^([A-Z_]+)=(.*)$", file.read_text(), re.MULTILINE))


@pytest.mark.skipif(not shutil.which("systemd-analyze"), reason="systemd-analyze is not installed")
def test_systemd_finds_no_fault_in_the_units(tmp_path: Path) -> None:
    for unit in UNITS:
        text = re.sub(rf"{PROGRAMS}/\w+", sys.executable, unit.read_text())  # it looks whether they are there
        (tmp_path / unit.name.replace("@.", "@edgework-gpu.")).write_text(text)
    checked = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", "--recursive-errors=no", *map(str, tmp_path.iterdir())],
        capture_output=True,
        text=True,
    )
    faults = [line for line in checked.stderr.splitlines() if any(unit.stem in line for unit in UNITS)]
    assert (faults, checked.returncode) == ([], 0)


def test_there_are_the_units_that_the_recipe_needs() -> None:
    names = ("prefect-server", "edgework-worker@", "edgework-backup")
    assert {unit.name for unit in UNITS} == {
        *(f"{name}.service" for name in names),
        "edgework-backup.timer",
    }


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_a_unit_starts_programs_and_files_of_ours(unit: Path) -> None:
    for command in [*lines(unit, "ExecStart"), *lines(unit, "ExecStop")]:
        program, *arguments = shlex.split(command)
        assert Path(program).parent == PROGRAMS
        if Path(program).name == "prefect":
            assert arguments[:2] in (["server", "start"], ["worker", "start"])
        else:
            assert (REPOSITORY / arguments[0]).is_file()
            assert os.access(REPOSITORY / arguments[0], os.X_OK)
    for file in lines(unit, "EnvironmentFile"):
        if not file.startswith("-"):
            assert (SYSTEMD / f"{Path(file).name}.example").is_file()


@pytest.mark.parametrize("file", [*ENVIRONMENTS, *UNITS], ids=lambda file: file.name)
def test_every_setting_of_prefect_is_one(file: Path) -> None:
    from prefect.settings import Settings

    known = set(_names(Settings, "PREFECT"))
    for name in set(re.findall(r"\b(PREFECT_[A-Z_]+)=", file.read_text())):
        assert name in known, name


def _names(model: type, prefix: str) -> Iterator[str]:
    """What the environment calls the settings of a model: by their place in it, or an earlier name."""
    for name, field in model.model_fields.items():  # type: ignore[attr-defined]
        if isinstance(field.annotation, type) and issubclass(field.annotation, BaseSettings):
            yield from _names(field.annotation, f"{prefix}_{name.upper()}")
        else:
            yield f"{prefix}_{name.upper()}"


@pytest.mark.parametrize("file", ENVIRONMENTS, ids=lambda file: file.name)
def test_prefect_takes_every_value(file: Path) -> None:
    said = {name: value for name, value in settings(file).items() if name.startswith("PREFECT_")}
    script = (
        "import sys; from prefect.settings import get_current_settings;"
        "print(*get_current_settings().to_environment_variables(exclude_unset=True))"
    )
    clean = {name: value for name, value in os.environ.items() if not name.startswith("PREFECT_")}
    taken = subprocess.run([sys.executable, "-c", script], env=clean | said, capture_output=True, text=True)
    assert taken.returncode == 0, taken.stderr
    assert set(said) <= set(taken.stdout.split())


def test_the_worker_leaves_bubblewrap_and_gpus_what_they_need() -> None:
    worker = (SYSTEMD / "edgework-worker@.service").read_text()
    directives = {line.partition("=")[0] for line in worker.splitlines() if re.match(r"\w+=", line)}
    assert not directives & {
        "ProtectKernelTunables",
        "RestrictNamespaces",
        "ProtectHostname",
        "ProtectClock",
        "ProcSubset",
        "SystemCallFilter",
        "PrivateDevices",
        "DeviceAllow",
        "DevicePolicy",
        "PrivateUsers",
        "MemoryDenyWriteExecute",
    }
    assert {"NoNewPrivileges", "ProtectSystem", "ProtectHome"} <= directives


RUN = """
import signal, sys, time
def end(*_):
    time.sleep(0.5)
    print("home let go", flush=True)
    sys.exit(0)
signal.signal(signal.SIGTERM, end)
print("playing", flush=True)
while True: time.sleep(0.05)
"""
WORKER = """
import subprocess, sys, time
run = subprocess.Popen([sys.executable, "-c", sys.argv[1], "prefect.engine"])
other = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
run.wait()
print("other lives" if other.poll() is None else "other ended", flush=True)
other.kill()
time.sleep(60)
"""


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="there is no /proc here")
def test_a_worker_that_is_stopped_has_its_runs_told_first_and_waited_for() -> None:
    worker = subprocess.Popen([sys.executable, "-c", WORKER, RUN], stdout=subprocess.PIPE, text=True)
    assert worker.stdout is not None
    try:
        assert worker.stdout.readline() == "playing\n"
        started = time.monotonic()
        subprocess.run([PRODUCTION / "stop-rounds", str(worker.pid)], check=True, timeout=30)
        assert time.monotonic() - started >= 0.5
        assert [worker.stdout.readline(), worker.stdout.readline()] == ["home let go\n", "other lives\n"]
        assert worker.poll() is None  # that is systemd's to end
        subprocess.run([PRODUCTION / "stop-rounds", str(worker.pid)], check=True, timeout=5)
    finally:
        worker.send_signal(signal.SIGKILL)
        worker.wait()
