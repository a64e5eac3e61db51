"""Judging while samples stream, and the tries without reasoning, on the shipped base."""

import os
import signal
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console

from benchmarks.judging_killed import children
from curriculum.records import Problem, Sample, Verdict
from filters import VERSIONS
from flows import drawing, verdicts
from flows.drawing import ShardJob, sample_and_judge, shards_of
from flows.gate import base
from flows.learning import admit
from flows.practice import generate, problem_row
from flows.progress import Bars, Meter
from flows.run import Policy, Run
from flows.settings import Config, CurriculumConfig, JudgingConfig, PolicyConfig
from generators.drawing import draw
from policy.engine import Request
from policy.scripted_engine import ScriptedEngine
from warehouse.store import Warehouse

PROGRAM = "```python\ndef five():\n    return 5\n```"
TESTS = '{"entry_point": "five", "tests": [{"args": [], "expected": 5}]}'


@pytest.fixture
def run(tmp_path: Path) -> Iterator[Run]:
    config = Config(curriculum=CurriculumConfig(draws=2), judging=JudgingConfig(guess_tries=8))
    with Warehouse(tmp_path / "home") as store, closing(Run(store, config, _quiet())) as run:
        yield run


def _quiet() -> Bars:
    return Bars(console=Console(quiet=True))


def play(run: Run, stage: str, problems: list[Problem], policy: Policy) -> None:
    sample_and_judge(run, 1, stage, problems, policy, Meter(run.progress, stage, len(problems)))


def scripted(run: Run, monkeypatch: pytest.MonkeyPatch, texts: dict[str, str]) -> Policy:
    """A policy that answers each question with its text."""

    def answer(request: Request) -> str:
        return texts[request.problem.question]

    monkeypatch.setattr(run, "engine", lambda policy: ScriptedEngine(policy.name, answer), raising=False)
    return Policy("scripted", Path())


def said(run: Run, name: str) -> list[tuple[str, str, str, str]]:
    rows = run.store.query(
        "select p.question, v.judge, v.outcome, v.reason from verdicts v join samples s on s.key = v.sample_key "
        "join problems p on p.key = s.problem_key where v.judge like ? order by all",
        (f"{name}/%",),
    )
    return [tuple(row.values()) for row in rows]  # type: ignore[misc]


