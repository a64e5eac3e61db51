"""TRL in processes of its own: the built-in trainer's steps, adapters, shards, pairs, and what goes wrong."""

import json
import os
import shutil
import subprocess
import sys
import textwrap
import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
import torch
from safetensors.torch import load_file

from curriculum.errors import WorkFailed
from generators import FAMILIES
from policy import checkpoint, finetune, training, trl_finetune
from policy.prompts import completion_tokens, prompt_tokens
from policy.training import Step, TrainingSettings
from policy.trl_settings import TrlSettings

pytest.importorskip("trl", reason="the extra `train` is not installed")

FAMILY = FAMILIES["chain_sums"]
PROBLEMS = [FAMILY.generate(1, seed) for seed in range(24)]
RIGHT = [FAMILY.reference(problem) for problem in PROBLEMS]
WRONG = [f"{text[:-1]}{(int(text[-1]) + 1) % 10}" for text in RIGHT]
STEPS: dict[str, Any] = {"steps": 5, "learning_rate": 3e-3, "tokens_per_batch": 400, "seed": 3}
KEPT_TO_THE_END = {
    "adapter_config.json",
    "adapter_model.safetensors",
    "tokenizer.json",
    "generation_config.json",
}


# What somebody answered to `accelerate config` for work of another kind, on other machines.
ELSEWHERE = """
compute_environment: LOCAL_MACHINE
distributed_type: FSDP
num_machines: 2
num_processes: 16
machine_rank: 1
main_process_ip: 203.0.113.7
main_process_port: 29555
mixed_precision: fp16
debug: true
gpu_ids: "6,7"
fsdp_config:
  fsdp_version: 1
  fsdp_auto_wrap_policy: SIZE_BASED_WRAP
  fsdp_transformer_layer_cls_to_wrap: NoSuchLayer
  fsdp_offload_params: true
dynamo_config:
  dynamo_backend: TENSORRT
"""


class Killed(Exception):
    pass


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """float32 everywhere, so that trainers can be compared."""
    for room in (checkpoint, training):
        monkeypatch.setattr(room, "compute_dtype", lambda: torch.float32)


@pytest.fixture
def rows(tmp_path: Path) -> Path:
    """Weights differ, so that they show in the loss."""
    columns = {
        "prompt": [problem.question for problem in PROBLEMS],
        "completion": RIGHT,
        "weight": [1.0 + i % 3 for i in range(len(PROBLEMS))],
    }
    pq.write_table(pa.table(columns), tmp_path / "rows.parquet")
    return tmp_path / "rows.parquet"


@pytest.fixture
def configured_elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """`accelerate launch` finds a user's own config, in a home of Hugging Face's of this test's own."""
    monkeypatch.setenv("HF_HOME", str(tmp_path / "hugging_face"))
    (tmp_path / "hugging_face" / "accelerate").mkdir(parents=True)
    (tmp_path / "hugging_face" / "accelerate" / "default_config.yaml").write_text(ELSEWHERE)


