"""Self-play: practise at the frontier, learn from what was right, promote only what is better."""

from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from rich.console import Console

from curriculum.records import Problem
from flows.artifacts import show_home
from flows.decision_events import tell_decisions
from flows.drawing import ShardJob, sample_and_judge, unit_names
from flows.evaluation_files import EvaluationSet, read_sets
from flows.gate import base, finished_rounds, heldout, incumbent_after, is_decided, promote
from flows.learning import admit, train_candidate
from flows.opening import open_home
from flows.overlap import compare_round
from flows.practice import generate
from flows.progress import live, stage
from flows.reporting import publish_report
from flows.retries import again
from flows.run import Policy, Run
from flows.settings import Config
from flows.shard_samples import draws
from flows.watching import is_watched, watched

REPORT_S = 1800  # for what takes seconds


@flow(name="self-play", flow_run_name="self-play {home}", validate_parameters=False)
def self_play(home: Path, config: Config, console: Console | None = None) -> None:
    """Play the rounds of `config` in `home`; what is already there is kept and continued."""
    play_rounds(home, config, console or Console())


def play_rounds(home: Path, config: Config, console: Console) -> None:
    """The same within a flow. A server that stays is told of each decision, and shown where the home stands."""
    with live(console, watched) as progress, open_home(home, progress.console) as store:
        tests = read_sets(config.evaluation_files())
        with closing(Run(store, config, progress)) as run:
            sample_all(run, 0, "evaluate", heldout(run), base(run))
            if is_watched():
                tell_decisions(store)  # what a run that was killed has left untold
            done = finished_rounds(run)
            incumbent = incumbent_after(run, done)
            if done:
                progress.console.print(f"[bold]{'finished before':<24}[/] {done} rounds", highlight=False)
                report(home)
            for number in range(done + 1, config.rounds + 1):
                incumbent = play_round(run, number, incumbent, tests)
                report(home)
                tell(run)


def play_round(run: Run, number: int, incumbent: Policy, tests: Sequence[EvaluationSet] = ()) -> Policy:
    """Generate and compare, guess if so configured, sample, judge, select, fine-tune, evaluate, promote or not."""
    problems = generate_problems(run, number)
    compare_problems(run, number, tests)
    if run.config.judging.guess_tries:
        sample_all(run, number, "guess", problems, incumbent)
    sample_all(run, number, "sample", problems, incumbent)
    candidate = None
    if select_rows(run, number):
        candidate = fine_tune(run, number, incumbent)
        evaluate(run, number, candidate)
    return decide_promotion(run, number, incumbent, candidate)


def evaluate(run: Run, number: int, candidate: Policy) -> None:
    """Test the candidate; not one that was refused, and that `edgework gc` removed, should its samples be damaged."""
    problems = heldout(run)
    if candidate.folder.exists() or not is_decided(run, number):
        sample_all(run, number, "evaluate", problems, candidate)
    elif not all(map(run.store.has, unit_names(number, "evaluate", problems))):
        why = "not done again: the checkpoint was removed by edgework gc"
        run.progress.console.print(f"[bold]{f'round {number}: evaluate':<24}[/] {why}", highlight=False)


def sample_all(run: Run, number: int, what: str, problems: list[Problem], policy: Policy) -> None:
    """Sample and judge, one task a shard."""
    total = len(problems) * draws(run.config, what)
    with stage(run.progress, f"round {number}: {what}", total, "samples") as meter:
        sample_and_judge(run, number, what, problems, policy, meter, judge_shard)


def judge_shard(job: ShardJob) -> None:
    judge_and_commit.with_options(task_run_name=str(job.work))(job)


@again
@task(cache_policy=NO_CACHE)
def judge_and_commit(job: ShardJob) -> None:
    job.judge_and_commit()


@again
@task(cache_policy=NO_CACHE, task_run_name="round {number}: generate")
def generate_problems(run: Run, number: int) -> list[Problem]:
    return generate(run, number)


@again
@task(cache_policy=NO_CACHE, task_run_name="round {number}: compare")
def compare_problems(run: Run, number: int, tests: Sequence[EvaluationSet]) -> None:
    compare_round(run, number, tests)


@again
@task(cache_policy=NO_CACHE, task_run_name="round {number}: select")
def select_rows(run: Run, number: int) -> int:
    return admit(run, number)


@task(cache_policy=NO_CACHE, task_run_name="round {number}: fine-tune")
def fine_tune(run: Run, number: int, incumbent: Policy) -> Policy:
    return train_candidate(run, number, incumbent)


@again
@task(cache_policy=NO_CACHE, task_run_name="round {number}: promote")
def decide_promotion(run: Run, number: int, incumbent: Policy, candidate: Policy | None) -> Policy:
    return promote(run, number, incumbent, candidate)


@again
@task(cache_policy=NO_CACHE, task_run_name="report", timeout_seconds=REPORT_S)
def report(home: Path) -> None:
    publish_report(home)


def tell(run: Run) -> None:
    """Tell a server that somebody can look at of the decisions, and show it where the home stands."""
    if is_watched():
        tell_decisions(run.store)
        show_home(run.home)
