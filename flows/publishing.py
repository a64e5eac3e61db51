"""`edgework export --push`: the export, and then the Hub, which is asked first whether it will take it."""

import sys
from pathlib import Path

from rich.console import Console

from flows.exporting import export_home
from warehouse.hub.push import check, push


def publish(home: Path, folder: Path, repo: str, console: Console) -> None:
    """Write the dataset folder and push it to OWNER/NAME. The same command carries on where it was cut short."""
    check(repo, _say)
    export_home(home, folder, console)
    pushed = push(folder, repo, _say)
    did = "pushed" if pushed.is_new else "nothing new"
    print(f"{did}: {pushed.url}, commit {pushed.commit[:12]}, export {pushed.digest[:12]}")


def _say(line: str) -> None:
    print(line, file=sys.stderr)
