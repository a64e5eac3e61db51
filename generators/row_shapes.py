"""The layouts of a row that are recognised, each by its keys: SHAPES, the table at the end.

To add one: write its reader, list it there and in docs/import-your-data.md. A reference solution in the
row is read for its answer alone; it never becomes a sample.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from generators.row_values import (
    answer,
    checked_text,
    found,
    is_name,
    is_number,
    name,
    text,
    whole,
    without_nulls,
)

MOST_SAMPLES = 10_000  # of one row
MOST_TOKENS = 2**31 - 1

Values = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Recorded:
    """A solution that somebody's policy drew. `label` is whether the file calls it correct, if it says."""

    policy: str
    text: str
    tokens: int = 0  # 0: not recorded
    label: bool | None = None


@dataclass(frozen=True, slots=True)
class Parts:
    """What the shapes differ in. `unread` are the keys that mean nothing here."""

    answer: str
    samples: tuple[Recorded, ...]
    check: str | None = None
    unread: tuple[str, ...] = ()


def parts(values: Values, source: str) -> Parts:
    """What the row says, read as the first shape whose keys it has; ValueError if it breaks a rule.

    `source` is the policy of samples that name none.
    """
    for keys, reader in SHAPES.items():
        if values.keys() >= set(keys):
            return reader(values, source)
    known = ", or ".join(" and ".join(keys) for keys in SHAPES)
    raise ValueError(f"a row has {known}; found {', '.join(map(found, values)) or 'no key'}"[:400])


def _problem(values: Values, source: str) -> Parts:
    """A problem with its answer. A worked answer that ends in a line `#### x`, as GSM8K's do, means x."""
    gold, check = answer(values), text(values, "check") if "check" in values else None
    if is_number(values["answer"]):
        check = check or "number"
    if check is None:
        gold = _marked(gold, "####") or gold
    samples = values.get("samples", [])
    if not isinstance(samples, list) or len(samples) > MOST_SAMPLES:
        what = f"{len(samples):,}" if isinstance(samples, list) else found(samples)
        raise ValueError(f"samples is a list of at most {MOST_SAMPLES:,}; found {what}")
    recorded = tuple(_sample(sample, f"samples[{i}]", source) for i, sample in enumerate(samples))
    known = ("question", "answer", "check", "family", "level", "samples")
    return Parts(gold, recorded, check, tuple(key for key in values if key not in known))


def _sample(sample: object, where: str, source: str) -> Recorded:
    if isinstance(sample, str):
        return Recorded(source, checked_text(sample, where))
    if not isinstance(sample, dict):
        raise ValueError(
            f"{where} is a text, or an object with text, policy and tokens; found {found(sample)}"
        )
    values, inside = without_nulls(sample), f"{where}."
    policy = name(values, "policy", source, inside)
    return Recorded(policy, text(values, "text", inside), whole(values, "tokens", 0, MOST_TOKENS, 0, inside))


def _gsm8k_solutions(values: Values, source: str) -> Parts:
    """GSM8K's recorded ones: gold that ends in `A: x`; under each model's name a solution and its label."""
    gold = text(values, "ground_truth")
    final = _marked(gold, "A:")
    if not final:
        raise ValueError(f"ground_truth ends in a line 'A: ' with the answer; found {found(gold[-50:])}")
    models = [key for key in values if key not in ("question", "ground_truth")]
    return Parts(final, tuple(_labelled(model, values[model]) for model in models))


def _labelled(model: str, solution: object) -> Recorded:
    if not is_name(model):
        raise ValueError(f"a model's name is 1 to 200 characters that print; found {found(model)}")
    if not isinstance(solution, dict):
        raise ValueError(f"{found(model)} is an object with solution and is_correct; found {found(solution)}")
    label = solution.get("is_correct")
    if not isinstance(label, bool):
        raise ValueError(f"{found(model)}: is_correct is true or false; found {found(label)}")
    return Recorded(model, text(solution, "solution", f"{found(model)}: "), label=label)


def _marked(worked: str, mark: str) -> str | None:
    """What follows the mark on the last line, or None."""
    last = worked.rstrip().rpartition("\n")[2]
    return last.removeprefix(mark).strip() if last.startswith(mark) else None


# The first whose keys a row has reads it.
SHAPES: dict[tuple[str, ...], Callable[[Values, str], Parts]] = {
    ("question", "answer"): _problem,
    ("question", "ground_truth"): _gsm8k_solutions,
}
