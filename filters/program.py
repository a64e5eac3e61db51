"""Judge of programs: the model's Python runs in a sandbox, and what it gives back is compared outside.

The expected values never go in, and the inputs go in one at a time. A program can forge results as it likes: a
forged result is an answer like any other, and must be the right one.
"""

import time
import warnings
from functools import cache

from curriculum.records import Outcome, Problem, Sample, Verdict
from filters import sandbox
from filters.programs.bubblewrap import OUTPUT_BYTES, SandboxFailed
from filters.programs.child import Child
from filters.programs.code_block import Place, program_in
from filters.programs.plain_data import equal, same_output
from filters.programs.process import Fault, Job, check_status, load, reply, told
from filters.programs.spec import Call, Run, Spec, read_spec
from filters.sandbox import NoSandbox
from filters.verdicts import shown

JUDGE = "program/1"


def judge(problem: Problem, sample: Sample, *, unsandboxed: bool = False) -> Verdict:
    """Right if every test passes. Reasons of `wrong`: differs, not_plain_data, syntax_error, no_entry_point,
    raised, exited, crashed, forged, time_limit, memory_limit, output_limit; `extracted` says in which test.

    Without a sandbox that holds, `not_judged` for no_sandbox; or, if `unsandboxed` permits it, the program runs
    in a plain process. Raises ValueError if the problem's answer is no spec.
    """
    spec = read_spec(problem.answer)
    found = program_in(sample.text, sample.finish)
    if found.program is None:
        return Verdict(sample.key, JUDGE, "no_answer", found.reason)
    try:
        _check(spec, found.program, found.place, unsandboxed)
    except Fault as fault:
        outcome: Outcome = "no_answer" if fault.reason == "no_program" else "wrong"
        return Verdict(sample.key, JUDGE, outcome, fault.reason, shown(fault.detail), found.place)
    except NoSandbox as missing:
        return Verdict(sample.key, JUDGE, "not_judged", "no_sandbox", shown(str(missing)), found.place)
    except SandboxFailed as failed:
        return Verdict(sample.key, JUDGE, "not_judged", "sandbox_failed", shown(str(failed)), found.place)
    return Verdict(sample.key, JUDGE, "right", "passes", found_in=found.place)


def _check(spec: Spec, program: str, place: Place, unsandboxed: bool) -> None:
    """Raises Fault, NoSandbox or SandboxFailed. The time to set sandboxes up does not count."""
    left_s = spec.limits.time_s
    for number, run in enumerate(spec.runs or (None,), start=1):
        with _started(unsandboxed) as child:
            begun = time.monotonic()
            job = Job(spec, program, place, child, begun + left_s)
            if run is None:
                _check_calls(job)
            else:
                _check_run(job, run, f"test {number}")
            left_s -= time.monotonic() - begun


def _started(unsandboxed: bool) -> Child:
    try:
        return sandbox.start()
    except NoSandbox as missing:
        if not unsandboxed:
            raise
        warn_once(str(missing))
        return sandbox.start_without()


@cache
def warn_once(missing: str) -> None:
    """Say it where nobody overlooks it, once in a process for each cause."""
    warnings.warn(
        f"model-written programs run WITHOUT a sandbox, as this user and with this network: {missing}",
        RuntimeWarning,
        stacklevel=2,
    )


def _check_calls(job: Job) -> None:
    load(job)
    told(job, {}, "definition")
    for number, call in enumerate(job.spec.calls, start=1):
        test = f"test {number}: {_written(job.spec.entry_point, call)}"
        request = {"args": call.args, "kwargs": call.kwargs, "output_bytes": OUTPUT_BYTES // 2}
        value = told(job, request, test)
        if not equal(value, call.expected, job.spec.tolerance):
            raise Fault("differs", f"{test} -> {value!r}")


def _check_run(job: Job, run: Run, test: str) -> None:
    """Its exit status must be 0 and its output the expected one; it speaks up only when it raises."""
    load(job, run.stdin)
    if reply(job, {}, test) is not None:
        raise Fault("forged", test)
    check_status(job, test)
    if not same_output(job.child.printed, run.stdout):
        raise Fault("differs", f"{test}: {job.child.printed[:100].decode('utf-8', 'replace')!r}")


def _written(function: str, call: Call) -> str:
    """A call as it is written in Python."""
    arguments = [repr(value) for value in call.args] + [
        f"{name}={value!r}" for name, value in call.kwargs.items()
    ]
    return f"{function}({', '.join(arguments)})"
