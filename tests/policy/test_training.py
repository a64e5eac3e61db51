"""The training loop: what the loss is, what it leaves alone, and which optimizer moves what."""

import math
from pathlib import Path
from typing import Literal

import pytest
import torch
from transformers import GPT2Config, GPT2LMHeadModel, PreTrainedModel

from policy import checkpoint, training
from policy.batches import TokenRow
from policy.training import Diverged, TrainingSettings, build_optimizers, train

ROWS = [TokenRow([5, 6, 7 + i], [20 + i, 30, 0], 1.0) for i in range(8)]
Optimizer = Literal["adamw", "muon"]


@pytest.fixture
def model(chat_checkpoint: Path, monkeypatch: pytest.MonkeyPatch) -> PreTrainedModel:
    monkeypatch.setattr(training, "compute_dtype", lambda: torch.float32)
    return checkpoint.load(chat_checkpoint)[0]


def weights(model: PreTrainedModel) -> dict[str, torch.Tensor]:
    return {name: value.clone() for name, value in model.state_dict().items()}


@pytest.mark.parametrize("optimizer", ["adamw", "muon"])
@pytest.mark.parametrize("autocast", [False, True])
def test_the_loss_falls(
    model: PreTrainedModel, optimizer: Optimizer, autocast: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(training, "compute_dtype", lambda: torch.bfloat16 if autocast else torch.float32)
    curve = train(model, ROWS, 0, TrainingSettings(40, 5e-3, 24, optimizer=optimizer))
    assert [step.step for step in curve] == list(range(40))
    assert sum(s.loss for s in curve[-5:]) < 0.5 * sum(s.loss for s in curve[:5])
    assert all(step.tokens <= 12 and step.seconds > 0 for step in curve)
    assert {p.dtype for p in model.parameters()} == {torch.float32}
    assert not model.training


def test_the_loss_is_the_weighted_mean_over_completion_tokens(model: PreTrainedModel) -> None:
    rows = [TokenRow([5, 6, 7], [20, 30, 0], 1.0), TokenRow([5], [9, 0], 3.0)]
    total = 0.0
    for row in rows:
        tokens = torch.tensor([row.prompt + row.completion], device=model.device)
        log_probabilities = torch.log_softmax(model(tokens).logits[0].detach().double(), -1)
        for place in range(len(row.prompt), row.length):
            total -= row.weight * float(log_probabilities[place - 1, int(tokens[0, place])])
    (step,) = train(model, rows, 0, TrainingSettings(1, 1e-3))
    assert step.loss == pytest.approx(total / (1.0 * 3 + 3.0 * 2), rel=1e-5)
    assert step.tokens == 5


def test_a_row_of_weight_zero_teaches_nothing(model: PreTrainedModel) -> None:
    start = weights(model)
    found = []
    for ignored in ([40, 41, 0], [50, 51, 0]):
        model.load_state_dict(start)
        train(model, [*ROWS, TokenRow([8, 9, 10], ignored, 0.0)], 0, TrainingSettings(5, 1e-3, 512))
        found.append(weights(model))
    assert all(torch.equal(found[0][name], found[1][name]) for name in start)
    model.load_state_dict(start)
    train(model, [*ROWS, TokenRow([8, 9, 10], [50, 51, 0], 1.0)], 0, TrainingSettings(5, 1e-3, 512))
    assert any(not torch.equal(found[1][name], value) for name, value in model.state_dict().items())


def test_the_learning_rate_warms_up_and_comes_down_to_its_floor() -> None:
    settings = TrainingSettings(100, 1.0, warmup=0.1, floor=0.2)
    rates = [training.schedule(step, settings) for step in range(100)]
    assert rates[:10] == pytest.approx([0.1 * (step + 1) for step in range(10)])
    assert rates[10] == 1
    assert rates[55] == pytest.approx(0.6)
    assert rates[10:] == sorted(rates[10:], reverse=True)
    assert 0.2 < rates[-1] < 0.202


def test_muon_moves_the_hidden_matrices_and_adamw_the_rest(model: PreTrainedModel) -> None:
    adamw, muon = build_optimizers(model, TrainingSettings(1, 1e-3, optimizer="muon"))
    names = {id(p): name for name, p in model.named_parameters()}
    hidden, rest = (
        {names[id(p)] for group in o.param_groups for p in group["params"]} for o in (muon, adamw)
    )
    assert hidden | rest == set(names.values())
    assert not hidden & rest
    assert {name.split(".")[-2] for name in hidden} == {
        *("q_proj", "k_proj", "v_proj", "o_proj"),
        *("gate_proj", "up_proj", "down_proj"),
    }
    assert {"model.embed_tokens.weight", "lm_head.weight"} <= rest
    assert len(build_optimizers(model, TrainingSettings(1, 1e-3))) == 1


def test_muon_leaves_embeddings_to_adamw_whatever_they_are_called() -> None:
    gpt2 = GPT2LMHeadModel(GPT2Config(vocab_size=50, n_positions=16, n_embd=8, n_layer=1, n_head=2))
    adamw, muon = build_optimizers(gpt2, TrainingSettings(1, 1e-3, optimizer="muon"))
    rest = {id(p) for group in adamw.param_groups for p in group["params"]}
    assert {id(gpt2.transformer.wte.weight), id(gpt2.transformer.wpe.weight)} <= rest
    assert sum(len(group["params"]) for group in muon.param_groups) == 4


def test_no_rows_and_a_loss_that_diverges_are_refused(model: PreTrainedModel) -> None:
    with pytest.raises(ValueError, match="training needs at least one row"):
        train(model, [], 0, TrainingSettings(1, 1e-3))
    with pytest.raises(Diverged, match="the loss must stay finite, and at step 1 is nan"):
        train(model, ROWS, 0, TrainingSettings(5, math.inf))
