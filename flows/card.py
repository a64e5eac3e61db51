"""The shipped base, measured: greedy pass rates on held-out problems by family and level, and its card."""

from collections.abc import Mapping
from pathlib import Path

from safetensors import safe_open

from curriculum.standings import Cell
from filters import judge_named
from flows.progress import Bars, stage
from generators import FAMILIES
from generators.drawing import draw
from policy.engine import Sampling, requests_for
from policy.training import TrainingSettings
from policy.transformers_engine import TransformersEngine

PROBLEMS_PER_CELL = 64

CARD = """---
license: apache-2.0
library_name: transformers
pipeline_tag: text-generation
---

# Edgework's tiny base

A {parameters:,}-parameter rotary Llama over characters ({megabytes:.1f} MB, bfloat16). It solves small
problems in visible steps and ends with a line `A: <answer>`. It exists so that self-play can be tried, and
seen to work, on a laptop; it is of no other use.

`edgework bootstrap` is how it is made from random weights: {steps:,} steps of {tokens:,} tokens on worked solutions
of Edgework's own families, levels thinning out geometrically, questions held out by their hash left out.

## Measured pass rates

Percent right, greedy, on up to {problems} held-out problems a cell (small cells have fewer).

| family | {levels} |
|---|{rule}|
{rows}
"""


def measure(folder: Path, progress: Bars) -> dict[Cell, tuple[int, int]]:
    """(right, judged) of each cell of every family, on held-out problems, greedy."""
    cells = [
        Cell(name, level) for name, family in FAMILIES.items() for level in range(1, family.top_level + 1)
    ]
    problems = {
        problem.key: (cell, problem)
        for cell in cells
        for problem in draw(*cell, PROBLEMS_PER_CELL, 0, "heldout")
    }
    rates = dict.fromkeys(cells, (0, 0))
    requests = requests_for([problem for _, problem in problems.values()], 1)
    with stage(progress, "bootstrap: measure", len(requests), "samples") as meter:
        for sample in TransformersEngine("tiny", folder).generate(requests, Sampling(0.0)):
            cell, problem = problems[sample.problem_key]
            answer = judge_named(problem.check)(problem, sample)
            right, judged = rates[cell]
            rates[cell] = (right + (answer.outcome == "right"), judged + 1)
            meter.advance(1, sample.tokens)
    return rates


def model_card(folder: Path, rates: Mapping[Cell, tuple[int, int]], settings: TrainingSettings) -> str:
    """The card in Markdown, from what was measured."""
    file = folder / "model.safetensors"
    with safe_open(file, framework="pt") as weights:
        parameters = sum(weights.get_tensor(name).numel() for name in weights.keys())  # noqa: SIM118
    levels = range(1, max(cell.level for cell in rates) + 1)
    rows = [
        f"| {name} | {' | '.join(_percent(rates, Cell(name, level)) for level in levels)} |"
        for name in FAMILIES
    ]
    return CARD.format(
        parameters=parameters,
        megabytes=file.stat().st_size / 1e6,
        steps=settings.steps,
        tokens=settings.tokens_per_batch,
        problems=PROBLEMS_PER_CELL,
        levels=" | ".join(map(str, levels)),
        rule="|".join(["--:"] * len(levels)),
        rows="\n".join(rows),
    )


def _percent(rates: Mapping[Cell, tuple[int, int]], cell: Cell) -> str:
    right, judged = rates.get(cell, (0, 0))
    return f"{100 * right / judged:.0f}" if judged else ""
