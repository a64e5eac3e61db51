"""`edgework export`: write the dataset folder, with bars on a terminal, and say what is in it."""

from pathlib import Path

from rich.console import Console

from flows.progress import Meter, live
from warehouse.export import export


def export_home(home: Path, folder: Path, console: Console) -> None:
    """Write the home's dataset folder and print the rows of each config. Raises what `export` raises."""
    with live(console) as progress:
        meters: dict[str, Meter] = {}

        def show(what: str, done: int, of: int) -> None:
            if what not in meters:
                meters[what] = Meter(progress, f"export: {what}", of)
            meters[what].advance(done - meters[what].items)

        rows = export(home, folder, show)
    for config, count in rows.items():
        console.print(f"{config}: {count:,} rows", highlight=False)
