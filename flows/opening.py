"""Opening a home for writing, and saying what had to be put right in it."""

from pathlib import Path

from rich.console import Console
from rich.markup import escape

from warehouse.recovery import Repair
from warehouse.store import Warehouse


def open_home(home: Path, console: Console) -> Warehouse:
    """The home's warehouse; a line says what was restored, or taken out, for a damaged file. Raises as it does."""
    store = Warehouse(home)
    for repair in store.repairs:
        console.print(
            f"[bold yellow]damaged[/] {escape(repair.path)}: {escape(repair.state)}; set aside, and"
            f" {_consequence(store, repair)}",
            highlight=False,
        )
    return store


def _consequence(store: Warehouse, repair: Repair) -> str:
    by = "(by the command that made it)"
    if repair.restored:
        units = "unit" if repair.restored == 1 else "units"
        return f"{repair.restored:,} {units} of work restored from the shards that were merged into it"
    if not repair.name:
        return f"what it alone listed is done again {by}"
    if store.has(repair.name):
        return f"{repair.name} has lost these rows"
    return f"{repair.name} is done again {by}"
