"""The pages that lead from a laptop to a cluster: all their commands, one after the other, in a fresh environment.

Fresh are the checkout, the virtual environment, the home of the user, and the network: only what was installed from
the package registries is not installed again for each page, so `make .venv` and `make engines` find it there.
"""

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.flows.prefect_services import HURRIED

REPOSITORY = Path(__file__).parents[1]
NEEDS = {"laptop": [], "gpu-box": ["vllm"], "cluster": ["ray"]}
READY = {  # how one sees that a command that stays can be used
    "edgework serve": "grep -q 'on demand' {log}",
    "prefect server start": "python -c 'import urllib.request as u; u.urlopen(\"http://127.0.0.1:4200/api/health\")'",
    "prefect worker start": "grep -q 'started!' {log}",
}
HERE = {"192.0.2.1": "127.0.0.1"}  # the example's first machine is this one
ALONE = [
    "unshare",
    "--net",
    "--pid",
    "--fork",
    "--kill-child",
    "--mount-proc",
    "--",
]  # ports and processes, too
WITH_LOOPBACK = ["sh", "-c", 'ip link set lo up && exec "$@"', "page"]
BACKGROUND = """
{command} >{log} 2>&1 &
for _ in $(seq 240); do {ready} && break; sleep 0.5; done
{ready}
"""


class Block(NamedTuple):
    commands: str
    stays: bool  # it runs until it is stopped


def blocks(page: str) -> list[Block]:
    text = (REPOSITORY / "docs" / f"{page}.md").read_text()
    found = re.findall(r"^```sh( background)?\n(.*?)^```", text, re.DOTALL | re.MULTILINE)
    return [Block(commands, bool(stays)) for stays, commands in found]


def script(page: str, folder: Path) -> str:
    """The page as one program that ends at the first command that fails, and takes along what it started."""
    lines = [
        "set -eux",
        "trap 'kill $(jobs -p) 2>/dev/null || true; ray stop --force >/dev/null 2>&1 || true' EXIT",
    ]
    for number, block in enumerate(blocks(page)):
        commands = block.commands
        for there, here in HERE.items():
            commands = commands.replace(there, here)
        if block.stays:
            *before, last = commands.strip().splitlines()
            log = folder / f"{number}.log"
            ready = next(seen.format(log=log) for command, seen in READY.items() if last.startswith(command))
            lines += [*before, BACKGROUND.format(command=last, log=log, ready=ready)]
        else:
            lines.append(commands)
    return "\n".join(lines)


def fresh_checkout(folder: Path) -> Path:
    """The files of this one, as a commit of them would be."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=REPOSITORY,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    checkout = folder / "edgework"
    for name in filter(None, listed.split("\0")):
        if (REPOSITORY / name).is_file():
            (checkout / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(REPOSITORY / name, checkout / name)
    return checkout


def fresh_environment(checkout: Path) -> None:
    """A virtual environment of the checkout's own, which finds there what is installed in that of the tests."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", str(checkout / ".venv")], check=True)
    [packages] = (checkout / ".venv").glob("lib/*/site-packages")
    installed = Path(sys.prefix) / packages.relative_to(checkout / ".venv")
    (packages / "edgework.pth").write_text(f"{checkout}\nimport site; site.addsitedir({str(installed)!r})\n")
    for name in ("edgework", "prefect", "ray"):
        source = Path(sys.prefix) / "bin" / name
        if source.exists():
            _, _, program = source.read_text().partition("\n")
            command = checkout / ".venv" / "bin" / name
            command.write_text(f"#!{checkout / '.venv/bin/python'}\n{program}")
            command.chmod(0o755)
    for stamp in ("ready", "engines"):
        (checkout / ".venv" / stamp).touch()


@pytest.mark.parametrize("page", NEEDS)
def test_every_command_of_a_page_works_in_a_fresh_environment(page: str, tmp_path: Path) -> None:
    for module in NEEDS[page]:
        pytest.importorskip(module, reason=f"{module} is not installed: make engines")
    can_be_alone = subprocess.run([*ALONE, "true"], capture_output=True).returncode == 0
    checkout = fresh_checkout(tmp_path)
    fresh_environment(checkout)
    known = ("PREFECT_", "RAY_", "EDGEWORK_", "PYTHONPATH", "VIRTUAL_ENV")
    environment = {name: value for name, value in os.environ.items() if not name.startswith(known)}
    environment |= {"HOME": str(tmp_path / "user"), "OMP_NUM_THREADS": "1"} | {
        name: value for name, value in HURRIED.items() if "RUNNER" in name or "WORKER" in name
    }
    (tmp_path / "user").mkdir()
    done = subprocess.run(
        [*(ALONE + WITH_LOOPBACK if can_be_alone else ()), "bash", "-c", script(page, tmp_path)],
        cwd=checkout,
        env=environment,
        text=True,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        timeout=900,
    )
    logs = "\n".join(f"{log.name}: {log.read_text()[-2000:]}" for log in sorted(tmp_path.glob("*.log")))
    assert done.returncode == 0, f"{done.stdout[-6000:]}\n{logs}"


def test_the_pages_have_commands() -> None:
    assert all(len(blocks(page)) >= 3 for page in NEEDS)
