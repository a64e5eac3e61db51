"""`make bench`: every benchmark in one run, each figure beside its peer's."""

from rich.console import Console
from rich.table import Table

from benchmarks import engine, judging, math_judge, steps

BENCHMARKS = {"sampling": engine.rows, "steps": steps.rows, "math": math_judge.rows, "judge": judging.rows}


def main() -> None:
    table = Table(title="Edgework benchmarks: ratios in one run")
    for heading in ("benchmark", "what", "figure", "ratio"):
        table.add_column(heading)
    for name, measure in BENCHMARKS.items():
        for what, figure, ratio in measure():
            table.add_row(name, what, figure, ratio)
    Console().print(table)


main()
