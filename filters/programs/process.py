"""One process of a model's program: what it is told, and what its answers and its end mean.

Each request has a number that cannot be guessed and that the answer must carry, so a result made up beforehand
or sent twice fits no later request.
"""

import secrets
import signal
from dataclasses import dataclass

from filters.programs.bubblewrap import SandboxFailed
from filters.programs.child import Child, Exceeded
from filters.programs.code_block import Place
from filters.programs.plain_data import Json, read_line
from filters.programs.spec import Spec

# What the harness may say of a program; all else that comes from inside is `forged`.
FAILURES = (
    "syntax_error",
    "no_entry_point",
    "raised",
    "exited",
    "memory_limit",
    "output_limit",
    "not_plain_data",
)


class Fault(Exception):
    """The program is wrong, and why: a reason to group by, and a detail."""

    def __init__(self, reason: str, detail: str = "") -> None:
        super().__init__(reason)
        self.reason, self.detail = reason, detail


@dataclass(frozen=True, slots=True)
class Job:
    """A program and its process, which may run until the deadline (on the monotonic clock)."""

    spec: Spec
    program: str
    place: Place
    child: Child
    deadline: float


def load(job: Job, stdin: str = "") -> None:
    """Compile the program under its limits. Raises Fault, `no_program` for a text that is none."""
    request: dict[str, object] = {
        "program": job.program,
        "entry_point": job.spec.entry_point,
        "stdin": stdin,
        "limits": job.spec.limits.of_process(),
    }
    try:
        told(job, request, "syntax")
    except Fault as fault:
        raise Fault("no_program") if job.place == "whole_text" else fault from None


def told(job: Job, request: dict[str, object], test: str) -> Json:
    """The value that the program gives. Raises Fault also if it ends instead."""
    answer = reply(job, request, test)
    if answer is None:
        check_status(job, test)
        raise Fault("exited", test)
    return answer["value"]


def reply(job: Job, request: dict[str, object], test: str) -> dict[str, Json] | None:
    """The answer to one request, in which nothing has failed; None if the process says no more."""
    number = secrets.token_hex(8)
    try:
        line = job.child.ask({"number": number, **request}, job.deadline)
    except Exceeded as exceeded:
        raise Fault(exceeded.reason, test) from None
    if line is None:
        return None
    answer = read_line(line)
    if (
        answer is None
        or answer.keys() != {"number", "value", "failure", "detail"}
        or answer["number"] != number
    ):
        raise Fault("forged", test)
    failure = answer["failure"]
    if failure != "":
        known = isinstance(failure, str) and failure in FAILURES
        detail = str(answer["detail"])  # the name of an exception, if nothing is forged
        raise Fault(
            str(failure) if known else "forged",
            f"{test}: {detail if detail.isidentifier() else ascii(detail)}",
        )
    return answer


def check_status(job: Job, test: str) -> None:
    """Wait until it ends. Raises Fault unless its exit status is 0, and SandboxFailed if we lost it."""
    try:
        status = job.child.status(job.deadline)
    except Exceeded as exceeded:
        raise Fault(exceeded.reason, test) from None
    if status < 0 and job.child.boxed:
        raise SandboxFailed(f"bubblewrap was ended by signal {-status}")
    ended_by = -status if status < 0 else status - 128
    if ended_by > 0:
        reason = "time_limit" if ended_by == signal.SIGXCPU else "crashed"
        raise Fault(reason, f"{test}: signal {ended_by}")
    if status:
        raise Fault("exited", f"{test}: status {status}")
