"""Fine-tuning by TRL: LoRA or all weights, FSDP over several processes, DPO on pairs of solutions.

Parquet in, checkpoint out, as `policy.finetune`, with the same record beside the checkpoint. TRL works in processes
of its own: its import takes ten seconds, and the GPU's memory is free again when they end.
"""

import json
import os
import sys
from collections.abc import Callable
from pathlib import Path

import torch

from curriculum.errors import InputError, WorkFailed
from policy import checkpoint, training
from policy.child import run
from policy.finetune import TRAINED_ON, forget_unfinished, keep_names, read_curve, write_curve
from policy.memory import KILLED, saying, training_ran_out
from policy.training import Diverged, Step
from policy.trl_settings import Job, TrlSettings, read_job, write_job

ROOT = Path(__file__).parents[1]
JOB = "job.json"
LAUNCH = "accelerate.json"
LAST_LINES = 12
LOOKED_THROUGH = 200_000  # characters at the end of a log
# Without a config that it is given, `accelerate launch` takes what it is not told from the user's own.
NOTHING_ELSE = {"compute_environment": "LOCAL_MACHINE", "distributed_type": "FSDP"}
FSDP = ["--use_fsdp", "--fsdp_version=2", "--fsdp_auto_wrap_policy=TRANSFORMER_BASED_WRAP"]


def finetune(
    rows: Path,
    incumbent: Path,
    out: Path,
    settings: TrlSettings,
    on_step: Callable[[Step], None] = lambda step: None,
) -> list[Step]:
    """Train from `incumbent` on `rows`, write the checkpoint or adapter to `out`, return the loss curve.

    The rows are prompt, completion and weight; for DPO prompt, chosen and rejected. A finished `out` is kept and its
    curve returned; an unfinished one of the same settings goes on from its last saved step. Raises
    checkpoint.BadCheckpoint, OutOfMemory, Diverged, WorkFailed with the last lines of the trainer's log, InputError for
    more processes than GPUs, or ValueError for rows that cannot be read.
    """
    resume = out.with_name(out.name + ".resume")
    if (out / "training.json").exists():
        forget_unfinished(out)
        return read_curve(out)
    checkpoint.check(incumbent)
    if torch.cuda.is_available() and settings.processes > torch.cuda.device_count():
        raise InputError(
            f"processes take a GPU each; {torch.cuda.device_count()} are fewer than {settings.processes}"
        )
    if (resume / JOB).exists() and read_job(resume / JOB).settings != settings:
        forget_unfinished(out)  # other settings make other batches
    resume.mkdir(exist_ok=True)
    curve = _train(_job(rows, incumbent, out, resume, settings), on_step)
    keep_names(rows, out / TRAINED_ON)
    write_curve(out, curve, settings)
    forget_unfinished(out)
    return curve


def _job(rows: Path, incumbent: Path, out: Path, resume: Path, settings: TrlSettings) -> Job:
    half = checkpoint.compute_dtype() is torch.bfloat16
    return Job(
        rows=rows.resolve(),
        incumbent=incumbent.resolve(),
        out=out.resolve(),
        resume=resume.resolve(),
        dtype="bfloat16" if half else "float32",
        save_every_s=training.SAVE_EVERY_S,
        settings=settings,
    )


def _train(job: Job, on_step: Callable[[Step], None]) -> list[Step]:
    """Run the processes to their end; the whole loss curve, what was restored of it included."""
    write_job(job, job.resume / JOB)
    (job.resume / LAUNCH).write_text(json.dumps(NOTHING_ELSE))
    curve: list[Step] = []
    failures: list[tuple[str, str]] = []

    def on_line(said: dict[str, object]) -> None:
        match said:
            case {"restored": list(steps)}:
                curve.extend(Step(**step) for step in steps)
            case {"step": dict(step)}:
                curve.append(Step(**step))
                on_step(curve[-1])
            case {"failed": str(kind), "said": str(why)}:
                failures.append((kind, why))

    log = job.resume / "trainer.log"
    status = run(_command(job), _environment(job.settings), log, on_line)
    if status or failures:
        _raise(job, status, failures, log)
    return curve


def _command(job: Job) -> list[str]:
    work = ["policy.trl_worker", str(job.resume / JOB)]
    if job.settings.processes == 1:
        return [sys.executable, "-m", *work]
    launch = [sys.executable, "-m", "accelerate.commands.accelerate_cli", "launch"]
    told = [f"--config_file={job.resume / LAUNCH}", "--num_machines=1"]
    count = f"--num_processes={job.settings.processes}"
    checkpointing = f"--fsdp_activation_checkpointing={str(torch.cuda.is_available()).lower()}"
    # A port that is free, found by the launcher; the precision is set by the trainer itself.
    told += [count, *FSDP, checkpointing, "--main_process_port=0", "--mixed_precision=no"]
    return [*launch, *told, "-m", *work]


def _environment(settings: TrlSettings) -> dict[str, str]:
    environment = {
        "PYTHONPATH": os.pathsep.join([str(ROOT), *filter(None, [os.environ.get("PYTHONPATH")])]),
        "HF_HUB_OFFLINE": "1",
        "TRL_EXPERIMENTAL_SILENCE": "1",
        "TOKENIZERS_PARALLELISM": "false",
    }
    if not torch.cuda.is_available():
        environment["ACCELERATE_USE_CPU"] = "true"
    elif settings.processes == 1:  # TRL refuses to split a batch among GPUs within a process
        environment["CUDA_VISIBLE_DEVICES"] = os.environ.get("CUDA_VISIBLE_DEVICES", "0").split(",")[0]
    return environment


def _raise(job: Job, status: int, failures: list[tuple[str, str]], log: Path) -> None:
    """Raise what went wrong: what a process said of itself, else what the log ends with."""
    text = log.read_text(errors="replace")[-LOOKED_THROUGH:]
    tokens = job.settings.tokens_per_batch
    kind, said = failures[0] if failures else ("", "")
    if kind == "memory":
        raise training_ran_out(said, tokens)
    if line := saying(text):
        raise training_ran_out(line, tokens)
    if kind == "checkpoint":
        raise checkpoint.BadCheckpoint(said)
    if kind == "diverged":
        raise Diverged(said)
    if kind == "value":
        raise ValueError(said)
    if status == -9 or any(sign in text for sign in KILLED):
        raise training_ran_out("nothing; signal 9 ended it, as Linux does when memory runs out", tokens)
    last = "\n".join(text.splitlines()[-LAST_LINES:])
    raise WorkFailed(f"the trainer ended with status {status}; {log} ends with\n{last}")
