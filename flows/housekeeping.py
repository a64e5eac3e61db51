"""`edgework gc`: show what a home can do without, and remove it when asked."""

from datetime import timedelta
from pathlib import Path

from rich.console import Console
from rich.filesize import decimal
from rich.table import Table

from flows.opening import open_home
from warehouse.housekeeping import Dispensable, dispensable, remove
from warehouse.query import open_reader


def collect_garbage(home: Path, hours: float, removing: bool, console: Console) -> None:
    """Print what can go and why; with `removing`, remove it. Raises what the warehouse raises."""
    older_than = timedelta(hours=hours)
    if removing:
        open_reader(home).close()  # HomeMissing: none is made for it
        with open_home(home, console) as store:
            found = remove(store, older_than)
    else:
        found = dispensable(home, older_than)
    if not found:
        console.print(f"{home} holds nothing that it can do without", highlight=False, soft_wrap=True)
        return
    console.print(_table(found))
    if removing:
        console.print(f"removed: {decimal(sum(one.bytes for one in found))} freed", highlight=False)
    else:
        console.print("nothing was removed; the same command with --remove does", highlight=False)


def _table(found: list[Dispensable]) -> Table:
    table = Table(title=None)
    table.add_column("what", overflow="fold")
    table.add_column("size", justify="right")
    table.add_column("why")
    for one in found:
        table.add_row(one.path, decimal(one.bytes), one.reason)
    table.add_section()
    table.add_row(f"{len(found)} in all", decimal(sum(one.bytes for one in found)), "")
    return table