@pytest.fixture(scope="module")
def single(chat_checkpoint: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[list[Step], Path]:
    """All weights, in one process, undisturbed: curve and folder."""
    folder = tmp_path_factory.mktemp("single")
    with pytest.MonkeyPatch.context() as patched:
        exact.__wrapped__(patched)  # type: ignore[attr-defined]
        file = rows.__wrapped__(folder)  # type: ignore[attr-defined]
        return trl_finetune.finetune(
            file, chat_checkpoint, folder / "out", TrlSettings(**STEPS)
        ), folder / "out"


def losses(curve: list[Step]) -> list[float]:
    return [step.loss for step in curve]


def furthest(one: Path, other: Path, file: str = "model.safetensors") -> float:
    """The largest difference between two checkpoints' weights."""
    mine, theirs = load_file(one / file), load_file(other / file)
    assert mine.keys() == theirs.keys()
    return max(float((mine[name] - theirs[name]).abs().max()) for name in mine)


def killed_at(step: int) -> Callable[[Step], None]:
    def on_step(done: Step) -> None:
        if done.step == step:
            raise Killed

    return on_step


def test_it_takes_the_steps_of_the_builtin_trainer(
    rows: Path, chat_checkpoint: Path, tmp_path: Path, single: tuple[list[Step], Path]
) -> None:
    curve, folder = single
    builtin = finetune.finetune(rows, chat_checkpoint, tmp_path / "builtin", TrainingSettings(**STEPS))
    assert [step.tokens for step in curve] == [step.tokens for step in builtin]
    assert losses(curve)[0] == pytest.approx(losses(builtin)[0], rel=1e-5)
    assert losses(curve) == pytest.approx(losses(builtin), rel=1e-4)
    assert furthest(folder, tmp_path / "builtin") < 0.002 * furthest(folder, chat_checkpoint)
    record = json.loads((folder / "training.json").read_text())
    assert record["settings"]["learning_rate"] == 3e-3
    assert record["settings"]["method"] == "full"
    assert [row["step"] for row in record["curve"]] == list(range(5))
    for name in ("generation_config.json", "tokenizer.json", "chat_template.jinja"):
        assert (folder / name).read_bytes() == (tmp_path / "builtin" / name).read_bytes()
    assert json.loads((folder / "config.json").read_text()) == json.loads(
        (tmp_path / "builtin" / "config.json").read_text()
    )
    assert not list(folder.parent.glob("out.*"))


def test_two_processes_that_share_the_weights_come_to_the_same_checkpoint(
    rows: Path,
    chat_checkpoint: Path,
    tmp_path: Path,
    single: tuple[list[Step], Path],
    configured_elsewhere: None,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """FSDP by `accelerate launch`, killed on its way, whatever else its user runs by accelerate."""
    monkeypatch.setattr(training, "SAVE_EVERY_S", -1.0)
    settings = TrlSettings(**STEPS, processes=2)
    with pytest.raises(Killed):
        trl_finetune.finetune(rows, chat_checkpoint, tmp_path / "out", settings, killed_at(3))
    steps: list[int] = []
    curve = trl_finetune.finetune(
        rows, chat_checkpoint, tmp_path / "out", settings, lambda done: steps.append(done.step)
    )
    assert 0 < steps[0] <= 4
    assert steps == list(range(steps[0], 5))
    assert losses(curve) == pytest.approx(losses(single[0]), rel=1e-4)
    assert furthest(tmp_path / "out", single[1]) < 0.002 * furthest(single[1], chat_checkpoint)
    config = json.loads((tmp_path / "out" / "config.json").read_text())
    assert config == json.loads((single[1] / "config.json").read_text())


def test_a_killed_run_goes_on_to_the_same_result(
    rows: Path,
    chat_checkpoint: Path,
    tmp_path: Path,
    single: tuple[list[Step], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """Killed once, and the newest of its states torn: that one is passed over."""
    monkeypatch.setattr(training, "SAVE_EVERY_S", -1.0)
    with pytest.raises(Killed):
        trl_finetune.finetune(rows, chat_checkpoint, tmp_path / "cut", TrlSettings(**STEPS), killed_at(3))
    states = sorted((tmp_path / "cut.resume").glob("checkpoint-*/whole"))
    assert states
    torn = tmp_path / "cut.resume" / "checkpoint-99"
    torn.mkdir()
    (torn / "model.safetensors").write_bytes(b"half")
    steps: list[int] = []
    curve = trl_finetune.finetune(
        rows, chat_checkpoint, tmp_path / "cut", TrlSettings(**STEPS), lambda done: steps.append(done.step)
    )
    assert 0 < steps[0] <= 4
    assert losses(curve) == losses(single[0])
    assert checkpoint.digest(tmp_path / "cut") == checkpoint.digest(single[1])
    assert not (tmp_path / "cut.resume").exists()


def test_an_adapter_is_a_checkpoint_that_trains_on(rows: Path, chat_checkpoint: Path, tmp_path: Path) -> None:
    base = shutil.copytree(chat_checkpoint, tmp_path / "base")
    before = checkpoint.digest(base)
    lora = TrlSettings(**STEPS | {"learning_rate": 1e-2}, method="lora", lora_rank=4)
    curve = trl_finetune.finetune(rows, base, tmp_path / "one", lora)
    assert {file.name for file in (tmp_path / "one").iterdir()} > KEPT_TO_THE_END
    assert not (tmp_path / "one" / "model.safetensors").exists()
    assert checkpoint.digest(base) == before
    assert checkpoint.base_folder(tmp_path / "one") == base.resolve()
    again = trl_finetune.finetune(rows, tmp_path / "one", tmp_path / "two", lora)
    assert checkpoint.base_folder(tmp_path / "two") == base.resolve()
    assert losses(again)[0] < losses(curve)[0] - 0.1  # the same batch: it went on from the first adapter
    builtin = finetune.finetune(rows, tmp_path / "one", tmp_path / "merged", TrainingSettings(**STEPS))
    assert losses(again)[0] == pytest.approx(losses(builtin)[0], rel=1e-4)  # and merging adds up to the same
    digests = {checkpoint.digest(tmp_path / name) for name in ("one", "two", "base")}
    assert len(digests) == 3
    with pytest.raises(checkpoint.BadCheckpoint, match="at its own rank, 4, not 8"):
        checkpoint.load_trainable(tmp_path / "one", torch.float32, 8)
    shutil.rmtree(base)
    with pytest.raises(
        checkpoint.BadCheckpoint, match=r"one: the base of an adapter stays where it was, .*base"
    ):
        checkpoint.check(tmp_path / "one")


def test_two_processes_train_an_adapter_on_to_the_same_one(
    rows: Path, chat_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A second round of LoRA with the base shared by FSDP, killed on its way."""
    monkeypatch.setattr(training, "SAVE_EVERY_S", -1.0)
    lora = TrlSettings(**STEPS | {"learning_rate": 1e-2}, method="lora", lora_rank=4)
    first, alone, shared = tmp_path / "first", tmp_path / "alone", tmp_path / "shared"
    trl_finetune.finetune(rows, chat_checkpoint, first, lora)
    expected = trl_finetune.finetune(rows, first, alone, lora)
    with pytest.raises(Killed):
        trl_finetune.finetune(rows, first, shared, replace(lora, processes=2), killed_at(3))
    steps: list[int] = []
    curve = trl_finetune.finetune(
        rows, first, shared, replace(lora, processes=2), lambda done: steps.append(done.step)
    )
    assert 0 < steps[0] <= 4
    assert losses(curve) == pytest.approx(losses(expected), rel=1e-4)
    weights = "adapter_model.safetensors"
    assert furthest(shared, alone, weights) < 0.002 * furthest(alone, first, weights)
    assert {file.name for file in shared.iterdir()} == {file.name for file in alone.iterdir()}
    assert checkpoint.base_folder(shared) == checkpoint.base_folder(alone) == chat_checkpoint.resolve()


@pytest.mark.parametrize(
    "asked",
    [{"method": "lora"}, {"processes": 2}, {"method": "lora", "processes": 2}],
    ids=["lora", "fsdp", "lora-fsdp"],
)
def test_dpo_prefers_the_chosen(chat_checkpoint: Path, tmp_path: Path, asked: dict[str, object]) -> None:
    columns = {"prompt": [problem.question for problem in PROBLEMS], "chosen": RIGHT, "rejected": WRONG}
    pq.write_table(pa.table(columns), tmp_path / "pairs.parquet")
    settings = TrlSettings(**STEPS | {"tokens_per_batch": 900} | asked, objective="dpo", dpo_nll=0.0)
    curve = trl_finetune.finetune(tmp_path / "pairs.parquet", chat_checkpoint, tmp_path / "out", settings)
    assert losses(curve)[0] == pytest.approx(0.6931, abs=1e-3)  # log 2: the reference is the incumbent
    assert margin(tmp_path / "out") > margin(chat_checkpoint) + 1


@torch.no_grad()
def margin(folder: Path) -> float:
    """How much likelier the right solutions are than the wrong ones, in nats."""
    model, tokenizer = checkpoint.load(folder)
    prompts = prompt_tokens(tokenizer, [problem.question for problem in PROBLEMS])
    total = 0.0
    for texts, sign in ((RIGHT, 1), (WRONG, -1)):
        for prompt, completion in zip(prompts, completion_tokens(tokenizer, texts), strict=True):
            logits = model(torch.tensor([prompt + completion])).logits[0, len(prompt) - 1 : -1]
            found = logits.log_softmax(-1).gather(1, torch.tensor(completion)[:, None])
            total += sign * float(found.sum())
    return total / len(PROBLEMS)


LIMITED = """
    import resource, sys
    from pathlib import Path
    from policy import finetune, trl_finetune
    from policy.training import TrainingSettings
    from policy.trl_settings import TrlSettings

    trainer, rows, incumbent, out = sys.argv[1], *map(Path, sys.argv[2:])
    resource.setrlimit(resource.RLIMIT_AS, (3 << 30, 3 << 30))
    if trainer == "trl":
        trl_finetune.finetune(rows, incumbent, out, TrlSettings(steps=1, learning_rate=1e-3, tokens_per_batch=10**9))
    else:
        finetune.finetune(rows, incumbent, out, TrainingSettings(steps=1, learning_rate=1e-3, tokens_per_batch=10**9))
"""


@pytest.mark.parametrize("trainer", ["builtin", "trl"])
def test_running_out_of_memory_says_what_to_lower(
    chat_checkpoint: Path, tmp_path: Path, trainer: str
) -> None:
    """A real limit of 3 GB, and a batch of a million tokens."""
    columns = {
        "prompt": [PROBLEMS[0].question] * 40_000,
        "completion": [RIGHT[0]] * 40_000,
        "weight": [1.0] * 40_000,
    }
    pq.write_table(pa.table(columns), tmp_path / "rows.parquet")
    arguments = [trainer, str(tmp_path / "rows.parquet"), str(chat_checkpoint), str(tmp_path / "out")]
    ended = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(LIMITED), *arguments],
        capture_output=True,
        text=True,
        check=False,
    )
    last = ended.stderr.strip().splitlines()[-1]
    assert last.startswith(
        "policy.memory.OutOfMemory: training ran out of memory: lower training.tokens_per_batch"
    ), ended.stderr
    assert "method = 'lora'" in last
    assert "allocate memory" in last or "could not create a primitive" in last  # whoever asked in vain
    assert not (tmp_path / "out").exists()


def test_what_else_goes_wrong_is_told(rows: Path, chat_checkpoint: Path, tmp_path: Path) -> None:
    pq.write_table(pa.table({"prompt": ["Add 1+2"], "completion": ["A: 3"]}), tmp_path / "no_weight.parquet")
    with pytest.raises(ValueError, match="weight"):
        trl_finetune.finetune(
            tmp_path / "no_weight.parquet", chat_checkpoint, tmp_path / "out", TrlSettings(**STEPS)
        )
    with pytest.raises(checkpoint.BadCheckpoint, match="gone"):
        trl_finetune.finetune(rows, tmp_path / "gone", tmp_path / "out", TrlSettings(**STEPS))
    assert not (tmp_path / "out").exists()


def test_a_trainer_that_dies_is_quoted(
    rows: Path, chat_checkpoint: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(
        trl_finetune,
        "_command",
        lambda job: [sys.executable, "-c", "raise SystemExit('the disk is on fire')"],
    )
    with pytest.raises(
        WorkFailed, match=r"ended with status 1; .*trainer\.log ends with\nthe disk is on fire"
    ):
        trl_finetune.finetune(rows, chat_checkpoint, tmp_path / "out", TrlSettings(**STEPS))
    monkeypatch.setattr(
        trl_finetune, "_command", lambda job: [sys.executable, "-c", "import os; os.kill(os.getpid(), 9)"]
    )
    with pytest.raises(WorkFailed, match=r"ran out of memory: lower .* which is 400.* signal 9"):
        trl_finetune.finetune(rows, chat_checkpoint, tmp_path / "out", TrlSettings(**STEPS))


ORPHANING = """
    import os, sys
    from pathlib import Path
    from policy import trl_finetune
    from policy.trl_settings import TrlSettings

    settings = TrlSettings(steps=10**6, learning_rate=1e-3, tokens_per_batch=400, processes=2)
    trl_finetune.finetune(*map(Path, sys.argv[1:]), settings, lambda step: print(step.step, flush=True))
"""


def test_the_trainer_leaves_when_we_are_killed(rows: Path, chat_checkpoint: Path, tmp_path: Path) -> None:
    arguments = [str(rows), str(chat_checkpoint), str(tmp_path / "out")]
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(ORPHANING), *arguments], stdout=subprocess.PIPE, text=True
    )
    assert parent.stdout is not None
    assert parent.stdout.readline() == "0\n"
    at_work = processes_with(str(tmp_path))
    assert len(at_work) == 4  # the parent, the launcher and two that train
    parent.kill()
    parent.wait()
    parent.stdout.close()
    deadline = time.monotonic() + 30
    while processes_with(str(tmp_path)) and time.monotonic() < deadline:
        time.sleep(0.1)
    assert processes_with(str(tmp_path)) == []


def processes_with(argument: str) -> list[int]:
    """Processes that were started with an argument that holds this one, zombies aside."""
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit() and int(entry.name) != os.getpid():
            try:
                if argument in (entry / "cmdline").read_text():
                    found.append(int(entry.name))
            except OSError:
                continue
    return found
