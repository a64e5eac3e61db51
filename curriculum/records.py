"""The nouns every room shares: Problem, Sample, Verdict, and how they are named.

A record is named by a hash of what makes it what it is, so doing a thing twice adds
nothing and any row can be traced from any other. Standard library only.
"""

import hashlib
import json
from dataclasses import dataclass
from typing import Literal

Outcome = Literal["right", "wrong", "no_answer", "not_judged"]
Finish = Literal["stop", "length", "recorded"]
Split = Literal["train", "heldout"]

_canonical = json.JSONEncoder(ensure_ascii=True, separators=(",", ":"), sort_keys=True).encode
HELDOUT_SHARE = 0.2  # of all questions, decided by their key alone


def content_key(*parts: object) -> str:
    """128 bits of sha256 over the parts as canonical JSON, in hex: the same in every process."""
    return hashlib.sha256(_canonical(parts).encode()).hexdigest()[:32]


def hashed_seed(*parts: object) -> int:
    """A seed in [0, 2**63) that shares nothing with its neighbours' (`seed + 1` is a stranger)."""
    return int(content_key("seed", *parts)[:16], 16) >> 1


@dataclass(frozen=True, slots=True)
class Problem:
    """One question with a checkable answer. `check` names the judge that can check it."""

    family: str
    level: int
    question: str
    answer: str
    check: str
    source: str = "generated"
    seed: int = 0

    @property
    def key(self) -> str:
        return content_key("problem", self.check, self.question, self.answer)

    @property
    def split(self) -> Split:
        """Held out or not, by the question alone: what is held out here is held out everywhere."""
        return (
            "heldout" if int(content_key("split", self.question)[:8], 16) < HELDOUT_SHARE * 2**32 else "train"
        )


@dataclass(frozen=True, slots=True)
class Sample:
    """One solution text that a policy drew for a problem at a temperature (0 is greedy).

    `logprob` is the log-probability of its tokens together, in nats and before temperature and top-p, if asked for.
    """

    problem_key: str
    policy: str
    draw: int
    temperature: float
    text: str
    tokens: int
    finish: Finish
    logprob: float | None = None

    @property
    def key(self) -> str:
        return content_key("sample", self.problem_key, self.policy, float(self.temperature), self.draw)


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one version of one judge says of one sample. `reason` is a short code to GROUP BY.

    `extracted` is the text that decided, such as the final answer, and `found_in` says where it stood: `boxed`,
    `answer_line`, `sentence`, `bold`, `whole_text`, `code_block`, or `line 3` of the steps.
    """

    sample_key: str
    judge: str
    outcome: Outcome
    reason: str
    extracted: str = ""
    found_in: str = ""
