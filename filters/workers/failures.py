"""How work in a worker can fail without saying anything about the text."""


class WorkerFailure(Exception):
    """A worker gave no answer: our failure, which says nothing about the text.

    ```
    WorkerFailure
    ├── TimedOut       the wall limit was over
    ├── OutOfMemory    the memory limit was reached
    └── WorkerDied     the work killed two workers, by a segmentation fault or by the kernel's hand
    ```
    """

    reason: str  # a short code for verdicts


class TimedOut(WorkerFailure):
    """The work was not done at the wall limit."""

    reason = "timed_out"


class OutOfMemory(WorkerFailure):
    """The work asked for more than its memory limit."""

    reason = "out_of_memory"


class WorkerDied(WorkerFailure):
    """The work killed its worker, and the next one too."""

    reason = "worker_died"
