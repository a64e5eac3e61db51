"""Opening a home for writing, and saying what had to be put right in it."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from warehouse.store import Warehouse


def open_home(home: Path, console: Console) -> Warehouse:
    """The home's warehouse; each unit of work that was taken out for a damaged file is named. Raises as it does."""
    store = Warehouse(home)
    for repair in store.repairs:
        what = f"{repair.name} is done again" if repair.name else "what it alone listed is done again"
        what = f"{repair.name} has lost these rows" if repair.name and store.has(repair.name) else what
        console.print(
            f"[bold yellow]damaged[/] {escape(repair.path)}: {escape(repair.state)}; set aside, and {what}"
            " (by the command that made it)",
            highlight=False,
        )
    return store
