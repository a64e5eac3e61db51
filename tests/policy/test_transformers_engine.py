"""Sampling from a Qwen2-shaped checkpoint: what comes back, whoever shares the batch."""

import json
import shutil
from collections import deque
from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel

from curriculum.records import Problem, Sample
from generators import FAMILIES
from policy import checkpoint
from policy.engine import PromptTooLong, Request, Sampling, requests_for
from policy.prompts import prompt_tokens
from policy.transformers_engine import TransformersEngine

CONTEXT = 128  # of the checkpoint
PROBLEMS = [family.generate(level, 0) for family in FAMILIES.values() for level in (1, 4)]
SAMPLING = Sampling(temperature=1.0, max_new_tokens=40)
GREEDY = Sampling(temperature=0.0, max_new_tokens=24)


@pytest.fixture
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """float32, in which a row's neighbours change nothing that matters."""
    monkeypatch.setattr(checkpoint, "compute_dtype", lambda: torch.float32)


def draw(folder: Path, requests: Sequence[Request], sampling: Sampling, rows: int = 16) -> list[Sample]:
    return list(TransformersEngine("base-0", folder, rows).generate(deque(requests), sampling))


def texts(samples: list[Sample]) -> dict[tuple[str, int], tuple[str, int, str]]:
    return {(s.problem_key, s.draw): (s.text, s.tokens, s.finish) for s in samples}


def ending_at(folder: Path, out: Path, tokens: list[int]) -> Path:
    """The checkpoint with other stop tokens in its generation config."""
    shutil.copytree(folder, out)
    config = out / "generation_config.json"
    config.write_text(json.dumps(json.loads(config.read_text()) | {"eos_token_id": tokens}))
    return out


def test_every_request_is_answered_once(chat_checkpoint: Path) -> None:
    """In whatever arithmetic this machine computes."""
    requests = list(requests_for(PROBLEMS, 3, 0))
    samples = draw(chat_checkpoint, requests, SAMPLING, rows=11)
    assert sorted((s.problem_key, s.draw) for s in samples) == sorted(
        (r.problem.key, r.draw) for r in requests
    )
    assert {(s.policy, s.temperature) for s in samples} == {("base-0", 1.0)}


@pytest.mark.usefixtures("exact")
def test_greedy_is_what_generate_gives_each_prompt_alone(chat_checkpoint: Path) -> None:
    model, tokenizer = checkpoint.load(chat_checkpoint)
    found = texts(draw(chat_checkpoint, requests_for(PROBLEMS, 1), GREEDY))
    for problem in PROBLEMS:
        prompt = torch.tensor(prompt_tokens(tokenizer, [problem.question]), device=model.device)
        whole = model.generate(
            prompt, max_new_tokens=24, do_sample=False, pad_token_id=tokenizer.pad_token_id
        )
        text = tokenizer.decode(whole[0, prompt.shape[1] :], skip_special_tokens=True)
        assert found[problem.key, 0][0] == text
    assert len({text for text, _, _ in found.values()}) > len(PROBLEMS) / 2  # not one answer for all


@pytest.mark.usefixtures("exact")
def test_a_request_gets_the_same_whoever_shares_its_batch(chat_checkpoint: Path) -> None:
    requests = list(requests_for(PROBLEMS, 2, 0))
    together = texts(draw(chat_checkpoint, requests, SAMPLING, rows=64))
    assert {finish for _, _, finish in together.values()} == {"stop", "length"}
    assert texts(draw(chat_checkpoint, requests, SAMPLING, rows=3)) == together
    assert texts(draw(chat_checkpoint, requests[::-1], SAMPLING, rows=64)) == together
    alone = texts(draw(chat_checkpoint, requests[5:6], SAMPLING))
    assert alone.items() <= together.items()


@pytest.mark.usefixtures("exact")
def test_draws_and_seeds_differ(chat_checkpoint: Path) -> None:
    def drawn(seed: int) -> set[str]:
        return {s.text for s in draw(chat_checkpoint, requests_for(PROBLEMS[:1], 6, seed), SAMPLING)}

    assert len(drawn(0)) == len(drawn(1)) == 6
    assert not drawn(0) & drawn(1)


