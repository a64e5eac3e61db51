"""What a run is told: a TOML file, checked whole before anything is written.

Every key has a default, so a config file says only what is different.
"""

import tomllib
from pathlib import Path

import tomli_w
from pydantic import BaseModel, ValidationError

from curriculum.errors import InputError
from flows.settings import Config, PolicyConfig, VllmConfig

# How much of what is at hand a run uses, and what has to be lowered where training fails: each checkpoint's
# `training.json` has what it was made with. The other keys decide what is compared, and stay what they were.
MAY_CHANGE = frozenset(
    {
        "rounds",
        "policy.engines",
        "policy.while_training",
        "transformers.concurrent",
        *(f"vllm.{key}" for key in VllmConfig.model_fields),
        *(f"server.{key}" for key in ("url", "concurrent", "timeout_s", "patience_s", "key_variable")),
        "training.tokens_per_batch",
        "training.learning_rate",
        "training.processes",
    }
)


class BadConfig(InputError):
    """The config file cannot be used; the message names file and key, and states the rule."""


def read(file: Path) -> Config:
    """The config in `file`; BadConfig if it is missing, is not TOML, or breaks a rule."""
    try:
        return Config.model_validate(tomllib.loads(file.read_text()))
    except OSError as error:
        raise BadConfig(f"{file}: a config is a readable TOML file: {error.strerror}") from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise BadConfig(f"{file}: a config is TOML: {error}") from error
    except ValidationError as error:
        raise BadConfig("\n".join(f"{file}: {line}" for line in _explained(error))) from error


def with_engine(config: Config, engine: str) -> Config:
    """The config with another engine; BadConfig if there is none of that name."""
    try:
        policy = PolicyConfig.model_validate(config.policy.model_dump() | {"engine": engine})
    except ValidationError as error:
        raise BadConfig("\n".join(f"--{line}" for line in _explained(error))) from error
    return config.model_copy(update={"policy": policy})


def write(config: Config, file: Path) -> None:
    """The config as resolved, every default spelled out."""
    unfinished = file.with_suffix(".unfinished")
    unfinished.write_text(tomli_w.dumps(config.model_dump(mode="json", exclude_none=True)))
    unfinished.rename(file)


def differences(ours: Config, theirs: Config) -> dict[str, str]:
    """The keys in which two configs differ, each with `A, not B`."""
    mine, other = (_flat(config.model_dump(mode="json", exclude_none=True)) for config in (ours, theirs))
    return {
        key: f"{mine.get(key)!r}, not {other.get(key)!r}"
        for key in sorted(mine.keys() | other.keys())
        if mine.get(key) != other.get(key)
    }


def _flat(section: dict[str, object], prefix: str = "") -> dict[str, object]:
    flat: dict[str, object] = {}
    for key, value in section.items():
        flat |= _flat(value, f"{prefix}{key}.") if isinstance(value, dict) else {prefix + key: value}
    return flat


def _explained(error: ValidationError) -> list[str]:
    """A line a fault: key, rule, value."""
    lines = []
    for fault in error.errors():
        key = ".".join(str(part) for part in fault["loc"])
        if fault["type"] == "extra_forbidden":
            lines.append(f"{key}: there is no such key; {_keys_beside(fault['loc'])}")
        else:
            rule = fault["msg"].removeprefix("Value error, ")
            shown = "" if fault["type"] == "value_error" else f", not {fault['input']!r}"
            lines.append(f"{key}: {rule[0].lower() + rule[1:]}{shown}")
    return lines


def _keys_beside(location: tuple[int | str, ...]) -> str:
    section: type[BaseModel] = Config
    for part in location[:-1]:
        section = section.model_fields[str(part)].annotation  # type: ignore[assignment]
    return f"the keys here are {', '.join(section.model_fields)}"
