"""Which trainer a config asks for, and what is missing for it."""

from dataclasses import asdict
from pathlib import Path

import pytest

from flows import running, trainers
from flows.config import BadConfig
from flows.settings import TrainingConfig
from policy.training import TrainingSettings
from policy.trl_settings import TrlSettings


def test_without_the_extra_a_run_says_so_before_it_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(trainers, "find_spec", lambda name: None if name in ("trl", "peft") else True)
    file = tmp_path / "lora.toml"
    file.write_text("[training]\ntrainer = 'trl'\nmethod = 'lora'\n")
    with pytest.raises(BadConfig, match=r"trl, peft is not installed: pip install -e '\.\[train\]'"):
        running.play(tmp_path / "home", file, None, None)
    assert not (tmp_path / "home").exists()
    trainers.check(TrainingConfig())  # the built-in trainer needs none of it


def test_more_processes_than_gpus_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trainers, "find_spec", lambda name: True)
    monkeypatch.setattr("torch.cuda.device_count", lambda: 4)
    trainers.check(TrainingConfig(trainer="trl", processes=4))
    with pytest.raises(
        BadConfig, match=r"training\.processes: each takes a GPU, and of those there are 4, not 8"
    ):
        trainers.check(TrainingConfig(trainer="trl", processes=8))


def test_each_trainer_is_told_what_it_takes() -> None:
    builtin = trainers.settings(TrainingConfig(steps=7), seed=3)
    assert type(builtin) is TrainingSettings
    assert (builtin.steps, builtin.seed) == (7, 3)
    trl = trainers.settings(TrainingConfig(trainer="trl", method="lora", lora_rank=4, dpo_beta=0.3), seed=3)
    assert isinstance(trl, TrlSettings)
    assert {"method": "lora", "lora_rank": 4, "dpo_beta": 0.3, "processes": 1}.items() <= asdict(trl).items()
