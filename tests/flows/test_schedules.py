"""Nights of a small team in minutes: real Prefect services play real rounds on a schedule, and get killed meanwhile."""

import sys
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import datetime
from itertools import pairwise
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml

from flows.homes import slug
from tests.flows.prefect_api import Api
from tests.flows.prefect_services import (
    EDGEWORK,
    REPOSITORY,
    decided,
    descendants,
    kill_all,
    postgres,
    process,
    run,
    server,
    until,
    webhook,
)
from warehouse.query import open_reader
from warehouse.store import Warehouse

NIGHT_S = 15  # from one to the next
CONFIG = """
seed = 1

[policy]
temperature = 1.0

[curriculum]
families = { reverse_string = [5, 10], modular_arithmetic = [6, 10] }
problems = 128
draws = 3

[training]
steps = 14
learning_rate = 3e-4
tokens_per_batch = 4096
optimizer = "muon"

[evaluation]
problems_per_cell = 12
"""  # its first candidate is promoted with p < 1e-6
SILENT_SOON = """
from datetime import timedelta
from flows.automations import automations, put
put(automations(None, silent=timedelta(seconds=45))[0])
"""


class Story(NamedTuple):
    """What there is to look at when all has happened."""

    api: Api
    home: Path
    posted: list[dict[str, Any]]
    killed: str = ""  # the run of the second round that was
    cancelled: str = ""  # in the third or a later one


def dataset_of(home: Path) -> Path:
    return home.with_name("dataset")


def deployments(folder: Path, home: Path) -> Path:
    """Ours, with a home of the test's own and nights that are seconds apart."""
    (folder / "config.toml").write_text(CONFIG)
    content = yaml.safe_load((REPOSITORY / "prefect.yaml").read_text())
    for entry in content["deployments"]:
        if "home" in entry["parameters"]:
            entry["parameters"]["home"] = str(home)
        if entry["name"] == "nightly":
            entry["parameters"]["config"] = str(folder / "config.toml")
            entry["schedules"] = [{"slug": "every-night", "interval": NIGHT_S, "active": True}]
        if entry["name"] == "after-promotion":
            entry["parameters"]["folder"] = str(dataset_of(home))
    file = folder / "prefect.yaml"
    file.write_text(yaml.safe_dump(content))
    return file


@pytest.fixture(scope="module")
def story(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Story]:
    """On Postgres the whole one; on SQLite, which one writer at times keeps busy for a minute, its first night."""
    folder = tmp_path_factory.mktemp(request.param)
    home = folder / "home"
    with ExitStack() as services:
        database = services.enter_context(postgres()) if request.param == "postgres" else None
        environment = services.enter_context(server(folder, database))
        url, posted = services.enter_context(webhook())
        api = Api(environment)
        deploy = [EDGEWORK, "deploy", "--file", str(deployments(folder, home)), "--gpus", "2"]
        run([*deploy, "--webhook", url], environment)
        run([sys.executable, "-c", SILENT_SOON], environment)
        start = [str(Path(sys.executable).with_name("prefect")), "worker", "start", "--pool", "edgework-cpu"]
        exported = lambda: api.runs("export/after-promotion", "Completed")  # noqa: E731
        with process(start, environment, folder / "worker.log") as worker:
            until(lambda: decided(home) == 1, "the first night's round is played", 240)
            if request.param == "sqlite":
                until(exported, "the dataset is exported", 240)
                until(lambda: posted, "the webhook is told", 60)
                yield Story(api, home, posted)
                return
            until(lambda: [*home.glob("shards/*/r0002~*")], "the second night has begun", 240)
            [running] = api.runs("self-play/nightly", "Running")
            kill_all(worker)
        until(lambda: api.state(running["id"]) == "Crashed", "the server knows that the run is gone", 120)
        with process(start, environment, folder / "worker.log") as worker:
            until(lambda: decided(home) >= 2, "a later night finishes the second round", 240)
            api.post(f"/deployments/{api.deployment('self-play/nightly')['id']}/pause_deployment")
            until(lambda: not api.runs("self-play/nightly", "Running"), "the night is over", 120)
            third = api.start("self-play/nightly", rounds=5)
            until(lambda: [*home.glob("shards/*/r0003~*")], "the third round has begun", 240)
            waiting = api.start("rejudge/weekly")
            until(lambda: "waiting: " in api.log(waiting), "the other deployment waits for the home", 120)
            api.post(f"/flow_runs/{third}/set_state", state={"type": "CANCELLING"}, force=False)
            until(lambda: api.state(third) == "Cancelled", "the run is cancelled", 60)
            until(lambda: api.has_completed(waiting), "who waited for the home has had it", 240)
            until(exported, "the dataset is exported", 240)
            until(lambda: not descendants(worker.pid), "no run has left a process behind", 60)
            last = api.start("self-play/nightly")
            until(lambda: api.has_completed(last), "the next night finishes the cancelled round", 240)
        yield Story(api, home, posted, running["id"], third)


