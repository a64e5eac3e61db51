"""Shards drawn by actors of a Ray cluster on this machine: each once, whatever becomes of an actor or a node."""

import os
import shutil
import signal
import time
from collections import deque
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from rich.console import Console
from safetensors.torch import load, save

from curriculum.errors import InputError, WorkFailed
from curriculum.records import Problem
from flows import drawing
from flows.drawing import ShardJob, sample_and_judge, shards_of
from flows.gate import base
from flows.practice import problem_row
from flows.progress import Bars, Meter
from flows.run import Policy, Run, register_policy
from flows.settings import SHIPPED_BASE, Config, CurriculumConfig, PolicyConfig
from flows.slots import Slot, draw_slots
from generators.drawing import draw
from policy.checkpoint import BadCheckpoint
from policy.engine import Engine, Request
from policy.scripted_engine import ScriptedEngine
from warehouse.query import open_reader
from warehouse.store import Warehouse

ray = pytest.importorskip("ray", reason="Ray is not installed: make engines")

from ray.cluster_utils import Cluster as Nodes  # noqa: E402

from flows import cluster, cluster_members  # noqa: E402
from flows.cluster import Cluster  # noqa: E402
from flows.cluster_members import Member  # noqa: E402
from flows.cluster_worker import DrawnShard, Worker, share_of_cores  # noqa: E402

CONFIG = Config(
    policy=PolicyConfig(engines=2, max_new_tokens=48),
    curriculum=CurriculumConfig(draws=8, stopping="agreement"),
)
PROBLEMS = [problem for family in ("gcd", "sort_string") for problem in draw(family, 5, 64, 3, "train")]
PATIENCE_S = 90


@pytest.fixture(scope="module")
def nodes() -> Iterator[Nodes]:
    """A cluster with room for one engine."""
    nodes = Nodes(initialize_head=True, head_node_args={"num_cpus": 1, "object_store_memory": 10**8})
    ray.init(address=nodes.address, log_to_driver=False, logging_level="error")
    yield nodes
    ray.shutdown()
    nodes.shutdown()


@pytest.fixture(scope="module", autouse=True)
def small_shards() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(drawing, "SHARD", 16)
        yield


