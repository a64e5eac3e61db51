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


class OutOfMemory(WorkFailed):
    """Training did not fit into memory; the message says what to lower, and quotes who said so."""

    def __init__(self, said: str, tokens_per_batch: int) -> None:
        super().__init__(
            f"training ran out of memory: lower training.tokens_per_batch, which is {tokens_per_batch}; if that does"
            " not help, take training.method = 'lora', then more training.processes, a GPU each"
            " (the last two need training.trainer = 'trl'). Beside vLLM on one GPU, policy.while_training = 'rest' or a"
            f" smaller vllm.memory_share leaves more room. It said: {said}"
        )


def ran_out(error: BaseException) -> bool:
    """Whether the error says that memory ran out."""
    return isinstance(error, torch.OutOfMemoryError | MemoryError) or (
        isinstance(error, RuntimeError) and saying(str(error)) is not None
    )


def saying(text: str) -> str | None:
    """The first line that says that memory ran out, if one does."""
    return next((line.strip() for line in text.splitlines() if any(s in line for s in SAYINGS)), None)