everywhere = pytest.mark.parametrize("story", ["sqlite", "postgres"], indirect=True, scope="module")
whole = pytest.mark.parametrize("story", ["postgres"], indirect=True, scope="module")


@whole
def test_the_second_round_was_finished_after_the_kill_and_nothing_is_there_twice(story: Story) -> None:
    assert story.api.state(story.killed) == "Crashed"
    with open_reader(story.home) as con:
        one = lambda sql: con.execute(sql).fetchall()  # noqa: E731
        assert one("select count(*) = count(distinct key) from samples") == [(True,)]
        assert one("select count(*) = count(distinct round) from promotions") == [(True,)]
        assert one("select count(*) from samples where round = 2 and stage = 'sample'") == [(128 * 3,)]
        assert one("select count(*) from repairs where name <> ''") == [(0,)]


@whole
def test_the_round_that_was_cancelled_is_finished_by_the_next_night(story: Story) -> None:
    assert story.api.state(story.cancelled) == "Cancelled"
    with Warehouse(story.home) as store:
        assert not store.repairs
    with open_reader(story.home) as con:
        drawn = "select max(round), count(distinct round) from samples where stage = 'sample'"
        [begun] = con.execute(drawn).fetchall()
        [decisions] = con.execute("select max(round), count(*) from promotions").fetchall()
        assert begun == decisions
        assert begun >= (3, 3)


@whole
def test_nights_do_not_overlap(story: Story) -> None:
    runs = story.api.runs("self-play/nightly", "Completed", "Crashed", "Cancelled")
    runs = [run for run in runs if run["end_time"] > run["start_time"]]  # who was left out took no time
    times = sorted(
        (datetime.fromisoformat(r["start_time"]), datetime.fromisoformat(r["end_time"])) for r in runs
    )
    assert len(times) >= 3
    assert all(end <= start for (_, end), (start, _) in pairwise(times))
    left_out = [
        run for run in story.api.runs("self-play/nightly", "Cancelled") if run["id"] != story.cancelled
    ]
    assert left_out, "no night came while another one was at work"
    assert all("concurrency limit" in run["state"]["message"] for run in left_out)


@everywhere
def test_runs_are_named_by_home_and_round(story: Story) -> None:
    names = [run["name"] for run in story.api.runs("self-play/nightly", "Completed", "Crashed")]
    assert names[0] == "home: round 1"
    assert not story.killed or names[1] == "home: round 2"


@everywhere
def test_a_promotion_called_the_webhook_and_exported_the_dataset(story: Story) -> None:
    told = [one for one in story.posted if one["details"]["round"] == 1]
    [promotion] = told
    with open_reader(story.home) as con:
        [(candidate, promoted)] = con.execute(
            "select candidate, promoted from promotions where round = 1"
        ).fetchall()
    assert promoted
    assert promotion["event"] == "edgework.candidate.promoted"
    assert promotion["details"]["candidate"] == candidate
    assert promotion["details"]["home"] == str(story.home)
    exported = story.api.runs("export/after-promotion", "Completed")[0]
    assert exported["parameters"]["home"] == str(story.home)
    assert (dataset_of(story.home) / "README.md").exists()


@everywhere
def test_a_run_shows_its_progress_its_state_its_spend_and_its_report(story: Story) -> None:
    first = story.api.runs("self-play/nightly", "Completed")[0]
    artifacts = story.api.artifacts(first["id"])
    progress = [one for one in artifacts if one["type"] == "progress"]
    assert {one["description"] for one in progress} >= {"round 1: sample", "round 1: fine-tune"}
    assert all(one["data"] == 100 for one in progress)
    of_the_home = {one["key"]: one for one in artifacts if one["key"]}  # each is shown once, after the round
    name = slug(story.home)
    assert of_the_home.keys() == {f"{name}-state", f"{name}-spend", f"{name}-report"}
    assert "**Round 1: promoted.**" in of_the_home[f"{name}-state"]["data"]
    assert "finetune" in of_the_home[f"{name}-spend"]["data"]
    assert (story.home / "report.html").as_uri() in of_the_home[f"{name}-report"]["data"]


@everywhere
def test_the_log_reads_like_the_terminal(story: Story) -> None:
    first = story.api.runs("self-play/nightly", "Completed")[0]
    log = story.api.log(first["id"])
    assert "round 1: decision        promoted: better on the held-out problems" in log
    assert "\x1b" not in log


@everywhere
def test_parameters_make_a_form(story: Story) -> None:
    schema = story.api.deployment("self-play/nightly")["parameter_openapi_schema"]
    assert schema["required"] == ["home"]
    assert all(parameter["description"] for parameter in schema["properties"].values())
    assert schema["properties"]["rounds"]["minimum"] == 1


@everywhere
def test_the_gpu_limit_is_there(story: Story) -> None:
    limit = story.api.get("/v2/concurrency_limits/edgework-gpu")
    assert (limit["limit"], limit["active"]) == (2, True)
