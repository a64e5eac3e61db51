"""Samples a second through the vLLM engine, judged and stored, beside the bare call: the benchmark of `vllm_engine`.

It asks the model that everything is measured with here, which gives a GPU its work.
"""

import statistics
import time
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

BAR = 0.95  # of LLM.generate, asked of the median
PROBLEMS = 768
TOKENS = 256
PAIRS = 3
ENOUGH_S = 100  # a pair starts vLLM twice; after this no other is begun, for the whole has ten minutes


def lines(folder: Path, small: bool) -> Iterator[str]:
    if missing := [name for name in ("vllm", "prefect") if find_spec(name) is None]:
        yield f"no sample was judged and stored: not installed here: {', '.join(missing)}"
        return
    from benchmarks import vllm_engine

    config = vllm_engine.demo_config()
    problems, tokens, most = (48, 8, 1) if small else (PROBLEMS, TOKENS, PAIRS)
    policy = config.policy.model_copy(update={"base": str(folder), "max_new_tokens": tokens})
    config = config.model_copy(update={"policy": policy})
    pairs: list[vllm_engine.Pair] = []
    started = time.monotonic()
    try:
        while len(pairs) < most and (not pairs or time.monotonic() - started < ENOUGH_S):
            pairs.append(vllm_engine.pair(config, problems))
    except EOFError:  # it has said why on stderr
        yield "judging and storing failed: a process ended before its work was done"
        return
    for what, figure, ratio in vllm_engine.told(config, problems, pairs):
        yield f"{what:<34} {figure:>20} {ratio:>20}"
    if not small:
        bar = "met" if statistics.median(pair.ratio for pair in pairs) >= BAR else "missed"
        yield f"{tokens} tokens a sample; pairs of processes: {len(pairs)}; the bar of {BAR} is {bar}"
