"""The settings of a run: sections of a TOML file, every key with a default and a rule."""

from pathlib import Path
from typing import Annotated, Literal, Self
from urllib.parse import urlsplit

from pydantic import BaseModel, ConfigDict, Field, PositiveInt, field_validator, model_validator

from generators import FAMILIES, family_named

SHIPPED_BASE = Path(__file__).parents[1] / "policy" / "tiny"
EngineName = Literal["transformers", "vllm", "server"]


class _Section(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, strict=True, allow_inf_nan=False)


class PolicyConfig(_Section):
    """The checkpoint to start from and how to sample from it."""

    base: str = Field("tiny", description="'tiny' is the shipped base; else a checkpoint folder")
    engine: EngineName = Field("transformers", description="what draws the samples")
    temperature: float = Field(0.8, gt=0, le=2, description="of practice; held-out evaluation is greedy")
    top_p: float = Field(
        1.0, gt=0, le=1, description="practice draws from the likeliest tokens that have so much"
    )
    max_new_tokens: PositiveInt = Field(224, description="what is cut off there has no answer")
    instruction: str = Field("", description="follows every question in the prompt")
    logprobs: bool = Field(False, description="store how likely each sample's tokens were")
    engines: PositiveInt = Field(
        1, description="a GPU each (without GPUs a core), by Ray where more than one"
    )
    while_training: Literal["keep", "rest"] = Field(
        "keep", description="'rest' leaves the device's memory to the trainer, by turns"
    )

    @model_validator(mode="after")
    def _has_engines_of_its_own(self) -> Self:
        if self.engine == "server" and self.engines > 1:
            raise ValueError(
                f"a server spreads its own work: engine = 'server' has engines = 1, not {self.engines}"
            )
        return self

    @property
    def folder(self) -> Path:
        return SHIPPED_BASE if self.base == "tiny" else Path(self.base).resolve()


class TransformersConfig(_Section):
    """The transformers engine."""

    concurrent: PositiveInt = Field(336, description="samples under way at a time")


class VllmConfig(_Section):
    """The vLLM engine."""

    memory_share: float = Field(0.9, gt=0, le=1, description="of the GPU, weights and KV cache together")
    context: PositiveInt | None = Field(None, description="tokens, at most the checkpoint's own")
    concurrent: PositiveInt = Field(256, description="samples under way at a time")


