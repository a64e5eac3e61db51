"""Samples/s through the vLLM engine, judged and stored, against bare `LLM.generate`: same prompts and parameters.

Both in one process, by turns, on the demo's problems and the shipped base. The median of the turns' ratios counts,
given with its 95 % interval by bootstrap, since a shared machine makes turns differ by a quarter. Bare is what a
script would do: all prompts in one call, texts by vLLM, nothing kept.
"""

import argparse
import gc
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmarks.prompts import DEMO, demo_problems
from curriculum.records import Problem
from flows import config as configs
from flows.drawing import sample_and_judge
from flows.gate import base
from flows.practice import problem_row
from flows.progress import Bars, Meter
from flows.run import Policy, Run
from flows.settings import SHIPPED_BASE, Config
from flows.shard_samples import draws
from policy import checkpoint
from policy.engine import Sampling, requests_for
from policy.prompts import request_tokens
from warehouse.store import Warehouse

TURNS = 5
PROBLEMS = 780  # of a round of the demo


def rows(problems: int = PROBLEMS, turns: int = TURNS) -> list[tuple[str, str, str]]:
    """(what, figure, ratio to the bare call)."""
    config = configs.with_engine(configs.read(DEMO), "vllm")
    asked = sorted(demo_problems(problems), key=lambda problem: problem.key)  # as a round asks them
    ours: list[float] = []
    peer: list[float] = []
    with tempfile.TemporaryDirectory() as folder, Warehouse(Path(folder) / "home") as store:
        run = Run(store, config, Bars(console=Console(quiet=True)))
        policy = base(run)
        store.commit("problems", {"problems": [problem_row(problem, 1) for problem in asked]})
        run.engine(policy)
        bare = _bare(config, asked)
        for turn in range(turns + 1):  # the first warms both up
            both = [(bare, peer), (partial(_ours, run, turn, asked, policy), ours)]
            for measure, times in both if turn % 2 else both[::-1]:
                gc.collect()
                started = time.perf_counter()
                count = measure()
                times.append(count / (time.perf_counter() - started))
        run.close()
    ours, peer = ours[1:], peer[1:]
    ratios = [mine / theirs for mine, theirs in zip(ours, peer, strict=True)]
    low, high = _interval(ratios)
    spread = f"{statistics.median(ratios):.2f} ({low:.2f}-{high:.2f})"
    return [
        ("LLM.generate, nothing kept", f"{statistics.median(peer):,.0f} samples/s", "1"),
        ("vLLM engine, judged and stored", f"{statistics.median(ours):,.0f} samples/s", spread),
    ]


def _ours(run: Run, turn: int, problems: list[Problem], policy: Policy) -> int:
    """A stage of a round of its own, from requests to the commit of its last shard."""
    meter = Meter(run.progress, "sample", len(problems))
    sample_and_judge(run, turn + 1, "sample", problems, policy, meter)
    return len(problems) * draws(run.config, "sample")


def _interval(ratios: list[float]) -> tuple[float, float]:
    """In which 95 % of the medians lie, of as many turns drawn from these."""
    chance = random.Random(1)
    medians = sorted(statistics.median(chance.choices(ratios, k=len(ratios))) for _ in range(4000))
    return medians[100], medians[-101]


def _bare(config: Config, problems: list[Problem]) -> Callable[[], int]:
    from vllm import LLM, SamplingParams

    from policy.vllm_engine import CPU_ARGUMENTS, ON_GPU

    dtype = str(checkpoint.compute_dtype()).removeprefix("torch.")
    arguments = {} if ON_GPU else CPU_ARGUMENTS
    share = 0.4 if ON_GPU else 0.9  # two engines share the GPU
    llm = LLM(str(SHIPPED_BASE), dtype=dtype, gpu_memory_utilization=share, max_num_seqs=256, **arguments)
    requests = requests_for(problems, config.curriculum.draws, config.seed, "sample")
    sampling = Sampling(config.policy.temperature, config.policy.top_p, config.policy.max_new_tokens)
    tokenizer = checkpoint.load_tokenizer(SHIPPED_BASE)
    prompts = [{"prompt_token_ids": tokens} for tokens in request_tokens(tokenizer, requests, sampling)]
    stops = checkpoint.stop_tokens(SHIPPED_BASE, tokenizer)

    def generate() -> int:
        parameters = [
            SamplingParams(
                temperature=sampling.temperature,
                top_p=sampling.top_p,
                max_tokens=sampling.max_new_tokens,
                seed=request.seed,
                stop_token_ids=stops,
            )
            for request in requests
        ]
        return len(llm.generate(prompts, parameters, use_tqdm=False))

    return generate


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--problems", type=int, default=PROBLEMS)
    parser.add_argument("--turns", type=int, default=TURNS)
    given = parser.parse_args()
    for what, figure, ratio in rows(given.problems, given.turns):
        print(f"{what:<34} {figure:>20} {ratio:>20}")
