"""The answer of a `program` problem: its tests and limits, as JSON that the problem's author wrote.

    {"entry_point": "add", "tests": [{"args": [1, 2], "kwargs": {}, "expected": 3}]}     a function is called
    {"tests": [{"stdin": "1 2\\n", "stdout": "3\\n"}]}                                    a program is run

Both may have `time_s` (5), `memory_mb` (256) and `tolerance` (0). An author is trusted, but makes mistakes.
"""

import json
import keyword
from dataclasses import dataclass

from filters.programs.plain_data import Json, deeper, read_whole
from filters.sandbox import Limits
from filters.verdicts import shown

MAX_TESTS, MAX_TIME_S, MAX_DEPTH = 1000, 600, 50
DEFAULT = Limits()
MEMORY_MB = (64, 16384)


@dataclass(frozen=True, slots=True)
class Call:
    """One call of the entry point, and what it must return."""

    args: list[Json]
    kwargs: dict[str, Json]
    expected: Json


@dataclass(frozen=True, slots=True)
class Run:
    """One run of the program, and what it must print."""

    stdin: str
    stdout: str


@dataclass(frozen=True, slots=True)
class Spec:
    """`calls` of the `entry_point`, or `runs`; the time is for the whole of a judgement."""

    entry_point: str
    calls: tuple[Call, ...]
    runs: tuple[Run, ...]
    limits: Limits
    tolerance: float


def read_spec(answer: str) -> Spec:
    """Raises ValueError that says the rule, then the value."""
    spec = _object(
        _loaded(answer), "a program's answer", {"entry_point", "tests", "time_s", "memory_mb", "tolerance"}
    )
    tests = spec.get("tests")
    if not isinstance(tests, list) or not 1 <= len(tests) <= MAX_TESTS:
        raise ValueError(f"tests are a list of 1 to {MAX_TESTS}, not {_brief(tests)}")
    entry_point = spec.get("entry_point")
    if entry_point is not None and not _is_name(entry_point):
        raise ValueError(f"entry_point is the name of a function, not {_brief(entry_point)}")
    return Spec(
        entry_point=str(entry_point or ""),
        calls=tuple(_call(test) for test in tests) if entry_point else (),
        runs=() if entry_point else tuple(_run(test) for test in tests),
        limits=Limits(
            _number(spec, "time_s", DEFAULT.time_s, 0.05, MAX_TIME_S),
            int(_number(spec, "memory_mb", DEFAULT.memory_mb, *MEMORY_MB)),
        ),
        tolerance=_number(spec, "tolerance", 0.0, 0.0, 0.5),
    )


def _loaded(answer: str) -> Json:
    try:
        value: Json = json.loads(answer, parse_int=read_whole, parse_constant=_constant)
    except RecursionError:
        raise ValueError(f"a program's answer is at most {MAX_DEPTH} deep") from None
    except ValueError as error:
        raise ValueError(f"a program's answer is JSON ({error}), not {_brief(answer)}") from None
    if deeper(value, MAX_DEPTH):
        raise ValueError(f"a program's answer is at most {MAX_DEPTH} deep")
    return value


def _call(test: Json) -> Call:
    fields = _object(test, "a test of a function", {"args", "kwargs", "expected"})
    args, kwargs = fields.get("args", []), fields.get("kwargs", {})
    if not isinstance(args, list):
        raise ValueError(f"args are a list, not {_brief(args)}")
    if not isinstance(kwargs, dict):
        raise ValueError(f"kwargs are an object, not {_brief(kwargs)}")
    if "expected" not in fields:
        raise ValueError(f"a test of a function has an expected value, not only {_brief(test)}")
    return Call(args, kwargs, fields["expected"])


def _run(test: Json) -> Run:
    fields = _object(test, "a test without entry_point", {"stdin", "stdout"})
    stdin, stdout = fields.get("stdin", ""), fields.get("stdout")
    if not isinstance(stdin, str) or not isinstance(stdout, str):
        raise ValueError(f"a test without entry_point has texts stdin and stdout, not {_brief(test)}")
    return Run(stdin, stdout)


def _object(value: Json, what: str, names: set[str]) -> dict[str, Json]:
    if not isinstance(value, dict) or value.keys() - names:
        raise ValueError(f"{what} is an object with {', '.join(sorted(names))}, not {_brief(value)}")
    return value


def _number(spec: dict[str, Json], name: str, default: float, least: float, most: float) -> float:
    value = spec.get(name, default)
    if isinstance(value, bool) or not isinstance(value, int | float) or not least <= value <= most:
        raise ValueError(f"{name} is a number from {least:g} to {most:g}, not {_brief(value)}")
    return value


def _is_name(value: Json) -> bool:
    return isinstance(value, str) and value.isidentifier() and not keyword.iskeyword(value)


def _constant(name: str) -> float:
    if name == "NaN":
        raise ValueError("NaN equals nothing")
    return float(name)


def _brief(value: Json) -> str:
    return shown(repr(value))
