"""The flows that are deployed (`prefect.yaml`). Their parameters are the form that a person fills in.

Each waits until nobody else writes to its home, and after a kill the next run of it carries on.
"""

from functools import partial
from pathlib import Path
from typing import Annotated

from prefect import flow, task
from prefect.cache_policies import NO_CACHE
from prefect.runtime import flow_run
from pydantic import Field

from filters import VERSIONS
from flows.environment import let_the_hub_be_asked, quiet_libraries
from flows.gpus import own_gpus, slots
from flows.homes import decided_rounds, when_free
from flows.retries import again
from flows.run_log import log_console
from flows.settings import EngineName

quiet_libraries()

HOUR = 3600
Home = Annotated[
    Path, Field(title="Home", description="The folder of one run; where there is none, it is made.")
]
JudgeName = Annotated[str, Field(json_schema_extra={"enum": list(VERSIONS)})]


def _rounds_of_the_run() -> str:
    """Such as `nightly: round 7`; a round that was begun before is finished first, and counts."""
    asked = flow_run.parameters
    home, rounds = Path(asked["home"]), int(asked.get("rounds", 1))
    first = decided_rounds(home) + 1
    return (
        f"{home.name}: round {first}"
        if rounds == 1
        else f"{home.name}: rounds {first} to {first + rounds - 1}"
    )


@flow(name="self-play", flow_run_name=_rounds_of_the_run, timeout_seconds=23 * HOUR)
def nightly(
    home: Home,
    config: Annotated[
        Path | None,
        Field(title="Config", description="A TOML file for a new home; a home keeps what it was made with."),
    ] = None,
    rounds: Annotated[
        int,
        Field(
            title="Rounds",
            ge=1,
            description="To finish in this run; one that was cut short is the first of them.",
        ),
    ] = 1,
    engine: Annotated[
        EngineName | None, Field(title="Engine", description="Instead of the config's, for a new home.")
    ] = None,
    gpus: Annotated[
        int,
        Field(
            title="GPUs",
            ge=0,
            description="To hold for this run alone, of the limit edgework-gpu; 0 on a CPU.",
        ),
    ] = 0,
) -> None:
    """Play rounds of self-play: practise, learn from what was right, promote only what is better."""
    with slots(gpus), own_gpus(gpus):
        from flows.reporting import print_summary
        from flows.running import check, make_ready, resolve
        from flows.self_play import play_rounds

        console = log_console()

        def play() -> None:
            at, settings = resolve(home, config, decided_rounds(home) + rounds, engine)
            check(settings, console)
            make_ready(at, settings, console)
            play_rounds(at, settings, console)

        when_free(home, console, play)
        print_summary(home, console)


@flow(name="rejudge", flow_run_name="{home}: judge again", timeout_seconds=12 * HOUR)
def rejudge(
    home: Home,
    judges: Annotated[
        list[JudgeName] | None,
        Field(
            title="Judges",
            description="Whose present version is asked about what it has not judged yet; none: all.",
        ),
    ] = None,
) -> None:
    """Judge stored samples again by newer versions of the judges; old verdicts stay, and what flipped is logged."""
    from flows.rejudging import rejudge as judge_again
    from flows.watching import watched

    console = log_console()
    for judge in judges or VERSIONS:
        when_free(home, console, partial(judge_again, judge, None, home, console, watched))


@flow(name="export", flow_run_name="{home}: export", timeout_seconds=6 * HOUR)
def export(
    home: Home,
    folder: Annotated[
        Path | None,
        Field(
            title="Folder",
            description="A new one, or that of an earlier export. Default: datasets/ and the home's name.",
        ),
    ] = None,
    push: Annotated[
        str | None,
        Field(
            title="Push to",
            pattern=r"^[\w.-]+/[\w.-]+$",
            description="OWNER/NAME on the Hub; none: only the folder.",
        ),
    ] = None,
) -> None:
    """Write the home's dataset folder, and put it on the Hub if so asked. A run may write to the home meanwhile."""
    export_and_push(home, folder or Path("datasets") / home.name, push)


@again
@task(cache_policy=NO_CACHE)
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
def bootstrap(
    folder: Annotated[
        Path,
        Field(title="Folder", description="Where the base goes: a new folder, or in place of a checkpoint."),
    ],
) -> None:
    """Rebuild the shipped base policy from nothing (at most 90 minutes on 2 cores)."""
    from flows.bootstrap import bootstrap as build
    from flows.running import check_base_folder

    check_base_folder(folder)
    build(folder)
