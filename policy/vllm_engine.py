"""Sampling with vLLM: in this process on a CPU, one engine process beside it on a GPU.

Samples leave as they finish, so they can be judged while others are still being written. Prompts and texts pass
through our own tokenizer, as with every engine; vLLM sees tokens alone and need not put texts together as it goes.
"""

import multiprocessing
import os
from collections import deque
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import torch
from vllm import SamplingParams
from vllm.engine.arg_utils import EngineArgs
from vllm.lora.request import LoRARequest
from vllm.model_executor.layers.vocab_parallel_embedding import VocabParallelEmbedding
from vllm.sampling_params import RequestOutputKind
from vllm.v1.engine.llm_engine import LLMEngine

from curriculum.records import Sample
from policy import checkpoint
from policy.engine import Request, Sampling, check_room
from policy.memory import is_short, vllm_is_short
from policy.outliving import EndedWithUs
from policy.prompts import request_tokens
from policy.transcripts import transcriber

ON_GPU = torch.cuda.is_available()
# Prompts are scheduled whole: vLLM turns a seeded generator back after a part of a prompt, which a CPU's cannot do.
CPU_ARGUMENTS = {"enforce_eager": True, "enable_chunked_prefill": False, "max_num_batched_tokens": 8192}
LORA_RANKS = (1, 8, 16, 32, 64, 128, 256, 320, 512)
CPU_ENVIRONMENT = {
    "VLLM_ENABLE_V1_MULTIPROCESSING": "0",  # 3-6 s to start instead of 24
    "VLLM_CPU_OMP_THREADS_BIND": "nobind",
    "VLLM_CPU_KVCACHE_SPACE": "2",  # GiB
}


@dataclass(frozen=True, slots=True)
class VllmSettings:
    """`memory_share` is of the GPU, weights and KV cache together; `concurrent` samples are under way at a time.

    `context` is in tokens, None for the checkpoint's own. With `sleeps`, `rest` frees the GPU's memory but keeps the
    engine; else it ends the engine, and the next `load` starts another. With a `lora_rank` policies may be adapters of
    that rank at most, to a base that stays.
    """

    memory_share: float = 0.9
    context: int | None = None
    concurrent: int = 256
    sleeps: bool = False
    lora_rank: int | None = None


