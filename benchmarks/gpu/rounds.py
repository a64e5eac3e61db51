"""A round of self-play from start to decision, and in how much of it the engine waited."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

CONFIG = """
rounds = 1
[policy]
base = "{folder}"
engine = "{engine}"
max_new_tokens = {tokens}
[vllm]
memory_share = 0.5
[curriculum]
families = {{ multiplication = [1, 4], chain_sums = [1, 4] }}
problems = {problems}
draws = 4
[training]
steps = 20
learning_rate = 1e-5
[evaluation]
problems_per_cell = {each}
"""
SPEND = "select stage, round(sum(seconds), 1) as seconds, sum(tokens) as tokens from spend group by all order by all"
IDLE = (
    "select round, stage, round(seconds, 1) as seconds, round(idle, 3) as idle from engine_use order by all"
)


def lines(folder: Path, small: bool) -> Iterator[str]:
    if find_spec("prefect") is None:
        yield "Prefect is not installed here: no round was played"
        return
    # A rehearsal has drawn with vLLM through the flows in `judged`, and need not wait for another start of it.
    engine = "transformers" if small or find_spec("vllm") is None else "vllm"
    with tempfile.TemporaryDirectory() as place:
        config = Path(place) / "round.toml"
        sizes = (
            {"tokens": 16, "problems": 16, "each": 2}
            if small
            else {"tokens": 256, "problems": 512, "each": 16}
        )
        config.write_text(CONFIG.format(folder=folder, engine=engine, **sizes))
        home = str(Path(place) / "home")
        edgework = [sys.executable, "-c", "from flows.cli import main; main()"]
        played = subprocess.run(
            [*edgework, "run", "--config", str(config), "--home", home],
            capture_output=True,
            text=True,
            check=False,
        )
        if played.returncode:
            yield f"the round failed: {played.stderr[-2000:]}"
            return
        yield f"a round with the {engine} engine:"
        for query in (SPEND, IDLE):
            asked = [*edgework, "sql", query, "--home", home]
            yield subprocess.run(asked, capture_output=True, text=True, check=True).stdout.rstrip()