class ServerConfig(_Section):
    """A server that speaks the OpenAI protocol. Its key comes from the environment alone."""

    url: str = Field("http://127.0.0.1:8000/v1", description="up to what stands before /models")
    model: str = Field("", description="as the server calls it; '' is the only one that it serves")
    api: Literal["completions", "chat"] = Field(
        "completions",
        description="'completions' sends our prompts as tokens; 'chat' leaves them to the server",
    )
    weights: Literal["vllm", "lora", "fixed"] = Field(
        "vllm", description="how the server gets a round's checkpoint; 'fixed' keeps the base"
    )
    concurrent: PositiveInt = Field(64, description="requests under way at a time")
    timeout_s: float = Field(600.0, gt=0, description="for one request")
    patience_s: float = Field(600.0, gt=0, description="how long nothing may work, before the run gives up")
    key_variable: str = Field("OPENAI_API_KEY", description="the environment variable that holds the key")

    @field_validator("url")
    @classmethod
    def _bare(cls, url: str) -> str:
        parts = urlsplit(url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise ValueError("a server is http(s)://host:port/v1")
        if parts.username or parts.password or parts.query:
            raise ValueError("a url holds no key and no password; those come from the environment")
        return url.rstrip("/")


class CurriculumConfig(_Section):
    """What to practise: families with their lowest and highest level, and how much of it a round."""

    families: dict[str, Annotated[tuple[int, int], Field(strict=False)]] = Field(
        default_factory=lambda: {name: (1, family.top_level) for name, family in FAMILIES.items()},
        min_length=1,
        description="each with its lowest and highest level",
    )
    problems: PositiveInt = Field(256, description="drawn a round")
    draws: PositiveInt = Field(8, description="samples a problem")
    stopping: Literal["none", "agreement"] = Field(
        "none",
        description="'agreement' draws no more of a problem once its answers agree (Adaptive-Consistency)",
    )
    keep_per_problem: PositiveInt = Field(4, description="right samples that may train, of each problem")
    keep_per_mastered_cell: PositiveInt = Field(16, description="of a level that is mastered, in all")

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

    steps: PositiveInt = Field(150, description="of the optimizer")
    learning_rate: float = Field(3e-4, gt=0, description="its peak; a cosine leads down to a tenth")
    tokens_per_batch: PositiveInt = Field(4096, description="padding included")
    optimizer: Literal["adamw", "muon"] = Field("adamw", description="'muon' for the hidden matrices alone")
    trainer: Literal["builtin", "trl"] = Field("builtin", description="'trl' needs the extra `train`")
    method: Literal["full", "lora"] = Field("full", description="all weights, or an adapter")
    lora_rank: PositiveInt = Field(16, description="of the adapter")
    processes: PositiveInt = Field(1, description="more than one share the weights by FSDP, a GPU each")
    objective: Literal["sft", "dpo"] = Field(
        "sft", description="'dpo' learns from pairs of a right and a wrong solution"
    )
    dpo_beta: float = Field(0.1, gt=0, description="how strongly DPO holds the policy to what it was")
    dpo_nll: float = Field(1.0, ge=0, description="weight of the right solution's own likelihood beside DPO")

    @model_validator(mode="after")
    def _has_what_it_needs(self) -> Self:
        if self.trainer == "trl" and self.optimizer != "adamw":
            raise ValueError("trainer = 'trl' has optimizer = 'adamw', not 'muon'")
        for asked, rule in (
            (self.method == "lora", "method = 'lora'"),
            (self.processes > 1, f"processes = {self.processes}"),
            (self.objective == "dpo", "objective = 'dpo'"),
        ):
            if asked and self.trainer == "builtin":
                raise ValueError(f"{rule} needs trainer = 'trl', not 'builtin'")
        return self


class EvaluationConfig(_Section):
    """The fixed held-out problems on which checkpoints are compared."""

    problems_per_cell: PositiveInt = Field(24, description="of each family and level")


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

    seed: int = Field(0, ge=0, description="of all that is drawn by chance")
    rounds: PositiveInt = Field(5, description="that the home shall have in all")
    policy: PolicyConfig = PolicyConfig()
    transformers: TransformersConfig = TransformersConfig()
    vllm: VllmConfig = VllmConfig()
    server: ServerConfig = ServerConfig()
    curriculum: CurriculumConfig = CurriculumConfig()
    training: TrainingConfig = TrainingConfig()
    evaluation: EvaluationConfig = EvaluationConfig()
    judging: JudgingConfig = JudgingConfig()
    overlap: OverlapConfig = OverlapConfig()

    @model_validator(mode="after")
    def _fits_together(self) -> Self:
        """What would else be found out hours later, at the first candidate."""
        lora = self.training.method == "lora"
        if self.policy.engine == "server":
            if self.server.weights == "vllm" and lora:
                raise ValueError("an adapter reaches a server by server.weights = 'lora', not 'vllm'")
            if self.server.weights == "lora" and not lora:
                raise ValueError("server.weights = 'lora' needs training.method = 'lora', not 'full'")
            if self.server.api == "chat" and self.judging.guess_tries:
                raise ValueError(
                    "guesses begin the answer: judging.guess_tries needs server.api = 'completions'"
                )
        if self.policy.engine == "vllm" and lora and self.training.lora_rank > 512:
            raise ValueError(f"vLLM draws from adapters of rank 512 at most, not {self.training.lora_rank}")
        return self

    def evaluation_files(self) -> list[Path]:
        return [Path(file) for file in self.overlap.evaluation_files]
