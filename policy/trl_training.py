"""One fine-tune by TRL, in the process or processes that make it."""

import json
from copy import deepcopy
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from transformers import PreTrainedTokenizerBase
from trl import DPOConfig, SFTConfig

from policy import adapters, checkpoint
from policy.child import report
from policy.trl_rows import Rows, pairs, solutions
from policy.trl_settings import Job
from policy.trl_trainers import WHOLE, PairTrainer, Reporting, SolutionTrainer, logged_step


def fine_tune(job: Job) -> None:
    """Train, telling each step, and write the checkpoint or adapter.

    Raises checkpoint.BadCheckpoint, Diverged, ValueError for rows that cannot be read, and what torch raises when
    memory runs out.
    """
    preference = job.settings.objective == "dpo"
    reference = _reference(job)
    arguments = _arguments(
        job
    )  # the processes find each other here; from now on the first alone reads weights
    tokenizer = checkpoint.load_tokenizer(job.incumbent)
    read = pairs if preference else solutions
    rows = read(job.rows, tokenizer, arguments.process_index, arguments.world_size)
    if not rows.lengths:
        raise ValueError("training needs at least one row, and there are none")
    torch.manual_seed(job.settings.seed)
    model = _model(job)
    config, generation = deepcopy(model.config), deepcopy(model.generation_config)
    trainer = _trainer(job, arguments, model, reference, tokenizer, rows)
    state = _last_state(job.resume)
    if arguments.process_index == 0:
        report({"restored": [asdict(step) for step in _curve(state)]})
    trainer.train(resume_from_checkpoint=state and str(state))
    weights = (
        {"state_dict": trainer.accelerator.get_state_dict(trainer.model)} if arguments.world_size > 1 else {}
    )
    if arguments.process_index == 0:
        trained = trainer.accelerator.unwrap_model(trainer.model)
        trained.config, trained.generation_config = config, generation  # TRL writes its own tokens into both
        if job.settings.method == "lora":
            weights["selected_adapters"] = [
                adapters.NAME
            ]  # and not the reference's, which DPO keeps beside it
        checkpoint.save(trained, tokenizer, job.out, **weights)


def _arguments(job: Job) -> Any:
    settings = job.settings
    common = {
        "output_dir": str(job.resume),
        "max_steps": settings.steps,
        "max_grad_norm": settings.clip,
        "seed": settings.seed % 2**32,
        "bf16": job.dtype == "bfloat16",
        "use_cpu": not torch.cuda.is_available(),
        "gradient_checkpointing": settings.processes == 1,  # FSDP brings its own
        "max_length": None,
        "remove_unused_columns": False,
        "logging_steps": 1,
        "logging_nan_inf_filter": False,
        "save_strategy": "no",  # but when Reporting says so
        "save_total_limit": 2,
        "report_to": "none",
        "disable_tqdm": True,
    }
    if settings.objective == "sft":
        return SFTConfig(**common, dataset_kwargs={"skip_prepare_dataset": True}, completion_only_loss=False)
    losses = {"loss_type": ["sigmoid", "sft"], "loss_weights": [1.0, settings.dpo_nll]}
    return DPOConfig(**common, **losses, beta=settings.dpo_beta)


def _model(job: Job) -> Any:
    """All weights train in float32. Under an adapter they stand still, and take half the memory where bfloat16 is."""
    if job.settings.method == "lora":
        return checkpoint.load_trainable(job.incumbent, getattr(torch, job.dtype), job.settings.lora_rank)
    return checkpoint.load_model(job.incumbent)


def _reference(job: Job) -> Any:
    """What DPO holds the policy to; None where there is nothing to hold, or TRL keeps a copy of the adapter.

    Each process reads it whole, and before it meets the others: TRL 1.16 cuts it up among them, but gives none
    what only the first has read.
    """
    if job.settings.objective == "sft" or job.settings.method == "lora":
        return None
    return checkpoint.load_model(job.incumbent)


def _trainer(
    job: Job, arguments: Any, model: Any, reference: Any, tokenizer: PreTrainedTokenizerBase, rows: Rows
) -> Any:
    given = {
        "model": model,
        "args": arguments,
        "train_dataset": rows.dataset,
        "data_collator": rows.collate,
        "processing_class": tokenizer,
        "callbacks": [Reporting(job.save_every_s)],
    }
    if job.settings.objective == "sft":
        trainer: SolutionTrainer | PairTrainer = SolutionTrainer(**given)
    else:
        trainer = PairTrainer(**given, ref_model=reference)
    trainer.settings, trainer.lengths = job.settings, rows.lengths
    return trainer


def _last_state(resume: Path) -> Path | None:
    """The newest state that was saved to its end; those that were not are passed over."""
    states = [state for state in resume.glob("checkpoint-*") if (state / WHOLE).exists()]
    return max(states, key=lambda state: int(state.name.rpartition("-")[2]), default=None)


def _curve(state: Path | None) -> list[Any]:
    """The steps up to a saved state, as its log has them."""
    logs = json.loads((state / "trainer_state.json").read_text())["log_history"] if state else []
    return [logged_step(entry) for entry in logs if "loss" in entry]
