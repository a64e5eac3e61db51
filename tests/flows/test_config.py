"""A config that cannot be played is refused in words, with its file and key."""

import re
from pathlib import Path

import pytest

from flows import config, running
from flows.config_text import config_text
from flows.settings import Config, CurriculumConfig, VllmConfig

BAD = {
    "rounds = '5'": "rounds: input should be a valid integer, not '5'",
    "round = 5": "round: there is no such key; the keys here are seed, rounds",
    "[training]\nsteps = 0": "training.steps: input should be greater than 0, not 0",
    "[training]\nstepz = 9": "training.stepz: there is no such key; the keys here are steps",
    "[curriculum]\nfamilies = { gcb = [1, 2] }": "curriculum.families: families are chain_sums",
    "[curriculum]\nfamilies = { gcd = [1, 13] }": "curriculum.families: gcd has levels 1 to 12, not 13",
    "[curriculum]\nfamilies = { gcd = [3, 2] }": "gcd takes [lowest, highest], not [3, 2]",
    "[curriculum]\nfamilies = {}": "curriculum.families",
    "[policy]\nengine = 'abacus'": "policy.engine: input should be 'transformers', 'vllm' or 'server', not 'abacus'",
    "[policy]\nengine = 'server'\nengines = 2": "policy: a server spreads its own work: engine = 'server' has",
    "[policy]\nengine = 'server'\n[training]\ntrainer = 'trl'\nmethod = 'lora'": "an adapter reaches a server by",
    "[policy]\nengine = 'server'\n[server]\nweights = 'lora'": "needs training.method = 'lora'",
    "[policy]\nengine = 'server'\n[server]\napi = 'chat'\n[judging]\nguess_tries = 4": "guess_tries needs server.api",
    "[policy]\nengine = 'vllm'\n[training]\ntrainer = 'trl'\nmethod = 'lora'\nlora_rank = 600": "at most, not 600",
    "[training]\nmethod = 'lora'": "training: method = 'lora' needs trainer = 'trl', not 'builtin'",
    "[training]\nprocesses = 2": "training: processes = 2 needs trainer = 'trl', not 'builtin'",
    "[training]\nobjective = 'dpo'": "training: objective = 'dpo' needs trainer = 'trl', not 'builtin'",
    "[training]\ntrainer = 'trl'\noptimizer = 'muon'": "training: trainer = 'trl' has optimizer = 'adamw', not 'muon'",
    "[overlap]\nevaluation_files = 'test.jsonl'": "overlap.evaluation_files: input should be a valid tuple",
    "[overlap]\nevaluation_files = [3]": "overlap.evaluation_files.0: input should be a valid string, not 3",
    "[server]\nurl = 'http://me:secret@host/v1'": "server.url: a url holds no key and no password; those come from",
    "[server]\nurl = 'host:8000'": "server.url: a server is http(s)://host:port/v1",
    "[policy": "a config is TOML",
}


ONE_OF_EACH = config._flat(
    Config(vllm=VllmConfig(context=1), curriculum=CurriculumConfig(families={"gcd": (1, 2)})).model_dump()
)


@pytest.mark.parametrize(("text", "told"), BAD.items())
def test_a_bad_config_names_file_key_and_rule(text: str, told: str, tmp_path: Path) -> None:
    file = tmp_path / "bad.toml"
    file.write_text(text)
    with pytest.raises(config.BadConfig) as caught:
        config.read(file)
    assert str(file) in str(caught.value)
    assert told in str(caught.value)


def test_a_missing_config_is_named(tmp_path: Path) -> None:
    with pytest.raises(config.BadConfig, match=r"none\.toml: a config is a readable TOML file"):
        config.read(tmp_path / "none.toml")


def test_a_config_survives_being_written(tmp_path: Path) -> None:
    given = Config(seed=3, curriculum=CurriculumConfig(families={"gcd": (2, 5)}))
    config.write(given, tmp_path / "config.toml")
    assert config.read(tmp_path / "config.toml") == given


def test_differences_are_named_by_key() -> None:
    ours = Config(seed=1, vllm=VllmConfig(memory_share=0.5, context=64))
    assert config.differences(ours, ours) == {}
    found = config.differences(ours, Config(seed=2))
    assert found == {"seed": "1, not 2", "vllm.memory_share": "0.5, not 0.9", "vllm.context": "64, not None"}


def test_a_home_lets_change_what_it_works_with_and_keeps_what_it_does(tmp_path: Path) -> None:
    home, file = tmp_path / "home", tmp_path / "config.toml"
    home.mkdir()
    config.write(Config(), home / "config.toml")
    file.write_text(
        "[training]\ntokens_per_batch = 64\n[vllm]\ncontext = 99\n[server]\nurl = 'http://other:1/v1'"
    )
    _, changed = running.resolve(home, file, 9, None)
    assert (changed.training.tokens_per_batch, changed.vllm.context, changed.rounds) == (64, 99, 9)
    file.write_text("[training]\ntokens_per_batch = 64\nsteps = 9")
    with pytest.raises(config.BadConfig, match=r"keeps what decides .*; training.steps is 9, not"):
        running.resolve(home, file, None, None)


def test_what_may_change_is_a_key() -> None:
    assert ONE_OF_EACH.keys() >= config.MAY_CHANGE


@pytest.mark.parametrize("example", sorted((Path(__file__).parents[2] / "examples").glob("*.toml")), ids=str)
def test_the_examples_are_good_configs(example: Path) -> None:
    assert config.read(example).rounds >= 1


def test_the_config_that_is_printed_is_the_default_and_explains_every_key(tmp_path: Path) -> None:
    (tmp_path / "printed.toml").write_text(text := config_text())
    assert config.read(tmp_path / "printed.toml") == Config()
    lines = text.splitlines()
    keys = [
        number for number, line in enumerate(lines) if re.match(r"(# )?\w+ =|families\.chain_sums = ", line)
    ]
    assert len(keys) == len(ONE_OF_EACH)
    assert all(re.match(r"# (\* )?\S", lines[number - 1]) for number in keys)
    assert "# * of the GPU, weights and KV cache together\nmemory_share = 0.9\n" in text
