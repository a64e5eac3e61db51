"""`edgework run` and `edgework bootstrap`: check everything that can be checked, then start the flow."""

from pathlib import Path

from rich.console import Console

from curriculum.errors import InputError
from flows import config as configs
from flows import trainers
from flows.config import BadConfig
from flows.evaluation_files import read_sets
from flows.gpus import needed, own_gpus
from flows.opening import open_home
from flows.prefect_server import await_api, start_api
from flows.settings import SHIPPED_BASE, Config

SAVED = "config.toml"
UNSANDBOXED = (
    "DANGER: judging.unsandboxed_programs is set. Where bubblewrap cannot run, programs that the model writes run"
    " with your rights, your files and your network."
)


def play(home: Path | None, file: Path | None, rounds: int | None, engine: str | None) -> None:
    """Start or continue a run. InputError before anything is written if it cannot be played."""
    console = Console()
    home, config = resolve(home, file, rounds, engine)
    check(config, console)
    start_api()  # its seconds go by beside those of importing torch
    with own_gpus(needed(config)):
        make_ready(home, config, console)
        with console.status("starting Prefect (a server of its own, unless PREFECT_API_URL names one)"):
            from flows.reporting import print_summary
            from flows.self_play import self_play

            await_api()
        self_play(home, config)
    print_summary(home, console)


def check(config: Config, console: Console) -> None:
    """What takes no time. InputError for what cannot be played here."""
    trainers.check(config.training)
    read_sets(config.evaluation_files())
    if config.judging.unsandboxed_programs:
        console.print(f"[bold red]{UNSANDBOXED}[/]")


def make_ready(home: Path, config: Config, console: Console) -> None:
    """Check the rest and write the config into the home. InputError before anything is written."""
    from flows.engines import check_engine
    from policy import checkpoint

    check_engine(config)
    if (home / SAVED).exists():
        for key, values in configs.differences(config, configs.read(home / SAVED)).items():
            console.print(f"{key} is {values}, from now on", highlight=False)
    else:  # nothing is written for a base that does not load
        if config.policy.engine == "transformers":
            checkpoint.load(config.policy.folder)  # seconds
        else:  # the device is the engine's: of what is loaded here it would lack the memory
            checkpoint.check(config.policy.folder)
            checkpoint.load_tokenizer(config.policy.folder)
    with open_home(home, console):  # a home in use, damaged, or of a newer version is told here
        configs.write(config, home / SAVED)


def resolve(
    home: Path | None, file: Path | None, rounds: int | None, engine: str | None
) -> tuple[Path, Config]:
    """Which home and which config: a new run's from its file, a home's from what it was made with."""
    if home is None:
        home = Path("runs") / (file.stem if file else "default")
    saved = configs.read(home / SAVED) if (home / SAVED).exists() else None
    config = configs.read(file) if file else saved or Config()
    changes = {"rounds": rounds} if rounds else {}
    config = config.model_copy(update=changes)
    if engine:
        config = configs.with_engine(config, engine)
    differing = configs.differences(config, saved) if saved else {}
    if kept := [f"{key} is {values}" for key, values in differing.items() if key not in configs.MAY_CHANGE]:
        raise BadConfig(
            f"{home}: a home keeps what decides its samples and comparisons; {'; '.join(kept)} (take another --home)"
        )
    return home, config


def bootstrap_base(folder: Path | None) -> None:
    """Rebuild the shipped base. Raises as `check_base_folder` does."""
    if folder:
        check_base_folder(folder)
    from flows.bootstrap import bootstrap

    start_api()
    await_api()
    bootstrap(folder or SHIPPED_BASE)


def check_base_folder(folder: Path) -> None:
    """InputError rather than replace a folder that holds something else."""
    if folder.exists() and not (folder / "config.json").exists():
        raise InputError(f"{folder}: the base goes to a new folder, or in place of a checkpoint")
