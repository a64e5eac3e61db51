"""The server engine against vLLM's own server: the same greedy tokens, and each round's weights, after a kill too."""

import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

import pytest
import torch

from curriculum.records import Problem, Sample
from flows.settings import SHIPPED_BASE
from generators import FAMILIES
from policy import checkpoint
from policy.engine import Sampling, requests_for
from policy.server.settings import Server
from policy.server.vllm_weights import VllmWeights
from policy.server_engine import ServerEngine
from policy.transformers_engine import TransformersEngine

pytestmark = pytest.mark.skipif(
    find_spec("vllm") is None, reason="vLLM is not installed: pip install '.[vllm]'"
)

PROBLEMS = [family.generate(level, 0) for family in FAMILIES.values() for level in (1, 3, 5)]
# Longer than a block of vLLM's cache, 128 tokens on a CPU, of which whole ones alone are found again.
LONG = [
    Problem("chain_sums", 1, "+".join(map(str, range(number, number + 70))), "", "integer")
    for number in (1, 9)
]
GREEDY = Sampling(temperature=0.0, max_new_tokens=40)
ENVIRONMENT = {
    "OMP_NUM_THREADS": "1",
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "VLLM_CPU_KVCACHE_SPACE": "1",
    "VLLM_SERVER_DEV_MODE": "1",
    "VLLM_LOGGING_LEVEL": "ERROR",
    "VLLM_NO_USAGE_STATS": "1",
}
CPU = ["--no-enable-chunked-prefill", "--max-num-batched-tokens", "8192"]
CPU += ["--worker-extension-cls", "policy.vllm_heads.RepackHeads"]
Texts = list[tuple[str, str, int, str]]


class VllmServer:
    """`vllm serve` on the shipped base in float32, on one port."""

    def __init__(self) -> None:
        with socket.create_server(("127.0.0.1", 0)) as free:
            self.port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/v1"

    def start(self) -> None:
        arguments = ["--model", str(SHIPPED_BASE), "--served-model-name", "tiny", "--dtype", "float32"]
        arguments += ["--host", "127.0.0.1", "--port", str(self.port), "--enforce-eager", *CPU]
        self.process = subprocess.Popen(
            [sys.executable, "-m", "vllm.entrypoints.openai.api_server", *arguments],
            cwd=Path(__file__).parents[2],
            env=os.environ | ENVIRONMENT,
            stdout=subprocess.DEVNULL,
            start_new_session=True,  # it has an engine process below it
        )

    def await_ready(self) -> None:
        give_up = time.monotonic() + 300
        while time.monotonic() < give_up and self.process.poll() is None:
            try:
                urllib.request.urlopen(f"{self.url}/models", timeout=1).close()
            except OSError:
                time.sleep(0.2)
            else:
                return
        raise TimeoutError("vLLM's server is ready within 300 s")

    def kill(self) -> None:
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@pytest.fixture(scope="module")
def server() -> Iterator[VllmServer]:
    running = VllmServer()
    running.start()
    running.await_ready()
    yield running
    running.kill()


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checkpoint, "compute_dtype", lambda: torch.float32)


@pytest.fixture
def other(tmp_path: Path) -> Path:
    """Weights of a round, in which what the shipped base writes is another text."""
    model, tokenizer = checkpoint.load(SHIPPED_BASE)
    torch.manual_seed(0)
    with torch.no_grad():
        for weights in model.parameters():
            weights += 0.05 * torch.randn_like(weights)
    checkpoint.save(model, tokenizer, tmp_path / "other", torch.float32)
    return tmp_path / "other"


def texts(samples: list[Sample]) -> Texts:
    return sorted((s.problem_key, s.text, s.tokens, s.finish) for s in samples)


def drawn(engine: ServerEngine | TransformersEngine, sampling: Sampling = GREEDY) -> Texts:
    return texts(list(engine.generate(requests_for(PROBLEMS, 1), sampling)))


def test_greedy_tokens_and_their_likelihood_are_those_of_transformers(server: VllmServer) -> None:
    ours = TransformersEngine("base-0", SHIPPED_BASE)
    for api in ("completions", "chat"):
        engine = ServerEngine("base-0", SHIPPED_BASE, Server(server.url, api=api))  # type: ignore[arg-type]
        assert drawn(engine) == drawn(ours)
        engine.close()
    engine = ServerEngine("base-0", SHIPPED_BASE, Server(server.url))
    likely = Sampling(temperature=0.0, max_new_tokens=40, logprobs=True)
    theirs = {s.key: s.logprob for s in engine.generate(requests_for(PROBLEMS, 1), likely)}
    assert theirs == pytest.approx(
        {s.key: s.logprob for s in ours.generate(requests_for(PROBLEMS, 1), likely)}, abs=1e-3
    )


def test_draws_differ_by_their_seeds_and_repeat_with_them(server: VllmServer) -> None:
    engine = ServerEngine("base-0", SHIPPED_BASE, Server(server.url))
    hard = [family.generate(10, 0) for family in FAMILIES.values()][:4]

    def sampled(seed: int) -> set[tuple[str, int, str]]:
        sampling = Sampling(temperature=1.0, max_new_tokens=40)
        samples = engine.generate(requests_for(hard, 4, seed), sampling)
        return {(s.problem_key, s.draw, s.text) for s in samples}

    first = sampled(0)
    assert len({text for *_, text in first}) > 8
    assert sampled(0) == first != sampled(1)


def test_new_weights_are_answered_with_and_survive_the_server(server: VllmServer, other: Path) -> None:
    engine = ServerEngine("base-0", SHIPPED_BASE, Server(server.url, concurrent=8))
    base = drawn(engine)
    engine.load("r1-other", other)
    assert drawn(engine) == drawn(TransformersEngine("", other)) != base
    samples = []
    for sample in engine.generate(requests_for(PROBLEMS, 1), GREEDY):
        samples.append(sample)
        if len(samples) == 5:
            server.kill()
            server.start()  # with the base on its command line
    assert texts(samples) == drawn(TransformersEngine("", other))
    engine.load("base-0", SHIPPED_BASE)
    assert drawn(engine) == base


def test_what_the_server_cached_of_a_prompt_is_forgotten_with_the_weights(
    server: VllmServer, other: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trap is there: without that, the next answer comes of the old weights' keys and values."""
    likely = Sampling(temperature=0.0, max_new_tokens=4, logprobs=True)

    def logprobs(engine: ServerEngine | TransformersEngine) -> dict[str, float | None]:
        return {s.key: s.logprob for s in engine.generate(requests_for(LONG, 1), likely)}

    def after_an_update() -> dict[str, float | None]:
        logprobs(engine)
        engine.load("p", other)
        return logprobs(engine)

    async def keep(_: VllmWeights) -> None:
        pass

    expected = logprobs(TransformersEngine("p", other))
    engine = ServerEngine("p", SHIPPED_BASE, Server(server.url))
    with monkeypatch.context() as patched:
        patched.setattr(VllmWeights, "_forget_prefixes", keep)
        assert after_an_update() != pytest.approx(expected, abs=1e-2)
    engine.load("p", SHIPPED_BASE)
    assert after_an_update() == pytest.approx(expected, abs=1e-3)
    engine.close()
