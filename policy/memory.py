"""Running out of memory, told by what to lower."""

import torch

from curriculum.errors import WorkFailed

# What CUDA, torch and oneDNN on a CPU, Python, C++ and the launcher of several processes say of it.
SAYINGS = (
    "out of memory",
    "can't allocate memory",
    "Cannot allocate memory",
    "not enough memory",
    "MemoryError",
    "std::bad_alloc",
    "could not create a primitive",  # oneDNN, which found no room to work in
)
# Linux ends a process so when memory runs out, and says nothing.
KILLED = ("exitcode  : -9", "exitcode: -9", "SIGKILL")


# vLLM 0.32, which looks at a GPU's memory before it takes its share.
SHORT = (
    "Free memory on device",
    "No available memory for the cache blocks",
    "larger than the available KV cache",
)


ELSEWHERE = "Engine core initialization failed"  # all that is heard of an engine in a process of its own


class OutOfMemory(WorkFailed):
    """The work did not fit into memory; the message says what to lower, and quotes who said so."""


def training_ran_out(said: str, tokens_per_batch: int) -> OutOfMemory:
    return OutOfMemory(
        f"training ran out of memory: lower training.tokens_per_batch, which is {tokens_per_batch}; if that does"
        " not help, take more training.processes, a GPU each (with training.trainer = 'trl'), or in another home"
        " training.method = 'lora'. Beside an engine on one GPU, policy.while_training = 'rest' or a smaller"
        f" vllm.memory_share leaves more room. It said: {said}"
    )


def sampling_ran_out(said: str, concurrent: int) -> OutOfMemory:
    return OutOfMemory(
        f"sampling ran out of memory: lower transformers.concurrent, which is {concurrent}."
        f" It said: {said.partition(chr(10))[0]}"
    )


def vllm_is_short(said: str, memory_share: float, context: int | None) -> OutOfMemory:
    return OutOfMemory(
        "vLLM did not start. It needs memory for the weights and for one whole context: if that is short, change"
        f" vllm.memory_share, which is {memory_share}, lower vllm.context, which is"
        f" {context or 'that of the checkpoint'}, or end what else is on the GPU. It said: {said.partition(chr(10))[0]}"
    )


def is_short(error: BaseException) -> bool:
    """Whether vLLM did not start for lack of memory, or did not in another process, where that is the likeliest."""
    return ran_out(error) or any(words in str(error) for words in (*SHORT, ELSEWHERE))


def ran_out(error: BaseException) -> bool:
    """Whether the error says that memory ran out."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and saying(str(error)) is not None
    )


def saying(text: str) -> str | None:
    """The first line that says that memory ran out, if one does."""
    return next((line.strip() for line in text.splitlines() if any(s in line for s in SAYINGS)), None)
