"""`make bench`: every benchmark in one run, each figure beside its peer's."""

from importlib.util import find_spec

from rich.console import Console
from rich.table import Table

from benchmarks import engine, judging, math_judge, steps


def _vllm() -> list[tuple[str, str, str]]:
    if find_spec("vllm") is None:
        return [("vLLM is not installed: make engines", "", "")]
    from benchmarks import vllm_engine

    return vllm_engine.rows()


BENCHMARKS = {
    "sampling": engine.rows,
    "vllm": _vllm,
    "steps": steps.rows,
    "math": math_judge.rows,
    "judge": judging.rows,
}


def main() -> None:
    table = Table(title="Edgework benchmarks: ratios in one run")
    for heading in ("benchmark", "what", "figure", "ratio"):
        table.add_column(heading)
    for name, measure in BENCHMARKS.items():
        for what, figure, ratio in measure():
            table.add_row(name, what, figure, ratio)
    Console().print(table)


main()
