"""The commands. Heavy imports wait until a command needs them, so that `--help` is quick.

Exit status: 0 done, 1 the work failed, 2 the arguments or the input were wrong.
"""

import shutil
import sys
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from curriculum.errors import InputError, WorkFailed
from flows.environment import let_the_hub_be_asked, quiet_prefect, silence_teardown

if TYPE_CHECKING:
    from rich.console import Console

app = typer.Typer(
    help="A language model practises at the edge of what it can do; a held-out test decides what it keeps.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)
Home = Annotated[Path, typer.Option(help="The folder of one run.")]
DEFAULT_HOME = Path("runs/default")
PREFECT_YAML = Path(__file__).parents[1] / "prefect.yaml"


class Format(StrEnum):
    table = "table"
    csv = "csv"
    json = "json"


@app.command()
def run(
    home: Annotated[
        Path | None, typer.Option(help="The folder of the run. Default: runs/ and the config's name.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="TOML; see examples/. Default: what the home was made with.")
    ] = None,
    rounds: Annotated[
        int | None, typer.Option(min=1, help="How many rounds the home shall have in all.")
    ] = None,
    engine: Annotated[
        str | None, typer.Option(help="What draws the samples: transformers, vllm or server.")
    ] = None,
) -> None:
    """Play rounds of self-play; the same command carries on where it stopped."""
    from flows.running import play

    try:
        play(home, config, rounds, engine)
    except KeyboardInterrupt:
        print("edgework: stopped; the same command carries on", file=sys.stderr)
        raise


@app.command("import")
def import_(
    file: Annotated[
        Path, typer.Argument(help="JSONL or Parquet: problems and, if present, recorded samples.")
    ],
    name: Annotated[str, typer.Option(help="What to call this source.")],
    home: Home = DEFAULT_HOME,
    license: Annotated[
        str | None, typer.Option(help="Of its problems, as the Hub names it, such as mit; goes into exports.")
    ] = None,
    decontaminate: Annotated[
        list[Path] | None,
        typer.Option(
            help="JSONL or Parquet of a test; no problem trains that says what one of it says. Repeatable."
        ),
    ] = None,
) -> None:
    """Bring in problems and recorded samples, judge and select them."""
    from flows.importing import import_file

    import_file(file, name, home, _console(stderr=False), license, decontaminate or ())


@app.command()
def judge(
    file: Annotated[Path, typer.Argument(help='JSONL: {"check", "answer", "text"} a line.')],
    out: Annotated[Path | None, typer.Option(help="Where to write; default: standard output.")] = None,
) -> None:
    """Judge texts: {"outcome", "reason", "judge"} a line, in the order of the input."""
    from flows.judging import judge_file

    raise typer.Exit(judge_file(file, out, _console()))


@app.command()
def rejudge(
    judge: Annotated[str, typer.Option(help="The judge to ask, such as math, or steps.")],
    check: Annotated[
        str | None, typer.Option(help="Ask it about problems of this other kind, as a trial.")
    ] = None,
    home: Home = DEFAULT_HOME,
) -> None:
    """Judge stored samples again, and say which verdicts flip; the old ones stay."""
    from flows.rejudging import rejudge as judge_again

    judge_again(judge, check, home, _console(stderr=False))


@app.command()
def sql(
    query: Annotated[
        str | None,
        typer.Argument(
            help="One statement that reads; - takes it from standard input. Without: what there is."
        ),
    ] = None,
    home: Home = DEFAULT_HOME,
    format: Annotated[Format, typer.Option(help="How to print the rows.")] = Format.table,
) -> None:
    """Query what happened: problems, samples, verdicts, evaluations, promotions and more."""
    from warehouse.query import print_rows, print_views

    if query is None:
        print_views(home, sys.stdout)
        return
    terminal = shutil.get_terminal_size().columns if sys.stdout.isatty() else None
    print_rows(sys.stdin.read() if query == "-" else query, home, format.value, sys.stdout, terminal)


@app.command()
def export(
    folder: Annotated[Path, typer.Argument(help="A new folder, or that of an earlier export.")],
    home: Home = DEFAULT_HOME,
    push: Annotated[
        str | None,
        typer.Option(
            metavar="OWNER/NAME",
            help="Then push it to the Hub: to a dataset that is there, or to a new, private one. Cut short, the same"
            " command carries on.",
        ),
    ] = None,
) -> None:
    """Write a dataset folder that `datasets.load_dataset` reads; with --push, put it on the Hub too."""
    if push is None:
        from flows.exporting import export_home

        export_home(home, folder, _console(stderr=False))
    else:
        let_the_hub_be_asked()
        from flows.publishing import publish

        publish(home, folder, push, _console(stderr=False))


@app.command()
def serve(
    home: Annotated[
        Path | None, typer.Option(help="The home of all schedules. Default: as in prefect.yaml.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option(help="TOML, what a new home is made with. Default: as in prefect.yaml.")
    ] = None,
    cron: Annotated[
        str | None, typer.Option(help="When to play, such as '0 1 * * *'. Default: as in prefect.yaml.")
    ] = None,
    timezone: Annotated[str, typer.Option(help="Of --cron, such as Europe/Paris.")] = "Etc/UTC",
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Of Prefect's server, unless PREFECT_API_URL names one.")
    ] = 4200,
    webhook: Annotated[
        str | None, typer.Option(help="URL to call at promotions, refusals and stalls.")
    ] = None,
) -> None:
    """Keep the schedules of prefect.yaml on this machine, until stopped; Prefect's UI shows what happens."""
    from flows.serving import serve as keep

    keep(home, config, cron, timezone, port, webhook, _console(stderr=False))


@app.command()
def deploy(
    file: Annotated[Path, typer.Option(help="Deployments, as Prefect reads them.")] = PREFECT_YAML,
    gpus: Annotated[
        int | None,
        typer.Option(
            min=0,
            help="How many GPUs all workers have together: slots of the limit edgework-gpu. Default: as it is.",
        ),
    ] = None,
    webhook: Annotated[
        str | None, typer.Option(help="URL to call at promotions, refusals and stalls.")
    ] = None,
) -> None:
    """Put deployments, work pools, the GPU limit and automations on the server that PREFECT_API_URL names."""
    from flows.deploying import deploy as put

    put(file, gpus, webhook, _console(stderr=False))


@app.command()
def gc(
    home: Home = DEFAULT_HOME,
    remove: Annotated[bool, typer.Option("--remove", help="Remove it, rather than show it.")] = False,
    older_than: Annotated[
        float,
        typer.Option(
            min=0,
            max=87_600,
            help="Hours since a small shard was merged; readers that began before still need it.",
        ),
    ] = 24,
) -> None:
    """Show, or remove, what a home can do without: never a row, nor a checkpoint that was promoted."""
    from flows.housekeeping import collect_garbage

    collect_garbage(home, older_than, remove, _console(stderr=False))


@app.command()
def report(home: Home = DEFAULT_HOME) -> None:
    """Write report.html and print the summary."""
    from flows.reporting import print_summary, publish_report

    publish_report(home)
    print_summary(home, _console(stderr=False))


@app.command()
def config() -> None:
    """Print every key of a config with its default and what it is for, as TOML."""
    from flows.config_text import config_text

    print(config_text(), end="")


@app.command()
def bootstrap(
    folder: Annotated[
        Path | None, typer.Option(help="Where to build; default: the shipped policy/tiny itself.")
    ] = None,
) -> None:
    """Rebuild the shipped base policy from nothing (at most 90 minutes on 2 cores); resumes if cut short."""
    from flows.running import bootstrap_base

    bootstrap_base(folder)


def _console(stderr: bool = True) -> "Console":
    from rich.console import Console

    return Console(stderr=stderr)


def main() -> None:
    """The console script: what a person did wrong is told in a line, without a traceback."""
    silence_teardown()
    quiet_prefect()
    try:
        app()
    except InputError as error:
        print(f"edgework: {error}", file=sys.stderr)
        sys.exit(2)
    except WorkFailed as error:
        print(f"edgework: {error}", file=sys.stderr)
        sys.exit(1)
    except (
        FileNotFoundError,
        FileExistsError,
        NotADirectoryError,
        IsADirectoryError,
        PermissionError,
    ) as error:
        print(f"edgework: {error.filename}: {error.strerror}", file=sys.stderr)
        sys.exit(2)
