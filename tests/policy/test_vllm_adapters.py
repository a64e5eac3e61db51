"""Round after round of LoRA in one vLLM engine: it draws from the adapter that it was last given, and no other."""

import os
from collections.abc import Iterator
from itertools import combinations
from pathlib import Path

import pytest
import torch

from curriculum.records import Problem
from flows.engines import open_engine
from flows.settings import Config, PolicyConfig, TrainingConfig, VllmConfig
from generators import FAMILIES
from policy import checkpoint
from policy.engine import Engine, Sampling, requests_for
from policy.transformers_engine import TransformersEngine

pytest.importorskip("vllm", reason="vLLM is not installed: make engines")
pytest.importorskip("peft", reason="the extra `train` is not installed")
os.environ.update({"VLLM_LOGGING_LEVEL": "ERROR", "VLLM_NO_USAGE_STATS": "1"})

from vllm.lora.request import LoRARequest

from policy.vllm_engine import VllmEngine

TINY = Path(checkpoint.__file__).parent / "tiny"
RANK = 4
# vLLM caches keys and values by blocks, of 128 tokens on a CPU: only a prompt of more is found again.
LONG = [
    Problem("chain_sums", 1, "+".join(map(str, range(number, number + 70))), "", "integer")
    for number in (1, 9)
]
PROBLEMS = [
    *LONG,
    *(FAMILIES[name].generate(3, seed) for name in ("chain_sums", "gcd", "sort_string") for seed in range(4)),
]
GREEDY = Sampling(temperature=0.0, max_new_tokens=32, logprobs=True)
Drawn = dict[str, tuple[str, float]]  # text and logprob, by the problem's key


@pytest.fixture(scope="module", autouse=True)
def exact() -> Iterator[None]:
    """float32, in which the engines agree about the more likely token."""
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(checkpoint, "compute_dtype", lambda: torch.float32)
        yield


@pytest.fixture(scope="module")
def engine() -> Iterator[VllmEngine]:
    """As a run opens it: with room for the adapters that its trainer makes."""
    training = TrainingConfig(trainer="trl", method="lora", lora_rank=RANK)
    config = Config(policy=PolicyConfig(engine="vllm"), vllm=VllmConfig(concurrent=64), training=training)
    engine = open_engine(config, "base-0", TINY)
    assert isinstance(engine, VllmEngine)
    yield engine
    engine.close()


@pytest.fixture(scope="module")
def policies(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The shipped base with the candidates of two rounds; and another whole checkpoint with one."""
    folder = tmp_path_factory.mktemp("policies")
    model, tokenizer = checkpoint.load(TINY)
    torch.manual_seed(0)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.05 * parameter.std() * torch.randn_like(parameter)
    checkpoint.save(model, tokenizer, folder / "whole")
    return {
        "base-0": TINY,
        "r1-0": adapter(folder / "r1", TINY, 1),
        "r2-0": adapter(folder / "r2", TINY, 2),
        "whole-0": folder / "whole",
        "r3-0": adapter(folder / "r3", folder / "whole", 3),
    }


def adapter(folder: Path, base: Path, seed: int) -> Path:
    """An adapter with random matrices, in place of a round's fine-tune."""
    model = checkpoint.load_trainable(base, torch.float32, RANK)
    torch.manual_seed(seed)
    with torch.no_grad():
        for parameter in model.parameters():
            if parameter.requires_grad:
                parameter.copy_(0.1 * torch.randn_like(parameter))
    checkpoint.save(model, checkpoint.load_tokenizer(base), folder)
    return folder


@pytest.fixture(scope="module")
def expected(policies: dict[str, Path]) -> dict[str, Drawn]:
    """What transformers draws, from a base with the adapter added to its weights; no two draw the same."""
    found = {name: drawn(TransformersEngine(name, folder)) for name, folder in policies.items()}
    assert all(apart(found[one], found[other]) > 0.1 for one, other in combinations(found, 2))
    return found


def drawn(engine: Engine) -> Drawn:
    samples = list(engine.generate(requests_for(PROBLEMS, 1, 7), GREEDY))
    assert {sample.policy for sample in samples} == {engine.policy}
    return {s.problem_key: (s.text, s.logprob) for s in samples if s.logprob is not None}


def apart(one: Drawn, other: Drawn) -> float:
    """The least by which the logprobs of two policies differ on a long problem, in nats."""
    return min(abs(one[problem.key][1] - other[problem.key][1]) for problem in LONG)


def same(ours: Drawn, theirs: Drawn) -> None:
    texts, logprobs = ({key: found[i] for key, found in ours.items()} for i in (0, 1))
    assert texts == {key: text for key, (text, _) in theirs.items()}
    assert logprobs == pytest.approx({key: logprob for key, (_, logprob) in theirs.items()}, abs=1e-4)


def test_each_policy_is_drawn_from_as_transformers_does(
    engine: VllmEngine, policies: dict[str, Path], expected: dict[str, Drawn]
) -> None:
    """A promoted adapter, a refused one, the base again, and the first: none is left of the one before."""
    for name in ("base-0", "r1-0", "r2-0", "base-0", "r1-0", "r1-0"):
        engine.load(name, policies[name])
        same(drawn(engine), expected[name])


def test_another_base_and_its_adapter_take_the_place_of_both(
    engine: VllmEngine, policies: dict[str, Path], expected: dict[str, Drawn]
) -> None:
    for name in ("r1-0", "whole-0", "r3-0", "r1-0", "r3-0", "base-0"):
        engine.load(name, policies[name])
        same(drawn(engine), expected[name])


def test_after_a_rest_it_draws_from_the_adapter_that_it_loads(
    engine: VllmEngine, policies: dict[str, Path], expected: dict[str, Drawn]
) -> None:
    engine.load("r1-0", policies["r1-0"])
    engine.rest()
    engine.load("r2-0", policies["r2-0"])
    same(drawn(engine), expected["r2-0"])


def test_an_adapter_in_the_folder_of_another_is_read_anew(
    engine: VllmEngine,
    policies: dict[str, Path],
    expected: dict[str, Drawn],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """The trap is there: by folder and name, vLLM takes the prompts that it cached with the one before for its own."""

    def one_after_the_other() -> Drawn:
        for name in ("r1-0", "r2-0"):
            (tmp_path / "candidate").unlink(missing_ok=True)
            (tmp_path / "candidate").symlink_to(policies[name])
            engine.load(name, tmp_path / "candidate")
            found = drawn(engine)
        return found

    same(one_after_the_other(), expected["r2-0"])
    numbered = engine._adapter_in
    with monkeypatch.context() as patched:
        patched.setattr(
            engine,
            "_adapter_in",
            lambda folder: LoRARequest("adapter", numbered(folder).lora_int_id, str(folder)),
        )
        assert apart(one_after_the_other(), expected["r2-0"]) > 0.01
    same(one_after_the_other(), expected["r2-0"])
