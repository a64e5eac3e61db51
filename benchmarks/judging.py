"""Lines/s of `edgework judge`, its start included, in one process and on all cores."""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from random import Random

LINES = 100_000

Answer = tuple[str, str]  # the right one and a wrong one
STEPS = (
    "First we add what there is: {0}+17={1}. Half of it is sold and the rest is kept.\nThat leaves as many.\n"
)


def _whole(rng: Random) -> Answer:
    value = rng.randint(-99_999, 99_999)
    return str(value), str(value + 1)


def _dollars(rng: Random) -> Answer:
    value = rng.randint(1, 999_999)
    return f"${value:,}.00", f"${value + 10:,}.00"


def _word(rng: Random) -> Answer:
    letters = "".join(rng.choices("abcdefgh", k=12))
    return letters, letters[::-1] + "x"


def _mathematics(rng: Random) -> Answer:
    a, b = rng.randint(2, 99), rng.randint(2, 99)
    forms = [
        (rf"\frac{{{a}}}{{{b}}}", rf"\frac{{{a}}}{{{b + 1}}}"),
        (rf"{a}\sqrt{{{b}}}", rf"{a + 1}\sqrt{{{b}}}"),
        (rf"({a}, {a + b}]", rf"({a}, {a + b})"),
        (rf"x^2+{a}x-{b}", rf"x^2-{a}x-{b}"),
    ]
    return rng.choice(forms)


ANSWERS: dict[str, Callable[[Random], Answer]] = {
    "integer": _whole,
    "number": _dollars,
    "text": _word,
    "math": _mathematics,
}


def rows() -> list[tuple[str, str, str]]:
    """(what, figure, ratio to one process) for each kind of answer."""
    cores = sorted(os.sched_getaffinity(0))
    measured = []
    for check in ANSWERS:
        with tempfile.TemporaryDirectory() as folder:
            file = Path(folder) / "texts.jsonl"
            write(file, LINES, check)
            one, many = (LINES / _seconds(file, allowed) for allowed in (cores[:1], cores))
        measured.append((f"{check}, 1 core", f"{one:,.0f} lines/s", "1"))
        measured.append((f"{check}, {len(cores)} cores", f"{many:,.0f} lines/s", f"{many / one:.1f}"))
    return measured


def write(file: Path, lines: int, *checks: str, seed: int = 1) -> list[str]:
    """A file of texts to judge; returns the outcome that each line should have."""
    rng = Random(seed)
    expected = []
    with file.open("w") as out:
        for _ in range(lines):
            check = rng.choice(checks)
            right, wrong = ANSWERS[check](rng)
            outcome = rng.choice(("right", "wrong", "no_answer"))
            end = {"right": f"A: {right}", "wrong": f"A: {wrong}", "no_answer": "That is all."}[outcome]
            text = STEPS.format(n := rng.randint(1, 999), n + 17) + end
            out.write(json.dumps({"check": check, "answer": right, "text": text}) + "\n")
            expected.append(outcome)
    return expected


def start(file: Path, out: Path, cores: list[int]) -> "subprocess.Popen[bytes]":
    """`edgework judge` at work in a process of its own, on these cores."""
    program = f"import os; os.sched_setaffinity(0, {cores}); from flows.cli import main; main()"
    return subprocess.Popen(
        [sys.executable, "-c", program, "judge", str(file), "--out", str(out)],
        env=os.environ | {"PYTHONPATH": str(Path(__file__).parents[1])},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _seconds(file: Path, cores: list[int]) -> float:
    started = time.perf_counter()
    process = start(file, file.with_suffix(".verdicts"), cores)
    _, said = process.communicate()
    if process.returncode:
        raise RuntimeError(said.decode())
    return time.perf_counter() - started


if __name__ == "__main__":
    for row in rows():
        print("{:<24}{:>20}{:>6}".format(*row))
