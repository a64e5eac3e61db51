"""Tokens/s of the transformers engine against plain `model.generate`: the demo's prompts, batches of as many rows."""

import time
from random import Random

import torch

from benchmarks.prompts import demo_problems
from curriculum.records import Problem
from flows.settings import SHIPPED_BASE
from policy import checkpoint
from policy.engine import Sampling, requests_for
from policy.prompts import render
from policy.transformers_engine import ROWS_PER_BATCH, TransformersEngine

PROBLEMS = 960
MAX_NEW_TOKENS = 224


def rows() -> list[tuple[str, str, str]]:
    """(what, figure, ratio to the peer), measured in one run, ours and the peer's batch of equal rows."""
    problems = demo_problems(PROBLEMS)
    Random(0).shuffle(problems)
    peer = _plain_generate([problem.question for problem in problems])
    ours = _engine(problems)
    return [
        ("model.generate", f"{peer:,.0f} tokens/s", "1"),
        ("transformers engine", f"{ours:,.0f} tokens/s", f"{ours / peer:.1f}"),
    ]


def _engine(problems: list[Problem]) -> float:
    engine = TransformersEngine("tiny", SHIPPED_BASE)
    started = time.perf_counter()
    samples = list(engine.generate(requests_for(problems, 1), Sampling(0.0, 1.0, MAX_NEW_TOKENS)))
    return sum(sample.tokens for sample in samples) / (time.perf_counter() - started)


@torch.inference_mode()
def _plain_generate(questions: list[str]) -> float:
    model, tokenizer = checkpoint.load(SHIPPED_BASE, checkpoint.compute_dtype())
    tokenizer.padding_side = "left"
    started = time.perf_counter()
    tokens = 0
    for start in range(0, len(questions), ROWS_PER_BATCH):
        prompts = [render(tokenizer, question) for question in questions[start : start + ROWS_PER_BATCH]]
        batch = tokenizer(prompts, return_tensors="pt", padding=True, add_special_tokens=False).to(
            model.device
        )
        written = model.generate(
            input_ids=batch["input_ids"],
            attention_mask=batch["attention_mask"],
            do_sample=False,
            max_new_tokens=MAX_NEW_TOKENS,
            pad_token_id=tokenizer.pad_token_id,
        )[:, batch["input_ids"].shape[1] :]
        tokens += int((written != tokenizer.pad_token_id).sum())
    return tokens / (time.perf_counter() - started)
