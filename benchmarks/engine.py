"""Tokens/s of the transformers engine against plain `model.generate`, on the demo's prompts, in no more memory.

As a round of the demo draws them, from problems spread over all its cells: evaluation greedily, practice by three draws
a problem, both in the order of the problems' keys, which are hashes, and ours in units of work that are drawn one after
the other. Both sides by turns in one process; the median of the turns counts. The memory is what their keys and values
take at most, in a turn before the first.

    python -m benchmarks.engine --turns 5
"""

import argparse
import statistics
import time
from collections import deque
from collections.abc import Callable
from functools import partial
from typing import Any

import torch
from transformers import PreTrainedModel, PreTrainedTokenizerBase

from benchmarks.prompts import DEMO, demo_problems
from curriculum.records import Problem
from flows import config as configs
from flows.drawing import shards_of
from flows.settings import SHIPPED_BASE, Config
from flows.shard_samples import draws, sampling, waves
from policy import checkpoint
from policy.engine import Request, Sampling
from policy.prompts import render
from policy.transformers_engine import TransformersEngine

TURNS = 3
PEER_ROWS = 192  # in about the memory of ours, as `MB` shows


def rows(share: float = 1.0, turns: int = TURNS) -> list[tuple[str, str, str]]:
    """(what, figure, ratio to the peer), over a share of the problems that a round of the demo draws."""
    config = configs.read(DEMO)
    cells = sum(high - low + 1 for low, high in config.curriculum.families.values())
    stages = {
        "evaluate": cells * config.evaluation.problems_per_cell,
        "sample": config.curriculum.problems,
    }
    engine = TransformersEngine("tiny", SHIPPED_BASE)
    model, tokenizer = checkpoint.load(SHIPPED_BASE, checkpoint.compute_dtype())
    tokenizer.padding_side = "left"
    figures = []
    for what, problems in stages.items():
        asked = demo_problems(max(1, round(problems * share)))
        how = sampling(config, what)
        plain = partial(_plain, model, tokenizer, asked, draws(config, what), how)
        quick = partial(_engine, engine, config, what, asked)
        memory = _most_mb(model, plain), _most_mb(engine._model, quick)
        peer, ours = _by_turns(plain, quick, turns=turns)
        ratios = [mine / theirs for mine, theirs in zip(ours, peer, strict=True)]
        spread = f"{statistics.median(ratios):.1f} ({min(ratios):.1f}-{max(ratios):.1f})"
        figures += [
            (f"{what}: model.generate, {memory[0]} MB", f"{statistics.median(peer):,.0f} tokens/s", "1"),
            (
                f"{what}: transformers engine, {memory[1]} MB",
                f"{statistics.median(ours):,.0f} tokens/s",
                spread,
            ),
        ]
    return figures


def _most_mb(model: PreTrainedModel, draw: Callable[[], int]) -> int:
    """What the keys and values of a batch take at most while `draw` does its work."""
    most = 0

    def look(_: object, __: object, given: dict[str, Any], output: Any) -> None:
        nonlocal most
        if "cohorts" in given:
            now = sum(cohort.nbytes for cohort in given["cohorts"])
        else:
            now = sum(layer.keys.nbytes + layer.values.nbytes for layer in output.past_key_values.layers)
        most = max(most, now)

    hook = model.register_forward_hook(look, with_kwargs=True)
    try:
        draw()
    finally:
        hook.remove()
    return round(most / 1e6)


def _by_turns(*measures: Callable[[], int], turns: int) -> list[list[float]]:
    """Tokens/s of each in each turn."""
    rates: list[list[float]] = [[] for _ in measures]
    for _ in range(turns):
        for measure, own in zip(measures, rates, strict=True):
            started = time.perf_counter()
            tokens = measure()
            own.append(tokens / (time.perf_counter() - started))
    return rates


def _engine(engine: TransformersEngine, config: Config, what: str, problems: list[Problem]) -> int:
    requests = deque[Request]()
    for work in shards_of(config, 1, what, problems):
        requests.extend(waves(config, work).first())
    return sum(sample.tokens for sample in engine.generate(requests, sampling(config, what)))


@torch.inference_mode()
def _plain(
    model: PreTrainedModel,
    tokenizer: PreTrainedTokenizerBase,
    problems: list[Problem],
    each: int,
    asked: Sampling,
) -> int:
    """What a script would do, the problems in the order in which they come."""
    tokens = 0
    how = (
        {"do_sample": True, "temperature": asked.temperature, "top_k": 0, "num_return_sequences": each}
        if asked.temperature
        else {"do_sample": False}
    )
    step = PEER_ROWS // each
    for start in range(0, len(problems), step):
        prompts = [render(tokenizer, problem.question) for problem in problems[start : start + step]]
        batch = tokenizer(prompts, return_tensors="pt", padding=True, add_special_tokens=False)
        written = model.generate(
            input_ids=batch["input_ids"].to(model.device),
            attention_mask=batch["attention_mask"].to(model.device),
            max_new_tokens=asked.max_new_tokens,
            pad_token_id=tokenizer.pad_token_id,
            **how,
        )[:, batch["input_ids"].shape[1] :]
        tokens += int((written != tokenizer.pad_token_id).sum())
    return tokens


if __name__ == "__main__":
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--share", type=float, default=1.0, help="of the demo's problems (default: all)")
    parser.add_argument("--turns", type=int, default=TURNS)
    given = parser.parse_args()
    for what, figure, ratio in rows(given.share, given.turns):
        print(f"{what:<42} {figure:>20} {ratio:>20}")