def test_each_sample_gets_its_verdicts_whatever_its_judge_does(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    problems = [
        Problem("sums", 1, "quick", "5", "integer"),
        Problem("sums", 1, "full", TESTS, "program"),
        Problem("sums", 1, "bad key", "five", "integer"),
        Problem("sums", 1, "fault", "word", "text"),
    ]
    quickly = verdicts.judge_quickly

    def faulty(problem: Problem, sample: Sample) -> Verdict | None:
        if problem.check == "text":
            raise RecursionError
        return quickly(problem, sample)

    monkeypatch.setattr(verdicts, "judge_quickly", faulty)
    run.store.commit("problems", {"problems": [problem_row(problem, 1) for problem in problems]})
    texts = {"quick": "2+3=5\nA: 5", "full": PROGRAM, "bad key": "A: 5", "fault": "A: word"}
    play(run, "evaluate", problems, scripted(run, monkeypatch, texts))
    assert said(run, "integer") == [
        ("bad key", VERSIONS["integer"], "not_judged", "unreadable_key"),
        ("quick", VERSIONS["integer"], "right", "equal"),
    ]
    assert said(run, "text") == [("fault", VERSIONS["text"], "not_judged", "judge_failed")]
    assert [row[:2] for row in said(run, "program")] == [("full", VERSIONS["program"])]
    assert len(said(run, "steps")) == 4


def test_a_round_of_an_earlier_version_gets_its_standings_when_the_run_goes_on(run: Run) -> None:
    """Version 2 drew its problems, and kept no record of the beliefs that chose them."""
    drawn = draw("gcd", 5, 3, 1, "train")
    run.store.commit("r0001/generate", {"problems": [problem_row(problem, 1) for problem in drawn]})
    for _ in range(2):
        assert {problem.key for problem in generate(run, 1)} == {problem.key for problem in drawn}
        recorded = run.store.query("select family, level from standings where round = 1")
        assert sorted((row["family"], row["level"]) for row in recorded) == sorted(run.cells())


def test_the_engine_does_not_wait_for_a_full_judge(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    problem = Problem("sums", 1, "full", TESTS, "program")
    finished: list[float] = []

    def slow(problem: Problem, sample: Sample) -> Verdict:
        time.sleep(0.5)
        finished.append(time.monotonic())
        return Verdict(sample.key, VERSIONS["program"], "right", "equal")

    monkeypatch.setattr(verdicts, "JUDGES", {"program": slow})
    sample = Sample(problem.key, "m", 0, 0.0, PROGRAM, 3, "stop")
    with verdicts.answer_judge() as judge:
        started = time.monotonic()
        asked = [judge(problem, sample) for _ in range(verdicts.CORES)]
        assert time.monotonic() - started < 0.4
        assert [future.result().outcome for future in asked] == ["right"] * verdicts.CORES
    assert max(finished) - min(finished) < 0.4  # side by side


@pytest.mark.parametrize("killed", [False, True])
def test_judges_elsewhere_say_what_judges_here_say(killed: bool) -> None:
    problem = Problem("sums", 1, "Add", "5", "integer")
    pairs = [
        (problem, Sample(problem.key, "m", draw, 1.0, f"2+{draw}={2 + draw}\nA: {2 + draw}", 3, "stop"))
        for draw in range(2 * verdicts.CHUNK)
    ]
    program_pair = (
        Problem("sums", 1, "full", TESTS, "program"),
        Sample("f", "m", 0, 0.0, PROGRAM, 3, "stop"),
    )
    pairs[4] = program_pair
    with verdicts.pairs_judge() as judge:
        others = set(children(os.getpid()))  # of other tests
        first = judge(pairs[: verdicts.CHUNK])
        while killed:
            for process in set(children(os.getpid())) - others:
                os.kill(process, signal.SIGKILL)
                killed = False
            time.sleep(0.01)
        said = first() + judge(pairs[verdicts.CHUNK :])()
        here = [both for pair in pairs for both in judge([pair])()]
    assert said == here
    assert Counter(answer.outcome for answer, _ in said) == {"right": 2, "wrong": len(pairs) - 2}
    assert said[5][1].outcome == "right"


def test_guesses_are_samples_and_what_falls_to_them_does_not_train(run: Run) -> None:
    problems = [problem for level in (1, 4) for problem in draw("sort_string", level, 24, 3, "train")]
    run.store.commit("problems", {"problems": [problem_row(problem, 1) for problem in problems]})
    policy = base(run)
    play(run, "guess", problems, policy)
    play(run, "sample", problems, policy)
    admit(run, 1)
    query = run.store.query
    guesses = query("select draw, text, tokens from samples where stage = 'guess'")
    assert len(guesses) == 8 * len(problems)
    assert {row["draw"] for row in guesses} == set(range(2, 10))  # after those of practice: no key twice
    assert all(row["text"].startswith("A: ") and "\n" not in row["text"] for row in guesses)
    assert all(row["tokens"] <= 48 for row in guesses)
    fallen = {
        row["problem_key"] for row in query("from easy_to_hack where judged = 8 and correct between 1 and 8")
    }
    assert 0 < len(fallen) < len(problems)
    fates = query(
        "select s.problem_key, s.stage, c.reason from selections c join samples s on s.key = c.sample_key"
    )
    assert {row["stage"] for row in fates} == {"sample"}
    assert len(fates) == 2 * len(problems)
    left_out = {row["problem_key"] for row in fates if row["reason"] == "easy_to_hack"}
    assert left_out
    assert left_out <= fallen
    assert not fallen & {row["problem_key"] for row in fates if row["reason"] == "admitted"}


class Stopped(Exception):
    pass


@pytest.mark.parametrize("stage", ["evaluate", "sample"])
def test_shards_that_were_drawn_together_are_drawn_again_as_they_were(
    stage: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """In bfloat16, in which it matters who shares a batch; practice by a rule that asks for more as it goes."""
    monkeypatch.setattr(drawing, "SHARD", 8)
    problems = [problem for level in (1, 6, 9) for problem in draw("chain_sums", level, 8, 3, "train")]
    config = Config(curriculum=CurriculumConfig(draws=12, stopping="agreement"))
    texts = "select problem_key, draw, text from samples order by all"

    def stop_at_the_second(job: ShardJob) -> None:
        if job.work.place == 1:
            raise Stopped
        job.judge_and_commit()

    with Warehouse(tmp_path / "home") as store, closing(Run(store, config, _quiet())) as run:
        play(run, stage, problems, base(run))
        undisturbed = store.query(texts)
    assert len(undisturbed) >= 24 * (4 if stage == "sample" else 1)
    with Warehouse(tmp_path / "other") as store, closing(Run(store, config, _quiet())) as run:
        meter = Meter(run.progress, "", 24)
        with pytest.raises(Stopped):
            sample_and_judge(run, 1, stage, problems, base(run), meter, stop_at_the_second)
        assert store.query("select count(distinct problem_key) as n from samples") == [{"n": 8}]
        play(run, stage, problems, base(run))
        assert store.query(texts) == undisturbed
        [spent] = store.query("select sum(tokens) as tokens from spend where stage = ?", (stage,))
        assert [spent] == store.query("select sum(tokens) as tokens from samples")


def test_only_our_own_engine_alone_draws_shards_together() -> None:
    problems = [Problem("sums", 1, str(n), "5", "integer") for n in range(32 * drawing.SHARD)]

    def units(**policy: object) -> set[int]:
        config = Config(policy=PolicyConfig(**policy))
        return {work.engine_unit for work in shards_of(config, 1, "evaluate", problems)}

    assert units() == {0, 1}  # the first of 24 shards, 1,536 samples
    assert units(engine="vllm") == units(engines=2) == set(range(32))
