"""Tokens a second of each engine, beside the plain call that a script would make and beside the roofline.

Decoding a token reads all weights and the keys and values of all samples so far; so a batch of B cannot be decoded
faster than B tokens in the time that reading those takes.
"""

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterator
from importlib.util import find_spec
from pathlib import Path

import torch

from benchmarks.gpu.limits import Limits, synchronize
from curriculum.records import Problem
from generators.drawing import draw
from policy import checkpoint
from policy.engine import Engine, Sampling, requests_for
from policy.prompts import request_tokens
from policy.transformers_engine import TransformersEngine

BATCH = 256
NEW_TOKENS = 256


def lines(folder: Path, parameters: int, limits: Limits, small: bool) -> Iterator[str]:
    problems = draw("multiplication", 6, 8 if small else BATCH, 1, "train")
    sampling = Sampling(1.0, 1.0, 8 if small else NEW_TOKENS)
    roof = _roof(folder, parameters, limits, len(problems), sampling.max_new_tokens)
    peer = _rate(_plain_generate(folder, problems, sampling))
    yield _told("model.generate", peer, roof)
    engine = TransformersEngine("p", folder, concurrent=BATCH)
    ours = _rate(lambda: _drawn(engine, problems, sampling))
    engine.close()
    yield _told("transformers engine", ours, roof, f"{ours / peer:.2f} x generate")
    if find_spec("vllm") is None:
        yield "vLLM is not installed here: not measured"
        return
    yield from _vllm(folder, problems, sampling, roof)


def _vllm(folder: Path, problems: list[Problem], sampling: Sampling, roof: float) -> Iterator[str]:
    os.environ.setdefault("VLLM_LOGGING_LEVEL", "ERROR")
    from policy.vllm_engine import VllmEngine, VllmSettings

    engine = VllmEngine("p", folder, VllmSettings(memory_share=0.4, concurrent=BATCH))
    yield _told("vLLM engine", _rate(lambda: _drawn(engine, problems, sampling)), roof)
    first = _logprobs(engine, problems[:16])
    with tempfile.TemporaryDirectory() as place:
        copy = shutil.copytree(folder, Path(place) / "copy")  # the same path would not be loaded again
        engine.load("q", copy)
    again = _logprobs(engine, problems[:16])
    engine.close()
    apart = max(abs(one - other) for one, other in zip(first, again, strict=True))
    yield f"the same weights loaded again: log-probabilities at most {apart:.2g} apart"


def _told(what: str, rate: float, roof: float, ratio: str = "") -> str:
    return f"{what:<20} {rate:10,.0f} tokens/s  {rate / roof:6.1%} of the roofline  {ratio}".rstrip()


def _logprobs(engine: Engine, problems: list[Problem]) -> list[float]:
    samples = engine.generate(requests_for(problems, 1), Sampling(0.0, 1.0, 16, logprobs=True))
    return [sample.logprob or 0.0 for sample in sorted(samples, key=lambda sample: sample.problem_key)]


def _drawn(engine: Engine, problems: list[Problem], sampling: Sampling) -> int:
    return sum(sample.tokens for sample in engine.generate(requests_for(problems, 1), sampling))


def _plain_generate(folder: Path, problems: list[Problem], sampling: Sampling) -> Callable[[], int]:
    """The model is loaded before, as that of our engine is."""
    model, tokenizer = checkpoint.load(folder, checkpoint.compute_dtype())
    tokenizer.padding_side = "left"
    how = {
        "do_sample": True,
        "top_k": 0,  # else of the 50 likeliest tokens
        "max_new_tokens": sampling.max_new_tokens,
        "pad_token_id": tokenizer.pad_token_id,
    }

    @torch.inference_mode()
    def generate() -> int:
        prompts = request_tokens(tokenizer, requests_for(problems, 1), sampling)
        batch = tokenizer.pad({"input_ids": prompts}, return_tensors="pt").to(model.device)
        written = model.generate(**batch, **how)[:, batch["input_ids"].shape[1] :]
        return int((written != tokenizer.pad_token_id).sum())

    return generate


def _rate(work: Callable[[], int]) -> float:
    """Tokens a second, after a run that warms up."""
    work()
    synchronize()
    started = time.perf_counter()
    tokens = work()
    synchronize()
    return tokens / (time.perf_counter() - started)


def _roof(folder: Path, parameters: int, limits: Limits, batch: int, tokens: int) -> float:
    """Tokens a second if reading were all: weights once a step, and half the keys and values on average."""
    config = checkpoint.load(folder)[0].config
    heads = config.num_key_value_heads * (config.hidden_size // config.num_attention_heads)
    cached = 2 * config.num_hidden_layers * heads * 2 * batch * tokens / 2
    return batch * limits.bytes_per_s / (2 * parameters + cached)
