"""Real vLLM on whatever this machine has: the tokens of the other engine, and never those of old weights."""

import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import torch

from benchmarks.distributions import homogeneity
from benchmarks.distributions import texts as texts_of
from benchmarks.kills import runs
from curriculum.records import Problem, Sample
from generators import FAMILIES
from policy import checkpoint
from policy.engine import Engine, PromptTooLong, Sampling, requests_for
from policy.transformers_engine import TransformersEngine

pytest.importorskip("vllm", reason="vLLM is not installed: make engines")
os.environ.update({"VLLM_LOGGING_LEVEL": "ERROR", "VLLM_NO_USAGE_STATS": "1"})

from policy.vllm_engine import VllmEngine, VllmSettings

TINY = Path(checkpoint.__file__).parent / "tiny"
REPOSITORY = Path(checkpoint.__file__).parents[1]
PROBLEMS = [
    FAMILIES[name].generate(level, seed)
    for name in ("chain_sums", "multiplication", "modular_arithmetic", "sort_string", "reverse_string")
    for level in range(1, 9)
    for seed in range(3)
]
GREEDY = Sampling(temperature=0.0, max_new_tokens=224, logprobs=True)
# vLLM caches keys and values by blocks, of 128 tokens on a CPU: only a prompt of more is found again.
LONG = [
    Problem("chain_sums", 1, "+".join(map(str, range(number, number + 70))), "", "integer")
    for number in (1, 9)
]
BRIEF = Sampling(temperature=0.0, max_new_tokens=16, logprobs=True)


@pytest.fixture(scope="module")
def engine() -> Iterator[VllmEngine]:
    engine = VllmEngine("base-0", TINY, VllmSettings(concurrent=64), torch.float32)
    yield engine
    engine.close()
    engine.close()


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """float32, in which the engines agree about the more likely token."""
    monkeypatch.setattr(checkpoint, "compute_dtype", lambda: torch.float32)


