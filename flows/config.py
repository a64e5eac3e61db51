"""What a run is told: a TOML file, checked whole before anything is written.

Every key has a default, so a config file says only what is different.
"""

import tomllib
from pathlib import Path
from typing import Annotated, Literal

import tomli_w
from pydantic import BaseModel, ConfigDict, Field, PositiveInt, ValidationError, field_validator

from curriculum.errors import InputError
from generators import FAMILIES, family_named

SHIPPED_BASE = Path(__file__).parents[1] / "policy" / "tiny"
EngineName = Literal["transformers"]


class BadConfig(InputError):
    """The config file cannot be used; the message names file and key, and states the rule."""


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class PolicyConfig(_Section):
    """The checkpoint to start from and how to sample from it."""

    base: str = Field("tiny", description="'tiny' is the shipped base; else a checkpoint folder")
    engine: EngineName = "transformers"
    temperature: float = Field(0.8, gt=0, le=2, description="of practice; held-out evaluation is greedy")
    top_p: float = Field(1.0, gt=0, le=1)
    max_new_tokens: PositiveInt = 224
    instruction: str = Field("", description="follows every question in the prompt")

    @property
    def folder(self) -> Path:
        return SHIPPED_BASE if self.base == "tiny" else Path(self.base)


class CurriculumConfig(_Section):
    """What to practise: families with their lowest and highest level, and how much of it a round."""

    families: dict[str, Annotated[tuple[int, int], Field(strict=False)]] = Field(
        default_factory=lambda: {name: (1, family.top_level) for name, family in FAMILIES.items()},
        min_length=1,
    )
    problems: PositiveInt = Field(256, description="drawn a round")
    draws: PositiveInt = Field(8, description="samples a problem")
    keep_per_problem: PositiveInt = 4
    keep_per_mastered_cell: PositiveInt = 16

    @field_validator("families")
    @classmethod
    def _known(cls, families: dict[str, tuple[int, int]]) -> dict[str, tuple[int, int]]:
        for name, (lowest, highest) in families.items():
            top = family_named(name).top_level
            for level in (lowest, highest):
                if not 1 <= level <= top:
                    raise ValueError(f"{name} has levels 1 to {top}, not {level}")
            if lowest > highest:
                raise ValueError(f"{name} takes [lowest, highest], not [{lowest}, {highest}]")
        return families


class TrainingConfig(_Section):
    """One round's fine-tune."""

    steps: PositiveInt = 150
    learning_rate: float = Field(3e-4, gt=0)
    tokens_per_batch: PositiveInt = Field(4096, description="padding included")
    optimizer: Literal["adamw", "muon"] = "adamw"


class EvaluationConfig(_Section):
    """The fixed held-out problems on which checkpoints are compared."""

    problems_per_cell: PositiveInt = 24


class JudgingConfig(_Section):
    """What judging may do, and whether the answers of new problems are guessed at first."""

    unsandboxed_programs: bool = Field(
        False, description="run model-written programs without bubblewrap: dangerous"
    )
    guess_tries: Annotated[int, Field(ge=0)] = Field(
        0, description="tries without reasoning on each new problem; one right try keeps it out of training"
    )


class OverlapConfig(_Section):
    """What training must not touch, beside the held-out problems."""

    evaluation_files: Annotated[tuple[str, ...], Field(strict=False)] = Field(
        (), description="JSONL or Parquet with the columns of an import; paths from where the run starts"
    )


class Config(_Section):
    """A whole run."""

    seed: Annotated[int, Field(ge=0)] = 0
    rounds: PositiveInt = 5
    policy: PolicyConfig = PolicyConfig()
    curriculum: CurriculumConfig = CurriculumConfig()
    training: TrainingConfig = TrainingConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    judging: JudgingConfig = JudgingConfig()
    overlap: OverlapConfig = OverlapConfig()

    def evaluation_files(self) -> list[Path]:
        return [Path(file) for file in self.overlap.evaluation_files]


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
    unfinished.write_text(tomli_w.dumps(config.model_dump(mode="json")))
    unfinished.rename(file)


def differences(ours: Config, theirs: Config) -> list[str]:
    """The keys, save `rounds`, in which two configs differ: `key is A, not B`."""
    mine, other = _flat(ours.model_dump(mode="json")), _flat(theirs.model_dump(mode="json"))
    return [
        f"{key} is {mine.get(key)!r}, not {other.get(key)!r}"
        for key in sorted(mine.keys() | other.keys())
        if key != "rounds" and mine.get(key) != other.get(key)
    ]


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
