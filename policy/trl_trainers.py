"""TRL's trainers, made to take the steps of the built-in one: its batches, optimizer and schedule, its loss curve."""

import time
from itertools import islice
from pathlib import Path
from typing import Any

import torch
from accelerate.utils import broadcast
from torch.optim.lr_scheduler import LambdaLR
from torch.utils.data import DataLoader
from transformers import TrainerCallback
from trl import DPOTrainer, SFTTrainer

from policy.batches import groups
from policy.child import report
from policy.training import Step, build_optimizers, check_finite, schedule
from policy.trl_settings import TrlSettings

WHOLE = "whole"  # marks a state that was written to its end


class _Stepwise:
    """What both trainers share. One batch is one step; each logs its loss, completion tokens and seconds."""

    settings: TrlSettings
    lengths: list[int]
    trained = 0

    def get_train_dataloader(self) -> DataLoader[Any]:
        settings = self.settings
        batches = islice(groups(self.lengths, settings.tokens_per_batch, settings.seed), settings.steps)
        return DataLoader(self.train_dataset, batch_sampler=list(batches), collate_fn=self.data_collator)  # type: ignore[attr-defined]

    def create_optimizer(self, model: Any = None) -> torch.optim.Optimizer:
        (self.optimizer,) = build_optimizers(model or self.model, self.settings)  # type: ignore[attr-defined]
        return self.optimizer

    def create_scheduler(self, num_training_steps: int, optimizer: Any = None) -> LambdaLR:
        self.lr_scheduler = LambdaLR(optimizer or self.optimizer, lambda step: schedule(step, self.settings))
        return self.lr_scheduler

    def create_model_card(self, *_: Any, **__: Any) -> None:
        """None: TRL would write one with every saved state."""

    def log(self, logs: dict[str, float], start_time: float | None = None) -> None:
        now = time.monotonic()
        if "loss" in logs:
            logs |= {"tokens": self.trained, "seconds": now - self._before}
        self._before = now
        super().log(logs, start_time)  # type: ignore[misc]

    _before = time.monotonic()


class SolutionTrainer(_Stepwise, SFTTrainer):  # type: ignore[misc]
    """The weighted next-token loss on completions, over the whole batch."""

    def compute_loss(self, model: Any, inputs: dict[str, Any], *_: Any, **__: Any) -> Any:
        self.trained = inputs["trained"]
        tokens, weights = inputs["input_ids"], inputs["weights"]
        labels = tokens.masked_fill(torch.nn.functional.pad(weights, (1, 0)) == 0, -100)
        found = model(input_ids=tokens, labels=labels, use_cache=False, fused_lm_head=True)
        loss = -(found.log_probs * weights).sum() / max(inputs["weight_of_all"], 1e-9)
        return loss * self.accelerator.num_processes  # whose gradients are averaged


class PairTrainer(_Stepwise, DPOTrainer):  # type: ignore[misc]
    """DPO, on pairs that are tokens already."""

    def _prepare_dataset(self, dataset: Any, *_: Any, **__: Any) -> Any:
        return dataset

    def compute_loss(self, model: Any, inputs: dict[str, Any], *arguments: Any, **named: Any) -> Any:
        self.trained = inputs.pop("trained")
        return super().compute_loss(model, inputs, *arguments, **named)


class Reporting(TrainerCallback):  # type: ignore[misc]
    """Tells each step, and has the state saved every so many seconds, when the first process says so."""

    def __init__(self, save_every_s: float) -> None:
        self._every, self._saved = save_every_s, time.monotonic()

    def on_log(self, args: Any, state: Any, control: Any, logs: dict[str, float], **_: Any) -> None:
        if "loss" not in logs:
            return
        step = logged_step(logs | {"step": state.global_step})
        check_finite(step.step, step.loss)
        if state.is_world_process_zero:
            report(
                {
                    "step": {
                        "step": step.step,
                        "loss": step.loss,
                        "tokens": step.tokens,
                        "seconds": step.seconds,
                    }
                }
            )

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        due = torch.tensor([time.monotonic() - self._saved > self._every], device=args.device)
        control.should_save = bool(broadcast(due.int()).item())

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if torch.distributed.is_initialized():
            torch.distributed.barrier()
        if state.is_world_process_zero:
            (Path(args.output_dir) / f"checkpoint-{state.global_step}" / WHOLE).touch()
        self._saved = time.monotonic()


def logged_step(logs: dict[str, float]) -> Step:
    """The step that an entry of TRL's log is of; TRL counts from 1."""
    return Step(int(logs["step"]) - 1, logs["loss"], int(logs["tokens"]), logs["seconds"])