@pytest.fixture(scope="module")
def run(nodes: Nodes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    with (
        Warehouse(tmp_path_factory.mktemp("cluster") / "home") as store,
        closing(Run(store, CONFIG, _quiet())) as run,
    ):
        store.commit("problems", {"problems": [problem_row(problem, 1) for problem in PROBLEMS]})
        base(run)
        yield run


def _quiet() -> Bars:
    return Bars(console=Console(quiet=True))


def shipped(run: Run) -> Policy:
    return Policy(run.store.query("select policy from policies where round = 0")[0]["policy"], SHIPPED_BASE)


def another(run: Run, folder: Path) -> Policy:
    """The same weights in a file of other bytes: another policy."""
    shutil.copytree(SHIPPED_BASE, folder)
    file = folder / "model.safetensors"
    file.write_bytes(save(load(file.read_bytes()), {"format": "pt", "note": folder.name}))
    return register_policy(run, f"another/{folder.name}", 1, folder, None)


def there(run: Run) -> list[Member]:
    return run.cluster._members.there()


def pid(member: Member) -> int:
    return int(ray.get(member.actor.__ray_call__.remote(lambda _: os.getpid())))


def check_once(run: Run, number: int, problems: list[Problem] = PROBLEMS) -> list[dict[str, object]]:
    """Of each problem the first so many draws, each with both verdicts; returns the samples."""
    found = run.store.query(
        "select problem_key, draw, text from samples where round = ? order by all", (number,)
    )
    rows = run.store.query(
        "select problem_key, count(*) as n, max(draw) + 1 as last, count(distinct key) as keys from samples "
        "where round = ? group by all", (number,)
    )  # fmt: skip
    assert {row["problem_key"] for row in rows} == {problem.key for problem in problems}
    assert all(row["n"] == row["last"] == row["keys"] and row["n"] in (4, 8) for row in rows)
    verdicts = "select count(*) as n from verdicts v join samples s on s.key = v.sample_key where s.round = ?"
    assert run.store.query(verdicts, (number,))[0]["n"] == 2 * sum(row["n"] for row in rows)
    return found


def play(run: Run, number: int, policy: Policy, *events: object) -> Meter:
    """A stage of practice; after each shard's commit, the next event happens."""
    meter = Meter(run.progress, "sample", 0)
    upcoming = iter(events)

    def commit(job: ShardJob) -> None:
        job.judge_and_commit()
        if event := next(upcoming, None):
            event()  # type: ignore[operator]

    sample_and_judge(run, number, "sample", PROBLEMS, policy, meter, commit)
    return meter


def test_a_run_begins_with_one_engine_and_a_machine_that_comes_later_gets_work(
    nodes: Nodes, run: Run
) -> None:
    busy: set[int] = set()

    def look() -> None:
        busy.update(pid(member) for member in there(run) if member.has)

    assert len(list(run.cluster._members)) == 2
    play(run, 1, shipped(run), look)
    assert len(busy) == len(there(run)) == 1
    alone = check_once(run, 1)
    nodes.add_node(num_cpus=1, object_store_memory=10**8)
    again = another(run, run.home / "policies" / "two")
    deadline = time.monotonic() + PATIENCE_S
    while len(there(run)) < 2:
        assert time.monotonic() < deadline
        run.cluster.draw_slots([Slot(("gcd", 1), 1, 1)], frozenset())  # type: ignore[list-item]
    meter = play(run, 2, again, *[look] * 8)
    assert len(busy) == 2
    found = check_once(run, 2)
    assert found == alone  # two draw what one drew
    [row] = run.store.query("select count(*) as n, sum(tokens)::int as tokens from samples where round = 2")
    assert (meter.items, meter.tokens) == (
        8 * len(PROBLEMS),
        row["tokens"],
    )  # what the rule spared counts as done


def test_problems_are_those_that_one_machine_draws(run: Run) -> None:
    cells = [cell for cell in run.cells() if cell.level < 5]
    slots = [Slot(cell, 9, seed) for cell in cells for seed in (1, 2)]
    taken = frozenset(problem.key for problem in PROBLEMS)
    assert run.cluster.draw_slots(slots, taken) == draw_slots(slots, taken)


def await_engines(run: Run, count: int) -> None:
    """Who has come or is lost is found out while there is something to do."""
    deadline = time.monotonic() + PATIENCE_S
    while len(there(run)) != count:
        assert time.monotonic() < deadline
        run.cluster.draw_slots([Slot(("gcd", 1), 1, 1)], frozenset())  # type: ignore[list-item]


def test_an_engine_that_is_killed_costs_nothing_but_time(run: Run, tmp_path: Path) -> None:
    policy = another(run, tmp_path / "three")
    killed: list[int] = []

    def kill() -> None:
        victim = next(member for member in there(run) if member.has)
        killed.append(pid(victim))
        os.kill(killed[0], signal.SIGKILL)

    meter = play(run, 3, policy, kill)
    check_once(run, 3)
    [row] = run.store.query("select sum(tokens)::int as tokens from samples where round = 3")
    assert (meter.items, meter.tokens) == (8 * len(PROBLEMS), row["tokens"])
    await_engines(run, 2)  # another one takes its place
    assert killed[0] not in {pid(member) for member in there(run)}


def test_a_machine_that_leaves_takes_nothing_with_it(nodes: Nodes, run: Run, tmp_path: Path) -> None:
    policy = another(run, tmp_path / "four")
    play(run, 4, policy, lambda: nodes.remove_node(next(iter(nodes.worker_nodes)), allow_graceful=False))
    check_once(run, 4)
    await_engines(run, 1)  # which may be noticed after the last shard


def test_engines_rest_between_stages_and_draw_again(run: Run, tmp_path: Path) -> None:
    run.cluster.rest()
    policy = another(run, tmp_path / "five")
    play(run, 5, policy)
    check_once(run, 5)
    [row] = run.store.query("select distinct policy from samples where round = 5")
    assert row["policy"] == policy.name


def test_what_an_engine_raises_is_raised(run: Run, tmp_path: Path) -> None:
    """Here that a machine has other weights under the path of the policy."""
    policy = Policy("r9-00000000", SHIPPED_BASE)
    with pytest.raises(
        BadCheckpoint, match=r"the weights of a policy never change, and these are no longer r9-"
    ):
        play(run, 9, policy)
    shutil.copytree(SHIPPED_BASE, tmp_path / "base")
    (tmp_path / "base" / "config.json").unlink()
    with pytest.raises(BadCheckpoint, match="base"):
        play(run, 9, Policy(shipped(run).name, tmp_path / "base"))


def test_too_many_losses_end_the_run(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cluster_members, "LOSSES", 0)
    policy = another(run, tmp_path / "six")

    def kill() -> None:
        os.kill(pid(there(run)[0]), signal.SIGKILL)

    with pytest.raises(WorkFailed, match="1 engines were lost in one place without a shard between"):
        play(run, 6, policy, kill)


def test_a_shard_over_which_every_engine_is_lost_ends_the_run(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Also where each hands in others before."""
    deadly = PROBLEMS[-1].key

    class Mortal(Worker):
        def _drawing_from(self, policy: str, folder: Path) -> Engine:
            def write(request: Request) -> str:
                if request.problem.key == deadly:
                    os.kill(os.getpid(), signal.SIGKILL)
                return "A: 1"

            return ScriptedEngine(policy, write)

    monkeypatch.setattr(cluster_members, "Worker", Mortal)
    monkeypatch.setattr(cluster, "LOSSES", 1)
    run.cluster.close()  # whose engine has the room
    policy = shipped(run)
    works = shards_of(run.config, 7, "sample", PROBLEMS)
    with closing(Cluster(run.config, run.home)) as mortal:
        drawn = mortal.draw(policy.name, policy.folder, works, Meter(run.progress, "sample", 0))
        with pytest.raises(WorkFailed, match="went to 2 engines, and each was lost over it"):
            deque(drawn, maxlen=0)


def drawn_by(worker: Worker, config: Config, folder: Path) -> list[DrawnShard]:
    works = shards_of(config, 1, "sample", PROBLEMS[:32])
    shards = list(worker.go_on(works).shards)
    while len(shards) < len(works):
        shards += worker.go_on([]).shards
    return shards


def test_a_worker_draws_judges_and_writes_under_names_of_its_own(tmp_path: Path) -> None:
    home = tmp_path / "home"
    with Warehouse(home) as store:
        worker = Worker(CONFIG, home)
        assert worker.greet()
        policy = base(Run(store, CONFIG, _quiet()))
        shards = []
        for _ in range(2):
            worker.begin("sample", policy.name, policy.folder)
            shards += drawn_by(worker, CONFIG, home)
        paths = [shard.path for one in shards for shard in one.rows.shards]
        assert len(set(paths)) == len(paths) == 2 * 2 * 3
        assert all((home / path).exists() for path in paths)
        assert [one.samples for one in shards[:2]] == [one.samples for one in shards[2:]]
        assert 0 < sum(one.engine_seconds for one in shards) < sum(one.seconds for one in shards)
        worker.begin("sample", policy.name, policy.folder)
        worker.go_on(shards_of(CONFIG, 1, "sample", PROBLEMS))
        started = time.monotonic()
        worker.rest()  # gives up what is under way
        assert time.monotonic() - started < 5
        with pytest.raises(ValueError, match="once a stage has begun"):
            worker.go_on([])
        store.commit("r0001/sample/0000", {}, shards[0].rows)
    with open_reader(home) as con:
        assert con.execute("select count(*) from samples").fetchone() == (shards[0].samples,)


@pytest.mark.parametrize(
    ("engines", "machine", "cores"),
    [
        (8, {"CPU": 64.0, "GPU": 8.0}, 8),
        (16, {"CPU": 64.0, "GPU": 8.0}, 8),  # on two machines
        (2, {"CPU": 64.0, "GPU": 8.0}, 32),
        (2, {"CPU": 8.0}, 4),
        (16, {"CPU": 8.0}, 1),
        (4, {"CPU": 2.0, "GPU": 4.0}, 1),
    ],
)
def test_a_worker_judges_with_its_share_of_the_cores(
    engines: int, machine: dict[str, float], cores: int
) -> None:
    assert share_of_cores(engines, machine) == cores


def test_a_machine_without_the_home_is_told(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=f"{tmp_path}/nowhere is not a home on "):
        Worker(CONFIG, tmp_path / "nowhere").greet()