@pytest.mark.usefixtures("exact")
def test_the_checkpoints_own_stop_token_ends_a_sample(chat_checkpoint: Path, tmp_path: Path) -> None:
    """The first token that a greedy answer writes for the first time at place 5 or later is made the stop."""
    model, tokenizer = checkpoint.load(chat_checkpoint)
    (problem,) = PROBLEMS[:1]
    prompt = torch.tensor(prompt_tokens(tokenizer, [problem.question]), device=model.device)
    answer = model.generate(prompt, max_new_tokens=24, do_sample=False, pad_token_id=0)[
        0, prompt.shape[1] :
    ].tolist()
    place = next(i for i in range(5, 24) if answer[i] not in answer[:i])
    folder = ending_at(chat_checkpoint, tmp_path / "stops", [answer[place]])
    (sample,) = draw(folder, requests_for([problem], 1), GREEDY)
    assert (sample.finish, sample.tokens) == ("stop", place + 1)  # the stop token was drawn too
    assert sample.text == tokenizer.decode(answer[:place], skip_special_tokens=True)


def test_a_sample_without_end_is_cut_at_its_length(chat_checkpoint: Path) -> None:
    samples = draw(chat_checkpoint, requests_for(PROBLEMS, 4, 0), SAMPLING)
    assert {s.finish for s in samples} == {"stop", "length"}
    assert all((s.tokens == 40) if s.finish == "length" else (1 <= s.tokens <= 40) for s in samples)
    one = draw(chat_checkpoint, requests_for(PROBLEMS, 1, 0), Sampling(max_new_tokens=1))
    assert {s.tokens for s in one} == {1}


def test_samples_stream_as_they_finish(chat_checkpoint: Path) -> None:
    engine = TransformersEngine("base-0", chat_checkpoint, concurrent=6)
    passes: list[None] = []
    engine._model.register_forward_hook(lambda *_: passes.append(None))
    samples = engine.generate(requests_for(PROBLEMS, 2, 0), SAMPLING)
    assert passes == []
    arrived = [len(passes) for _ in samples]
    assert arrived[0] <= 40 < arrived[-1]  # the first came before the second bucket was begun
    assert len(set(arrived)) > len(arrived) / 4  # and rows leave one by one


def test_a_prompt_is_read_once_and_rows_take_the_places_of_finished_ones(chat_checkpoint: Path) -> None:
    engine = TransformersEngine("base-0", chat_checkpoint, concurrent=12)
    _, tokenizer = checkpoint.load(chat_checkpoint)
    passes: list[tuple[int, int]] = []
    engine._model.register_forward_pre_hook(
        lambda _, __, given: passes.append(tuple(given["input_ids"].shape)), with_kwargs=True
    )
    problems, lengths = (
        PROBLEMS[:8],
        [len(p) for p in prompt_tokens(tokenizer, [x.question for x in PROBLEMS[:8]])],
    )
    samples = list(engine.generate(requests_for(problems, 12, 0), SAMPLING))
    read = [shape for shape in passes if shape[1] > 1]
    assert sum(rows for rows, _ in read) <= len(problems) + len(
        read
    )  # one more where draws did not fit together
    assert sum(rows * columns for rows, columns in read) < 12 * sum(lengths) / 4
    drawn, slots = sum(s.tokens for s in samples), sum(rows for rows, columns in passes if columns == 1)
    assert slots < 1.3 * drawn  # else each dozen would wait for its longest
    longest = [max(s.tokens for s in samples if s.problem_key == problem.key) for problem in problems]
    assert len(passes) - len(read) < sum(longest)


