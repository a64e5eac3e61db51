"""The flows that are deployed (`prefect.yaml`).

Their parameters are the form that a person fills in: what stands under Args is what the form says of them. Each
waits until nobody else writes to its home, and after a kill the next run of it carries on.
"""

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Annotated

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from pydantic import Field

from filters import VERSIONS
from flows.environment import let_the_hub_be_asked, quiet_libraries, silence_teardown
from flows.gpus import needed, own_gpus, slots
from flows.homes import check_free, decided_rounds, when_free
from flows.retries import again
from flows.run_log import log_console
from flows.settings import Config, EngineName
from warehouse.errors import HomeDamaged, WarehouseError

silence_teardown()
quiet_libraries()

HOUR = 3600
Count = Annotated[int, Field(ge=0)]
AtLeastOne = Annotated[int, Field(ge=1)]
JudgeName = Annotated[str, Field(json_schema_extra={"enum": list(VERSIONS)})]
HubName = Annotated[str, Field(pattern=r"^[\w.-]+/[\w.-]+$")]


def _rounds_of_the_run() -> str:
    """Such as `nightly: round 7`; a round that was begun before is finished first, and counts."""
    asked = flow_run.parameters
    home, rounds = Path(asked["home"]), int(asked.get("rounds", 1))
    try:
        first = decided_rounds(home) + 1
    except WarehouseError:  # the run itself gets over it, or tells it
        return home.name
    return f"{home.name}: round {first}" + (f" to {first + rounds - 1}" if rounds > 1 else "")


def _named(what: str) -> Callable[[], str]:
    return lambda: f"{Path(flow_run.parameters['home']).name}: {what}"


@flow(name="self-play", flow_run_name=_rounds_of_the_run, timeout_seconds=23 * HOUR)
def nightly(
    home: Path,
    config: Path | None = None,
    rounds: AtLeastOne = 1,
    engine: EngineName | None = None,
    gpus: Count | None = None,
) -> None:
    """Play rounds of self-play: practise, learn from what was right, promote only what is better.

    Args:
        home: The folder of one run; where there is none, it is made.
        config: The TOML file that a new home is made with; a home keeps its own.
        rounds: How many to finish in this run. One that was cut short before is the first of them.
        engine: What draws the samples in a new home, instead of what the config says.
        gpus: How many to hold for this run alone, of the limit edgework-gpu; with 0 it sees none. Without a number,
            as many as its config uses, as far as the machine has any.
    """
    from flows.reporting import print_summary
    from flows.running import SAVED, check, resolve

    console = log_console()

    def settings(target: int | None) -> Config:
        is_new = not (home / SAVED).exists()  # else the home keeps what it was made with
        return (resolve(home, config, target, engine) if is_new else resolve(home, None, target, None))[1]

    check(settings(None), console)

    def play() -> None:
        check_free(home)  # who waits for a home holds no GPUs meanwhile
        count = needed(settings(None)) if gpus is None else gpus
        with slots(count), own_gpus(count):
            from flows.opening import open_home
            from flows.running import make_ready
            from flows.self_play import play_rounds

            try:
                done = decided_rounds(home)
            except HomeDamaged:  # a torn catalog, which opening the home for writing puts right
                open_home(home, console).close()
                done = decided_rounds(home)
            asked = settings(done + rounds)
            make_ready(home, asked, console)
            play_rounds(home, asked, console)

    when_free(home, console, play)
    print_summary(home, console)


@flow(name="rejudge", flow_run_name=_named("judge again"), timeout_seconds=12 * HOUR)
def rejudge(home: Path, judges: list[JudgeName] | None = None) -> None:
    """Judge stored samples again by newer versions of the judges. Old verdicts stay; the log says what flipped.

    Args:
        home: The folder of one run.
        judges: Whose present version is asked about what it has not judged yet; without any, all of them.
    """
    from flows.rejudging import rejudge as judge_again
    from flows.watching import watched

    console = log_console()
    for judge in judges or VERSIONS:
        when_free(home, console, partial(judge_again, judge, None, home, console, watched))


@flow(name="export", flow_run_name=_named("export"), timeout_seconds=6 * HOUR, log_prints=True)
def export(home: Path, folder: Path | None = None, push: HubName | None = None) -> None:
    """Write the home's dataset folder, and put it on the Hub if so asked. A run may write to the home meanwhile.

    Args:
        home: The folder of one run.
        folder: A new folder, or that of an earlier export; without one, datasets/ and the home's name.
        push: OWNER/NAME on the Hub; without it, the export stays in its folder.
    """
    export_and_push(home, folder or Path("datasets") / home.name, push)


@again
@task(cache_policy=NO_CACHE, task_run_name="export to {folder}")
def export_and_push(home: Path, folder: Path, push: str | None) -> None:
    console = log_console()
    if push is None:
        from flows.exporting import export_home

        export_home(home, folder, console)
    else:
        let_the_hub_be_asked()
        from flows.publishing import publish

        publish(home, folder, push, console)


@flow(name="bootstrap-base", flow_run_name="bootstrap {folder}", timeout_seconds=6 * HOUR)
def bootstrap(folder: Path) -> None:
    """Rebuild the shipped base policy from nothing (at most 90 minutes on 2 cores); it resumes if cut short.

    Args:
        folder: Where the base goes: a new folder, or in place of a checkpoint.
    """
    from flows.bootstrap import bootstrap as build
    from flows.running import check_base_folder

    check_base_folder(folder)
    build(folder)
