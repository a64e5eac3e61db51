"""The training loop: weighted next-token loss on completions, bf16 autocast, one cosine of learning rate.

It can be stopped at any step: with a `resume` file, weights, moments and the step are
kept there, and the same call goes on where they were left.
"""

import math
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from itertools import chain, islice
from pathlib import Path
from typing import Literal

import torch
from torch.nn.functional import cross_entropy
from transformers import PreTrainedModel

from curriculum.errors import WorkFailed
from policy.batches import Batch, TokenRow, epochs
from policy.checkpoint import compute_dtype

SAVE_EVERY_S = 120.0


class Diverged(WorkFailed):
    """The loss is infinite or no number; the message says at which step."""


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """How to train: `steps` batches of at most `tokens_per_batch` tokens (padding included)."""

    steps: int
    learning_rate: float
    tokens_per_batch: int = 8192
    warmup: float = 0.05  # share of the steps
    floor: float = 0.1  # the learning rate ends at this share of its peak
    horizon: int | None = None  # steps that the schedule is laid out for, if more than are made
    weight_decay: float = 0.01
    clip: float = 1.0
    seed: int = 0
    optimizer: Literal["adamw", "muon"] = "adamw"


@dataclass(frozen=True, slots=True)
class Step:
    """One optimizer step: mean loss per completion token in nats, completion tokens, seconds."""

    step: int
    loss: float
    tokens: int
    seconds: float


def train(
    model: PreTrainedModel,
    rows: list[TokenRow],
    pad: int,
    settings: TrainingSettings,
    on_step: Callable[[Step], None] = lambda step: None,
    resume: Path | None = None,
) -> list[Step]:
    """Train `model` in place and return the loss curve. Raises ValueError without rows, and Diverged."""
    if not rows:
        raise ValueError("training needs at least one row, and there are none")
    model.train()
    optimizers = build_optimizers(model, settings)
    curve = _restore(resume, model, optimizers, settings)
    saved = time.monotonic()
    batches = islice(epochs(rows, settings.tokens_per_batch, pad, settings.seed), len(curve), settings.steps)
    for number, batch in enumerate(batches, start=len(curve)):
        started = time.monotonic()
        for group in chain.from_iterable(optimizer.param_groups for optimizer in optimizers):
            group["lr"] = settings.learning_rate * schedule(number, settings)
        loss = _step(model, batch, settings.clip)
        for optimizer in optimizers:
            optimizer.step()
            optimizer.zero_grad()
        check_finite(number, loss)
        curve.append(Step(number, loss, batch.trained, time.monotonic() - started))
        on_step(curve[-1])
        if resume and time.monotonic() - saved > SAVE_EVERY_S:
            _keep(resume, model, optimizers, curve, settings)
            saved = time.monotonic()
    model.eval()
    return curve


def check_finite(step: int, loss: float) -> None:
    """Raises Diverged if it is not."""
    if not math.isfinite(loss):
        raise Diverged(
            f"the loss must stay finite, and at step {step} is {loss}; lower training.learning_rate"
        )


def build_optimizers(model: PreTrainedModel, settings: TrainingSettings) -> list[torch.optim.Optimizer]:
    """AdamW on everything; or Muon (Jordan et al. 2024) on the hidden matrices and AdamW on the rest.

    Muon's update is scaled to the size of AdamW's (Liu et al. 2025), so both share a learning rate.
    """
    parameters = [p for p in model.parameters() if p.requires_grad]
    tables = [module for module in model.modules() if isinstance(module, torch.nn.Embedding)]
    outer = {id(p) for module in (*tables, model.get_output_embeddings()) for p in module.parameters()}
    hidden = [p for p in parameters if settings.optimizer == "muon" and p.ndim == 2 and id(p) not in outer]
    matrices = {id(p) for p in hidden}
    rest = [p for p in parameters if id(p) not in matrices]
    rate, decay = settings.learning_rate, settings.weight_decay
    optimizers: list[torch.optim.Optimizer] = [
        torch.optim.AdamW(rest, lr=rate, weight_decay=decay, betas=(0.9, 0.98))
    ]
    if hidden:
        optimizers.append(
            torch.optim.Muon(hidden, lr=rate, weight_decay=decay, adjust_lr_fn="match_rms_adamw")
        )
    return optimizers


def _step(model: PreTrainedModel, batch: Batch, clip: float) -> float:
    """Gradients of one batch, clipped; returns its loss."""
    tokens, weights = batch.tokens.to(model.device), batch.weights.to(model.device)
    dtype = compute_dtype()
    with torch.autocast(model.device.type, dtype, enabled=dtype is not torch.float32):
        logits = model(input_ids=tokens[:, :-1], use_cache=False).logits
    losses = cross_entropy(logits.float().flatten(0, 1), tokens[:, 1:].flatten(), reduction="none")
    loss = (losses * weights.flatten()).sum() / weights.sum().clamp_min(1e-9)
    torch.autograd.backward(loss)
    torch.nn.utils.clip_grad_norm_(model.parameters(), clip)
    return float(loss.detach())


def schedule(step: int, settings: TrainingSettings) -> float:
    """Linear warm-up, then a half cosine down to `floor`; a share of the peak."""
    steps = settings.horizon or settings.steps
    warmup = max(1, round(settings.warmup * steps))
    if step < warmup:
        return (step + 1) / warmup
    progress = (step - warmup) / max(1, steps - warmup)
    return settings.floor + (1 - settings.floor) * 0.5 * (1 + math.cos(math.pi * progress))


def _keep(
    file: Path,
    model: PreTrainedModel,
    optimizers: list[torch.optim.Optimizer],
    curve: list[Step],
    settings: TrainingSettings,
) -> None:
    state = {
        "settings": asdict(settings),
        "model": model.state_dict(),
        "optimizers": [optimizer.state_dict() for optimizer in optimizers],
        "curve": [(s.step, s.loss, s.tokens, s.seconds) for s in curve],
    }
    unfinished = file.with_name(file.name + ".unfinished")
    torch.save(state, unfinished)
    unfinished.rename(file)


def _restore(
    file: Path | None,
    model: PreTrainedModel,
    optimizers: list[torch.optim.Optimizer],
    settings: TrainingSettings,
) -> list[Step]:
    """The curve so far; other settings make other batches, and begin anew."""
    if file is None or not file.exists():
        return []
    state = torch.load(file, weights_only=True)
    if state.get("settings") != asdict(settings):
        return []
    model.load_state_dict(state["model"])
    for optimizer, moments in zip(optimizers, state["optimizers"], strict=True):
        optimizer.load_state_dict(moments)
    return [Step(*row) for row in state["curve"]]