@pytest.mark.usefixtures("exact")
def test_logprobs_are_those_of_the_tokens_also_of_rows_that_moved_in(chat_checkpoint: Path) -> None:
    model, tokenizer = checkpoint.load(chat_checkpoint)
    likely = Sampling(temperature=0.0, max_new_tokens=12, logprobs=True)
    samples = draw(chat_checkpoint, requests_for(PROBLEMS, 1), likely, rows=4)
    for problem in PROBLEMS:
        (sample,) = (s for s in samples if s.problem_key == problem.key)
        (prompt,) = prompt_tokens(tokenizer, [problem.question])
        written = model.generate(
            torch.tensor([prompt]), max_new_tokens=sample.tokens, do_sample=False, pad_token_id=0
        )
        with torch.inference_mode():
            spread = model(written).logits.log_softmax(-1)[0, len(prompt) - 1 : -1]
        expected = spread.gather(-1, written[0, len(prompt) :, None]).sum()
        assert sample.logprob == pytest.approx(float(expected), abs=1e-3)


@pytest.mark.usefixtures("exact")
def test_a_prompt_longer_than_all_before_it_finds_room_too(chat_checkpoint: Path) -> None:
    """It comes when those under way are short, as the answer to a sample."""
    tall = Problem("sort_string", 1, "Sort " + "qz" * 30, "", "text")
    requests = deque(requests_for(PROBLEMS[:3], 4, 0))
    found = []
    for sample in TransformersEngine("base-0", chat_checkpoint, 6).generate(requests, SAMPLING):
        if not found:
            requests += requests_for([tall], 4, 0)
        found.append(sample)
    assert texts(found) == texts(draw(chat_checkpoint, requests_for([*PROBLEMS[:3], tall], 4, 0), SAMPLING))


def test_a_prompt_that_fills_the_context_is_refused_with_the_rule(chat_checkpoint: Path) -> None:
    endless = Problem("chain_sums", 1, "Add " + "+".join(["1"] * 200), "200", "integer")
    with pytest.raises(PromptTooLong, match=r"prompts must leave room in 128 tokens; one has \d{3}"):
        draw(chat_checkpoint, requests_for([PROBLEMS[0], endless], 1), GREEDY)


@pytest.mark.usefixtures("exact")
def test_a_long_neighbour_takes_no_room_from_a_short_prompt(chat_checkpoint: Path) -> None:
    _, tokenizer = checkpoint.load(chat_checkpoint)
    tall = Problem("sort_string", 1, "Sort " + "qz" * 40, "", "text")
    (length,) = map(len, prompt_tokens(tokenizer, [tall.question]))
    assert CONTEXT - 40 < length < CONTEXT
    found = texts(draw(chat_checkpoint, requests_for([*PROBLEMS[:4], tall], 2, 0), SAMPLING))
    assert texts(draw(chat_checkpoint, requests_for(PROBLEMS[:4], 2, 0), SAMPLING)).items() <= found.items()
    cut = [
        tokens for (key, _), (_, tokens, finish) in found.items() if key == tall.key and finish == "length"
    ]
    assert set(cut) == {CONTEXT - length}


def test_no_requests_no_samples(chat_checkpoint: Path) -> None:
    assert draw(chat_checkpoint, [], SAMPLING) == []


@pytest.mark.usefixtures("exact")
def test_learned_positions_end_with_the_context(chat_checkpoint: Path, tmp_path: Path) -> None:
    """GPT-2 looks its positions up in a table, so no row may be decoded past the end of it, not even a dead one."""
    _, tokenizer = checkpoint.load(chat_checkpoint)
    tokenizer.chat_template = None
    torch.manual_seed(0)
    shape = GPT2Config(vocab_size=len(tokenizer), n_positions=48, n_embd=16, n_layer=1, n_head=2)
    checkpoint.save(GPT2LMHeadModel(shape), tokenizer, tmp_path / "gpt2")
    tall = Problem("sort_string", 1, "Sort " + "qz" * 20, "", "text")
    requests = requests_for([tall, *PROBLEMS], 1, 0)  # so many that the dead row is carried along
    found = texts(draw(tmp_path / "gpt2", requests, Sampling(max_new_tokens=40)))
    assert found[tall.key, 0][1] < min(tokens for key, (_, tokens, _) in found.items() if key[0] != tall.key)
    assert texts(draw(tmp_path / "gpt2", requests, Sampling(max_new_tokens=40), rows=1)) == found