@pytest.fixture(scope="module")
def trained(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped base with all its weights changed a little, in place of a round's fine-tune."""
    model, tokenizer = checkpoint.load(TINY)
    torch.manual_seed(1)
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.05 * parameter.std() * torch.randn_like(parameter)
    folder = tmp_path_factory.mktemp("policies") / "trained"
    checkpoint.save(model, tokenizer, folder, torch.bfloat16)
    return folder


def draw(engine: Engine, problems: list[Problem], draws: int, sampling: Sampling) -> list[Sample]:
    return list(engine.generate(requests_for(problems, draws, 7), sampling))


def texts(samples: list[Sample]) -> dict[tuple[str, int], tuple[str, int, str]]:
    return {(s.problem_key, s.draw): (s.text, s.tokens, s.finish) for s in samples}


def logprobs(samples: list[Sample]) -> dict[str, float | None]:
    return {sample.problem_key: sample.logprob for sample in samples}


def same(ours: list[Sample], theirs: list[Sample]) -> None:
    assert texts(ours) == texts(theirs)
    assert logprobs(ours) == pytest.approx(logprobs(theirs), abs=1e-3)


def test_greedy_tokens_and_logprobs_are_those_of_transformers(engine: VllmEngine) -> None:
    engine.load("base-0", TINY)
    samples = draw(engine, PROBLEMS, 1, GREEDY)
    assert {s.finish for s in samples} == {"stop"}
    same(samples, draw(TransformersEngine("base-0", TINY), PROBLEMS, 1, GREEDY))


def test_after_an_update_the_next_logprobs_are_those_of_the_new_weights(
    engine: VllmEngine, trained: Path
) -> None:
    """The prompts' keys and values are cached, and vLLM holds copies of weights: none of it may be an old one."""
    engine.load("base-0", TINY)
    before = draw(engine, PROBLEMS, 1, GREEDY)
    engine.load("r1-0", trained)
    after = draw(engine, PROBLEMS, 1, GREEDY)
    assert {sample.policy for sample in after} == {"r1-0"}
    expected = draw(TransformersEngine("r1-0", trained), PROBLEMS, 1, GREEDY)
    assert max(abs(logprobs(before)[key] - logprobs(expected)[key]) for key in logprobs(before)) > 0.1  # type: ignore[operator]
    same(after, expected)
    engine.load("base-0", TINY)
    assert logprobs(draw(engine, PROBLEMS, 1, GREEDY)) == pytest.approx(logprobs(before), abs=1e-4)


def test_what_is_cached_of_a_prompt_is_forgotten_with_the_weights(
    engine: VllmEngine, trained: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The trap is there: without the reset, the next logprobs come of the old weights' keys and values."""
    expected = logprobs(draw(TransformersEngine("r1-0", trained), LONG, 1, BRIEF))

    def after_an_update() -> dict[str, float | None]:
        draw(engine, LONG, 1, BRIEF)
        engine.load("r1-0", trained)
        return logprobs(draw(engine, LONG, 1, BRIEF))

    engine.load("base-0", TINY)
    with monkeypatch.context() as patched:
        patched.setattr(engine._engine, "reset_prefix_cache", lambda: None)
        assert after_an_update() != pytest.approx(expected, abs=1e-2)
    engine.load("base-0", TINY)
    assert after_an_update() == pytest.approx(expected, abs=1e-3)


def test_every_request_is_answered_once_and_no_two_samples_repeat(engine: VllmEngine) -> None:
    hard = FAMILIES["multiplication"].generate(10, 0)
    samples = draw(engine, [hard, *PROBLEMS[:20]], 20, Sampling(1.0, max_new_tokens=224))
    assert len(samples) == len(texts(samples)) == 21 * 20
    assert len({s.text for s in samples if s.problem_key == hard.key}) > 15
    again = draw(engine, [hard], 20, Sampling(1.0, max_new_tokens=224))
    drawn = texts(samples)
    assert sum(drawn[key] == found for key, found in texts(again).items()) > 15  # a seed is a stream


def test_samples_stream_and_lead_to_more_requests(engine: VllmEngine) -> None:
    requests = requests_for(PROBLEMS[:30], 1)
    came = []
    for sample in engine.generate(requests, Sampling(1.0, max_new_tokens=100)):
        if sample.draw == 0:
            (problem,) = (p for p in PROBLEMS if p.key == sample.problem_key)
            requests.extend(requests_for([problem], 1, first=1))
        came.append(sample.draw)
    assert sorted(came) == [0] * 30 + [1] * 30
    assert came != sorted(came)


def test_what_is_given_up_leaves_nothing_behind(engine: VllmEngine) -> None:
    samples = engine.generate(requests_for(PROBLEMS, 4), Sampling(1.0))
    next(samples)
    samples.close()
    assert len(draw(engine, PROBLEMS[:3], 1, GREEDY)) == 3


def test_a_sample_is_cut_at_its_length_and_begins_with_its_opening(engine: VllmEngine) -> None:
    (sample,) = draw(engine, PROBLEMS[:1], 1, Sampling(0.0, max_new_tokens=2, opening="A: "))
    assert (sample.tokens, sample.finish, sample.logprob) == (2, "length", None)
    assert sample.text.startswith("A: ")


def test_a_prompt_that_fills_the_context_is_refused_with_the_rule(engine: VllmEngine) -> None:
    endless = Problem("chain_sums", 1, "1+" * 300, "", "integer")
    with pytest.raises(PromptTooLong, match="prompts must leave room in 512 tokens; one has 6"):
        draw(engine, [endless], 1, GREEDY)


def test_a_checkpoint_that_does_not_load_is_named(engine: VllmEngine, tmp_path: Path) -> None:
    with pytest.raises(checkpoint.BadCheckpoint, match="nothing"):
        engine.load("p", tmp_path / "nothing")


def test_after_a_rest_it_draws_from_what_it_loads_next(engine: VllmEngine, trained: Path) -> None:
    engine.rest()
    with pytest.raises(ValueError, match="draws again after"):
        draw(engine, PROBLEMS[:1], 1, GREEDY)
    engine.load("r1-0", trained)
    same(
        draw(engine, PROBLEMS[:5], 1, GREEDY),
        draw(TransformersEngine("r1-0", trained), PROBLEMS[:5], 1, GREEDY),
    )


def test_ten_thousand_samples_are_of_the_distribution_of_transformers(engine: VllmEngine) -> None:
    """A chi-square test on how answers begin; seeds are fixed, so it passes or fails for good."""
    engine.load("base-0", TINY)
    ours, theirs = texts_of(engine, "vllm"), texts_of(TransformersEngine("base-0", TINY), "transformers")
    assert ours.total() == theirs.total() == 10_000
    assert len(ours) > 20
    assert homogeneity(ours, theirs)[2] > 0.01


AS_ON_A_GPU = f"""
import multiprocessing, time
from pathlib import Path
from policy.vllm_engine import VllmEngine, VllmSettings
if __name__ == "__main__":
    engine = VllmEngine("p", Path({str(TINY)!r}), VllmSettings())
    print(*(process.pid for process in multiprocessing.active_children()), flush=True)
    time.sleep(600)
"""


def test_the_engine_process_ends_with_a_run_that_is_killed(tmp_path: Path) -> None:
    """vLLM's own would live on, and keep the GPU's memory."""
    program = tmp_path / "program.py"
    program.write_text(AS_ON_A_GPU)
    environment = os.environ | {"VLLM_ENABLE_V1_MULTIPROCESSING": "1", "PYTHONPATH": str(REPOSITORY)}
    command = [sys.executable, str(program)]
    with subprocess.Popen(command, env=environment, stdout=subprocess.PIPE, text=True) as ours:
        assert ours.stdout
        engines = [int(pid) for pid in ours.stdout.readline().split()]
        assert runs.still_there(engines, within_s=1) == engines != []
        ours.kill()
    assert runs.still_there(engines, within_s=30) == []
