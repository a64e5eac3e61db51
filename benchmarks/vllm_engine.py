"""Samples/s through the vLLM engine, judged and stored, against bare `LLM.generate`: same prompts and parameters.

Each in a process of its own, by turns of a second (`by_slices`), on the demo's problems and the shipped base, each
problem asked for the first time. Bare is what a script would do: all prompts in one call, texts by vLLM, nothing
kept. The median of the pairs' ratios counts; of six pairs it lies between the lowest and the highest in 97 of 100.
"""

import argparse
import os
import statistics
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import NamedTuple

from rich.console import Console
from rich.progress import track

from benchmarks.by_slices import Work, seconds
from benchmarks.prompts import DEMO, demo_problems
from curriculum.records import Problem
from flows import config as configs
from flows.drawing import sample_and_judge
from flows.environment import quiet_libraries, silence_teardown
from flows.gate import base
from flows.practice import problem_row
from flows.progress import Bars, Meter
from flows.run import Run
from flows.settings import Config
from flows.shard_samples import draws, sampling
from policy import checkpoint
from policy.engine import requests_for
from policy.prompts import request_tokens
from warehouse.store import Warehouse

silence_teardown()
quiet_libraries()

PAIRS = 6
PROBLEMS = 780  # of a round of the demo
WARM_UP = 96  # others, asked before
SHARE = 0.4  # of a GPU's memory, for each of the two


class Pair(NamedTuple):
    """For how long each of the two ran."""

    bare_s: float
    ours_s: float

    @property
    def ratio(self) -> float:
        """Of our speed to that of the bare call."""
        return self.bare_s / self.ours_s


def rows(problems: int = PROBLEMS, pairs: int = PAIRS) -> list[tuple[str, str, str]]:
    """(what, figure, ratio to the bare call), of the shipped base."""
    config = demo_config()
    asked = track(range(pairs), "pairs of processes", console=Console(stderr=True), transient=True)
    return told(config, problems, [pair(config, problems) for _ in asked])


def pair(config: Config, problems: int) -> Pair:
    """With the checkpoint and the sampling of the config, in two new processes."""
    with tempfile.TemporaryDirectory() as folder:
        arms = [partial(bare, config, problems), partial(ours, config, problems, Path(folder) / "home")]
        return Pair(*seconds(arms))


def told(config: Config, problems: int, pairs: Sequence[Pair]) -> list[tuple[str, str, str]]:
    ratios = [one.ratio for one in pairs]
    spread = f"{statistics.median(ratios):.2f} ({min(ratios):.2f}-{max(ratios):.2f})"
    count = problems * draws(config, "sample")
    peer, own = (count / statistics.median(times) for times in zip(*pairs, strict=True))
    return [
        ("LLM.generate, nothing kept", f"{peer:,.0f} samples/s", "1"),
        ("vLLM engine, judged and stored", f"{own:,.0f} samples/s", spread),
    ]


def ours(config: Config, problems: int, home: Path) -> Work:
    """A stage of a round, from requests to the commit of its last shard."""
    run = Run(Warehouse(home), config, Bars(console=Console(quiet=True)))
    policy = base(run)
    first, asked = _problems(problems)
    run.store.commit("problems", {"problems": [problem_row(problem, 1) for problem in first + asked]})

    def draw(number: int, problems: list[Problem]) -> None:
        meter = Meter(run.progress, "sample", len(problems))
        sample_and_judge(run, number, "sample", problems, policy, meter)

    draw(1, first)
    return partial(draw, 2, asked)


def bare(config: Config, problems: int) -> Work:
    """One call of vLLM's own."""
    from policy.vllm_engine import CPU_ARGUMENTS, CPU_ENVIRONMENT, ON_GPU

    if not ON_GPU:
        os.environ.update(CPU_ENVIRONMENT | os.environ)
    from vllm import LLM, SamplingParams

    arguments = {} if ON_GPU else CPU_ARGUMENTS
    dtype = str(checkpoint.compute_dtype()).removeprefix("torch.")
    folder, limits = config.policy.folder, config.vllm
    llm = LLM(
        str(folder),
        dtype=dtype,
        gpu_memory_utilization=limits.memory_share,
        max_num_seqs=limits.concurrent,
        **arguments,
    )
    asked_for = sampling(config, "sample")
    tokenizer = checkpoint.load_tokenizer(folder)
    stops = checkpoint.stop_tokens(folder, tokenizer)

    def call(problems: list[Problem]) -> Work:
        requests = requests_for(problems, draws(config, "sample"), config.seed, "sample")
        prompts = [{"prompt_token_ids": tokens} for tokens in request_tokens(tokenizer, requests, asked_for)]
        parameters = [
            SamplingParams(
                temperature=asked_for.temperature,
                top_p=asked_for.top_p,
                max_tokens=asked_for.max_new_tokens,
                seed=request.seed,
                stop_token_ids=stops,
            )
            for request in requests
        ]
        return partial(llm.generate, prompts, parameters, use_tqdm=False)

    first, asked = _problems(problems)
    call(first)()
    return call(asked)


def demo_config() -> Config:
    """The demo's, for vLLM on the shipped base."""
    config = configs.with_engine(configs.read(DEMO), "vllm")
    return config.model_copy(update={"vllm": config.vllm.model_copy(update={"memory_share": SHARE})})


def _problems(count: int) -> tuple[list[Problem], list[Problem]]:
    """Those that warm up, and those that are measured with."""
    drawn = demo_problems(WARM_UP + count)
    return drawn[:WARM_UP], drawn[WARM_UP : WARM_UP + count]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=PROBLEMS)
    parser.add_argument("--pairs", type=int, default=PAIRS)
    given = parser.parse_args()
    for what, figure, ratio in rows(given.problems, given.pairs):
        print(f"{what:<34} {figure:>20} {ratio:>20}")