class VllmEngine:
    """Draws from the checkpoint in `folder`. BadCheckpoint if it does not load, OutOfMemory if there is too little."""

    def __init__(
        self, policy: str, folder: Path, settings: VllmSettings, dtype: torch.dtype | None = None
    ) -> None:
        self._settings = settings
        self._dtype = dtype or checkpoint.compute_dtype()
        self._engine: LLMEngine | None = None
        self._asleep = False
        self._weights: Path | None = None
        self._adapter: LoRARequest | None = None
        self._numbered = self._adapters = 0
        self.load(policy, folder)

    def load(self, policy: str, folder: Path) -> None:
        checkpoint.check(folder)
        base = checkpoint.base_folder(folder)
        weights = base or folder
        held, self._weights = self._weights, None  # if this fails, it holds neither
        if self._engine is None:
            self._start(weights)
        elif self._asleep or weights != held:
            self._replace_weights(weights)
        self._weights = weights
        self._adapter = self._adapter_in(folder) if base else None
        self.policy = policy
        self._tokenizer = checkpoint.load_tokenizer(folder)
        self._stops = checkpoint.stop_tokens(folder, self._tokenizer)

    def _start(self, folder: Path) -> None:
        settings = self._settings
        if not ON_GPU:
            os.environ.update(CPU_ENVIRONMENT | os.environ)
        arguments = EngineArgs(
            model=str(folder),
            dtype=str(self._dtype).removeprefix("torch."),
            max_model_len=settings.context,
            max_num_seqs=settings.concurrent,
            gpu_memory_utilization=settings.memory_share,
            enable_prefix_caching=True,
            enable_sleep_mode=settings.sleeps and ON_GPU,
            enable_lora=settings.lora_rank is not None,
            max_lora_rank=_rank_of_vllm(settings.lora_rank or 1),
            skip_tokenizer_init=True,
            disable_log_stats=True,
            use_tqdm_on_load=False,
            **({} if ON_GPU else CPU_ARGUMENTS),
        )
        before = set(multiprocessing.active_children())
        try:
            self._engine = LLMEngine.from_engine_args(arguments)
        except Exception as error:  # of vLLM, torch or pydantic
            if is_short(error):
                raise vllm_is_short(str(error), settings.memory_share, settings.context) from error
            raise checkpoint.BadCheckpoint(f"{folder}: does not load in vLLM: {error}") from error
        others = set(multiprocessing.active_children()) - before
        self._outliving = EndedWithUs([process.pid for process in others if process.pid])  # none on a CPU
        self._context: int = self._engine.model_config.max_model_len

    def _replace_weights(self, folder: Path) -> None:
        assert self._engine is not None
        if self._asleep:
            self._engine.wake_up(tags=["weights"])
        self._engine.collective_rpc("reload_weights", kwargs={"weights_path": str(folder)})
        if self._asleep:
            self._engine.wake_up(tags=["kv_cache"])
            self._asleep = False
        if not ON_GPU:
            self._engine.apply_model(_pack_embeddings)
        self._engine.reset_prefix_cache()  # else known prompts would go on with the old weights' keys and values

    def _adapter_in(self, folder: Path) -> LoRARequest:
        """A number of its own for each, by which vLLM knows an adapter, and the prefixes that it cached with it."""
        if self._settings.lora_rank is None:
            raise checkpoint.BadCheckpoint(
                f"{folder}: an adapter is drawn from where the engine has a lora_rank"
            )
        self._adapters += 1
        return LoRARequest(f"adapter-{self._adapters}", self._adapters, str(folder))

    def rest(self) -> None:
        if self._settings.sleeps and ON_GPU and self._engine is not None:
            self._engine.sleep(level=2)  # the weights come anew with the next checkpoint
            self._asleep = True
        else:
            self.close()

    def close(self) -> None:
        if self._engine is not None:
            self._outliving.close()
            self._engine.engine_core.shutdown()
            self._engine = None

    def generate(self, requests: deque[Request], sampling: Sampling) -> Generator[Sample]:
        engine = self._engine
        if engine is None:
            raise ValueError("an engine at rest draws again after `load`")
        transcribe = transcriber(self.policy, self._tokenizer, self._stops, sampling)
        under_way: dict[str, Request] = {}
        try:
            while requests or under_way:
                # The scheduler never runs dry, and prompts are made many at a time.
                if requests and len(under_way) <= 1.5 * self._settings.concurrent:
                    room = 2 * self._settings.concurrent - len(under_way)
                    taken = [requests.popleft() for _ in range(min(room, len(requests)))]
                    self._submit(engine, taken, sampling, under_way)
                for output in engine.step():
                    [drawn] = output.outputs
                    logprob = drawn.cumulative_logprob if sampling.logprobs else None
                    yield transcribe(under_way.pop(output.request_id), drawn.token_ids, logprob)
        finally:
            if under_way:
                engine.abort_request(list(under_way))

    def _submit(
        self, engine: LLMEngine, taken: list[Request], sampling: Sampling, under_way: dict[str, Request]
    ) -> None:
        for request, prompt in zip(taken, request_tokens(self._tokenizer, taken, sampling), strict=True):
            check_room(self._context, len(prompt))
            self._numbered += 1
            name = str(self._numbered)
            parameters = SamplingParams(
                temperature=sampling.temperature,
                top_p=sampling.top_p,
                seed=request.seed,
                max_tokens=min(sampling.max_new_tokens, self._context - len(prompt)),
                stop_token_ids=self._stops,
                logprobs=0 if sampling.logprobs else None,
                detokenize=False,
                output_kind=RequestOutputKind.FINAL_ONLY,
                skip_clone=True,
            )
            engine.add_request(name, {"prompt_token_ids": prompt}, parameters, lora_request=self._adapter)
            under_way[name] = request


def _rank_of_vllm(rank: int) -> int:
    """The smallest of the ranks that vLLM has room for."""
    return next((most for most in LORA_RANKS if most >= rank), LORA_RANKS[-1])


def _pack_embeddings(model: torch.nn.Module) -> None:
    """On a CPU vLLM 0.32 multiplies by packed copies, and renews all but that of an output layer tied to the input."""
    for module in model.modules():
        if isinstance(module, VocabParallelEmbedding):
            module.quant_method.process_weights_after_loading(module)
