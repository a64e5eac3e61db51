"""What a program returned, as data from a hostile pipe; and when it equals what was expected.

The rule, the same at every depth: null, true and false, text, lists and objects equal only their own kind, so
True is not 1. Where a whole number is expected it must be a whole number, so 2.0 is not 2. Where a number with
a point is expected, 2.0 or 2 both do, within `tolerance` times the larger of 1 and the number expected. NaN
equals nothing. A tuple comes as a list, and the order of an object's keys does not count.
"""

import json
import math

MAX_DEPTH = 64  # of a line; Python's own recursion is used up at about 1000, in us too
MAX_DIGITS = 4300  # of a whole number, as Python's own limit: longer ones take quadratic time to read

Json = None | bool | int | float | str | list["Json"] | dict[str, "Json"]


def read_line(line: bytes) -> dict[str, Json] | None:
    """The object that a line holds; None if it is anything else."""
    try:
        value = json.loads(line.decode("utf-8", "surrogatepass"), parse_int=read_whole)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and not deeper(value, MAX_DEPTH) else None


def equal(found: Json, expected: Json, tolerance: float = 0.0) -> bool:
    """Whether they are equal by the rule above. Goes only as deep as `expected` does."""
    if isinstance(expected, bool) or expected is None or isinstance(expected, str):
        return type(found) is type(expected) and found == expected
    if isinstance(expected, int):
        return type(found) is int and found == expected
    if isinstance(expected, float):
        return type(found) in (int, float) and _near(found, expected, tolerance)  # type: ignore[arg-type]
    if isinstance(expected, list):
        return (
            isinstance(found, list)
            and len(found) == len(expected)
            and all(equal(one, other, tolerance) for one, other in zip(found, expected, strict=True))
        )
    return (
        isinstance(found, dict)
        and found.keys() == expected.keys()
        and all(equal(found[key], value, tolerance) for key, value in expected.items())
    )


def deeper(value: Json, depth: int) -> bool:
    """Whether a value nests more than `depth` deep; looks no further than that."""
    items = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return depth < 0 or any(deeper(item, depth - 1) for item in items)


def same_output(printed: bytes, expected: str) -> bool:
    """Whether a program printed this text, white space at the ends of lines and of the text aside."""
    try:
        return _trimmed(printed.decode("utf-8")) == _trimmed(expected)
    except UnicodeDecodeError:
        return False


def _near(found: int | float, expected: float, tolerance: float) -> bool:
    if found == expected:
        return True
    try:
        distance = abs(found - expected)
    except OverflowError:  # a whole number beyond all floats
        return False
    return (
        math.isfinite(distance)
        and math.isfinite(expected)
        and distance <= tolerance * max(1.0, abs(expected))
    )


def _trimmed(text: str) -> list[str]:
    return [line.rstrip(" \t\r\f\v") for line in text.rstrip(" \t\r\f\v\n").split("\n")]


def read_whole(digits: str) -> int:
    """A whole number of bounded length; for `json` to call."""
    if len(digits) > MAX_DIGITS:
        raise ValueError(f"a whole number has at most {MAX_DIGITS} digits, not {len(digits)}")
    return int(digits)
