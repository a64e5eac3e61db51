"""`edgework export --push` over HTTP, against a server that speaks the Hub's protocol and fails on purpose."""

import os
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from hashlib import sha256
from pathlib import Path
from random import Random

import pytest

from tests.warehouse.hub_repositories import Commit, File, Repositories, Repository
from tests.warehouse.hub_server import HubServer
from tests.warehouse.small_home import outcome, policy, problem, sample, selection, verdict
from warehouse.export import export
from warehouse.hub.access import check_name
from warehouse.hub.patience import PushRefused
from warehouse.store import Warehouse

ROOT = Path(__file__).parents[2]
TOKEN = "hf_thisMustNotBeSeenAnywhere"
REPO = "me/practice"
Done = subprocess.CompletedProcess[str]


def fill(home: Path, problems: int, round: int = 1) -> None:
    """Each problem with one right solution, of letters that do not compress."""
    random = Random(round)
    samples = [
        sample(f"s{n:03}", f"p{n:03}", round=round, text="".join(random.choices("abcdefghijklmnop", k=1000)))
        for n in range(problems)
    ]
    with Warehouse(home) as store:
        store.commit(
            f"round/{round}",
            {
                "problems": [problem(f"p{n:03}") for n in range(problems)],
                "samples": samples,
                "verdicts": [verdict(row["key"], "right") for row in samples],
                "outcome_revisions": [outcome(row, "train", "right") for row in samples],
                "selections": [
                    selection(row["key"], row["problem_key"], "admitted", round, 1.0) for row in samples
                ],
                "policies": [policy("base-00000000", 0, None)],
            },
        )


@pytest.fixture
def home(tmp_path: Path) -> Path:
    fill(tmp_path / "home", 70)
    return tmp_path / "home"


@pytest.fixture
def hub() -> Iterator[HubServer]:
    with HubServer(Repositories(("me", "our-lab")), TOKEN) as server:
        yield server


def environment(hub: HubServer, tmp_path: Path, **more: str) -> dict[str, str]:
    ours = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "EDGEWORK_"))}
    return ours | hub.environment | {"HF_HOME": str(tmp_path / "hf"), "OMP_NUM_THREADS": "1"} | more


def pushing(tmp_path: Path, repo: str = REPO) -> list[str]:
    folder, home = tmp_path / "out", tmp_path / "home"
    return [
        sys.executable, "-m", "tests.warehouse.hurried",
        "export", str(folder), "--home", str(home), "--push", repo,
    ]  # fmt: skip


def push(hub: HubServer, tmp_path: Path, repo: str = REPO, **more: str) -> Done:
    """Run the command. Whatever becomes of it, nobody may read the token, or a signature, anywhere."""
    env = environment(hub, tmp_path, **more)
    command = pushing(tmp_path, repo)
    done = subprocess.run(
        command, cwd=ROOT, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    secrets = [env.get("HF_TOKEN") or TOKEN, hub.signature]
    for text in [done.stdout, done.stderr, *files_of(tmp_path)]:
        assert not [secret for secret in secrets if secret in text]
    assert "Traceback" not in done.stderr
    return done


def files_of(folder: Path) -> Iterator[str]:
    return (path.read_text(errors="replace") for path in folder.rglob("*") if path.is_file())


def exported(tmp_path: Path) -> dict[str, bytes]:
    folder = tmp_path / "out"
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


def repository(hub: HubServer, repo: str = REPO) -> Repository:
    return hub.repositories.get(repo)


def contents(commit: Commit) -> dict[str, bytes]:
    return {path: file.content for path, file in commit.files.items() if path != ".gitattributes"}


def sent_once(hub: HubServer, tmp_path: Path) -> bool:
    """Whether the storage took every object's bytes, and no more than that."""
    objects = {
        sha256(data).hexdigest(): len(data)
        for path, data in exported(tmp_path).items()
        if path != "README.md"
    }
    return dict(hub.sent) == objects


def test_an_export_is_pushed_as_one_commit_to_a_new_private_dataset(
    hub: HubServer, home: Path, tmp_path: Path
) -> None:
    done = push(hub, tmp_path)
    assert done.returncode == 0, done.stderr
    _, made = repository(hub).commits
    assert repository(hub).private
    assert contents(made) == exported(tmp_path)
    assert sent_once(hub, tmp_path)
    assert hub.count("PUT", "/part/") > 10
    assert "pushed: " in done.stdout
    assert made.oid[:12] in done.stdout


def test_a_version_names_its_last_round_and_its_bytes(hub: HubServer, home: Path, tmp_path: Path) -> None:
    push(hub, tmp_path)
    [command] = re.findall(r"^cd out && (.*)$", (ROOT / "docs" / "publish.md").read_text(), re.MULTILINE)
    told = subprocess.run(
        command, shell=True, cwd=tmp_path / "out", capture_output=True, text=True, check=True
    )
    digest = told.stdout.split()[0]
    assert repository(hub).head.title == f"Round 1, export {digest[:12]}"
    assert digest in repository(hub).head.description


LOAD = """
import sys
from datasets import load_dataset
repo, folder, *configs = sys.argv[1:]
for config in configs:
    source = load_dataset(folder, config, split="train").to_list()
    assert load_dataset(repo, config, split="train").to_list() == source
    assert list(load_dataset(repo, config, split="train", streaming=True)) == source
    print(config, len(source))
"""


def test_what_was_pushed_loads_back(hub: HubServer, home: Path, tmp_path: Path) -> None:
    pytest.importorskip("datasets")
    push(hub, tmp_path)
    command = [sys.executable, "-c", LOAD, REPO, str(tmp_path / "out"), "sft", "problems", "samples"]
    env = environment(hub, tmp_path)
    done = subprocess.run(
        command, cwd=tmp_path, env=env, capture_output=True, text=True, timeout=300, check=False
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout == "sft 70\nproblems 70\nsamples 70\n"
    assert hub.count("GET", "/resolve/.*/samples/train-00003-of-00004.parquet") > 1


def test_it_goes_through_hf_xet_where_that_is_not_turned_off(
    hub: HubServer, home: Path, tmp_path: Path
) -> None:
    pytest.importorskip("hf_xet")
    hub.fail("POST", "/commit/", 500, times=10**6)
    assert push(hub, tmp_path, HF_HUB_DISABLE_XET="0").returncode == 1
    assert len(repository(hub).commits) == 1
    sent = hub.sent.total()
    assert sent > 0
    hub.faults.clear()
    done = push(hub, tmp_path, HF_HUB_DISABLE_XET="0")
    assert done.returncode == 0, done.stderr
    assert contents(repository(hub).head) == exported(tmp_path)
    assert hub.count("PUT", "/storage/") == 0
    assert hub.sent.total() == sent


def test_the_same_export_again_is_nothing_new(hub: HubServer, home: Path, tmp_path: Path) -> None:
    push(hub, tmp_path)
    done = push(hub, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("nothing new: ")
    assert len(repository(hub).commits) == 2
    assert sent_once(hub, tmp_path)


def test_a_push_that_breaks_off_is_finished_by_the_same_command(
    hub: HubServer, home: Path, tmp_path: Path
) -> None:
    hub.fail("PUT", "/storage/", how="drop", after=6, times=10**6)
    done = push(hub, tmp_path)
    assert done.returncode == 1
    assert "the push to me/practice is not finished" in done.stderr
    assert "the same command carries on" in done.stderr
    assert len(repository(hub).commits) == 1
    stored, sent = set(repository(hub).objects), dict(hub.sent)
    assert stored
    hub.faults.clear()
    assert push(hub, tmp_path).returncode == 0
    assert contents(repository(hub).head) == exported(tmp_path)
    assert all(hub.sent[oid] == sent[oid] for oid in stored)


def test_what_passes_is_waited_for(hub: HubServer, home: Path, tmp_path: Path) -> None:
    hub.fail("GET", "/api/datasets/", "drop")
    hub.fail("POST", "/create", 503)
    hub.fail("GET", "/tree/", "drop")
    hub.fail("POST", "/validate-yaml", 502)
    hub.fail("POST", "/batch", 429, Retry_After="1")
    for number, how in enumerate(["drop", "silent", 500, 503, 403]):  # 403: the signature has expired
        hub.fail("PUT", "/storage/", how, after=2 * number)
    hub.fail("POST", "/verify", 500)
    hub.fail("POST", "/commit/", 504)
    done = push(hub, tmp_path)
    assert done.returncode == 0, done.stderr
    assert all(fault.after < 0 for fault in hub.faults)
    assert len(repository(hub).commits) == 2
    assert contents(repository(hub).head) == exported(tmp_path)


def test_a_commit_whose_answer_is_lost_is_not_made_twice(hub: HubServer, home: Path, tmp_path: Path) -> None:
    hub.fail("POST", "/commit/", "deaf")
    done = push(hub, tmp_path)
    assert done.returncode == 0, done.stderr
    assert "looking at what stands there" in done.stderr
    assert "pushed: " in done.stdout
    assert len(repository(hub).commits) == 2
    assert hub.count("POST", "/commit/") == 0


@pytest.mark.parametrize(
    ("method", "path", "after", "how", "landed"),
    [
        ("POST", "/create", 0, "silent", False),
        ("PUT", "/storage/", 6, "silent", False),
        ("POST", "/commit/", 0, "silent", False),
        ("POST", "/commit/", 0, "deaf", True),
    ],
)
def test_a_killed_push_is_finished_by_the_same_command(
    hub: HubServer, home: Path, tmp_path: Path, method: str, path: str, after: int, how: str, landed: bool
) -> None:
    hub.fail(method, path, how, after, times=10**6)
    env = environment(hub, tmp_path)
    process = subprocess.Popen(
        pushing(tmp_path), cwd=ROOT, env=env, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    wait_for(lambda: hub.faults[0].after < 0 and (not landed or len(repository(hub).commits) == 2))
    process.kill()
    process.wait()
    stored = {oid for found in hub.repositories.by_name.values() for oid in found.objects}
    sent = dict(hub.sent)
    hub.faults.clear()
    done = push(hub, tmp_path)
    assert done.returncode == 0, done.stderr
    assert done.stdout.splitlines()[-1].startswith("nothing new" if landed else "pushed")
    assert len(repository(hub).commits) == 2
    assert contents(repository(hub).head) == exported(tmp_path)
    assert all(hub.sent[oid] == sent[oid] for oid in stored)


def test_a_hub_that_dies_and_comes_back_has_the_rest(hub: HubServer, home: Path, tmp_path: Path) -> None:
    hub.fail("PUT", "/storage/", hub.die, after=6)
    done = push(hub, tmp_path)
    assert done.returncode == 1
    assert "the Hub cannot be reached" in done.stderr.splitlines()[-1]
    stored = set(hub.repositories.get(REPO).objects)
    with HubServer(hub.repositories, TOKEN, hub.server_port) as again:
        assert push(again, tmp_path).returncode == 0
        assert contents(repository(again).head) == exported(tmp_path)
        assert not stored & set(again.sent)


def wait_for(happened: Callable[[], bool], timeout_s: float = 200) -> None:
    end = time.monotonic() + timeout_s
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_a_smaller_export_takes_away_its_own_files_and_no_others(
    hub: HubServer, home: Path, tmp_path: Path
) -> None:
    push(hub, tmp_path)
    theirs = {
        name: File(name.encode()) for name in ("LICENSE", "sft/notes.md", "sft/a/b.parquet", "raw/c.parquet")
    }
    found = repository(hub)
    found.commits.append(Commit("0" * 40, "theirs", "", found.head.files | theirs))
    before = set(found.head.files)
    fill(tmp_path / "smaller", 30, round=2)
    home.rename(tmp_path / "larger")
    (tmp_path / "smaller").rename(home)
    assert push(hub, tmp_path).returncode == 0
    assert contents(found.head) == exported(tmp_path) | {name: name.encode() for name in theirs}
    assert {"sft/train-00003-of-00004.parquet", "samples/train-00000-of-00004.parquet"} <= before - set(
        found.head.files
    )
    assert len(found.commits) == 4
    assert found.head.title.startswith("Round 2, ")


def test_somebody_elses_commit_in_between_is_met(hub: HubServer, home: Path, tmp_path: Path) -> None:
    def overtake() -> None:
        found = repository(hub)
        theirs = {"LICENSE": File(b"theirs"), "sft/train-00008-of-00009.parquet": File(b"of a larger export")}
        found.commits.append(Commit("1" * 40, "theirs", "", found.head.files | theirs))

    hub.fail("POST", "/commit/", overtake)
    assert push(hub, tmp_path).returncode == 0
    assert contents(repository(hub).head) == exported(tmp_path) | {"LICENSE": b"theirs"}
    assert sent_once(hub, tmp_path)


def test_a_dataset_that_is_no_export_is_not_replaced(hub: HubServer, home: Path, tmp_path: Path) -> None:
    hub.repositories.create("me", "practice", private=False)
    found = repository(hub)
    found.commits.append(
        Commit("0" * 40, "theirs", "", {"README.md": File(b"# Mine"), "sft/x.parquet": File(b"x")})
    )
    done = push(hub, tmp_path)
    assert done.returncode == 2
    assert "a push replaces only an earlier export; README.md of me/practice" in done.stderr
    assert len(found.commits) == 2
    assert not (tmp_path / "out").exists()


def test_a_dataset_that_ignores_our_files_is_refused(hub: HubServer, home: Path, tmp_path: Path) -> None:
    hub.repositories.create("me", "practice", private=True)
    found = repository(hub)
    found.commits.append(Commit("0" * 40, "theirs", "", {".gitignore": File(b"*.parquet\n")}))
    done = push(hub, tmp_path)
    assert done.returncode == 2
    assert ".gitignore of me/practice leaves out problems/train-00000-of-00004.parquet" in done.stderr
    assert len(found.commits) == 2


@pytest.mark.parametrize(
    "name",
    [
        "practice",
        "me/",
        "/practice",
        "a/b/c",
        "me/a b",
        "me/a--b",
        "me/a..b",
        "me/x.git",
        "me/-x",
        "me/ü",
        "me/a\n",
    ],
)
def test_a_malformed_name_is_refused(name: str) -> None:
    with pytest.raises(PushRefused, match=r"^a dataset on the Hub is named OWNER/NAME, .*; not "):
        check_name(name)


def test_a_malformed_name_is_told_before_anything_is_done(hub: HubServer, home: Path, tmp_path: Path) -> None:
    done = push(hub, tmp_path, "me/a--b")
    assert done.returncode == 2
    assert done.stderr.strip().endswith("not 'me/a--b'")
    assert not hub.seen
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("more", "role", "repo", "told"),
    [
        ({"HF_TOKEN": ""}, "write", REPO, "a push needs a token that may write: log in with `hf auth login`"),
        (
            {"HF_TOKEN": "hf_another"},
            "write",
            REPO,
            "a push needs a token that the Hub knows; it refused this one",
        ),
        ({"HF_TOKEN": "hf_torn\x01apart"}, "write", REPO, "a token is of printable ASCII without spaces"),
        ({}, "read", REPO, "a push needs a token that may write; this one may only read"),
        ({}, "read", "our-lab/there", "a push needs a token that may write our-lab/there; this one may not"),
        (
            {},
            "write",
            "them/practice",
            "a new dataset belongs to you or to an organization of yours; them is neither",
        ),
        ({"HF_HUB_OFFLINE": "1"}, "write", REPO, "a push needs the Hub, and HF_HUB_OFFLINE"),
    ],
)
def test_a_push_that_may_not_be_is_told_before_anything_is_done(
    hub: HubServer, home: Path, tmp_path: Path, more: dict[str, str], role: str, repo: str, told: str
) -> None:
    hub.role = role
    hub.repositories.create("our-lab", "there", private=True)
    done = push(hub, tmp_path, repo, **more)
    assert done.returncode == 2
    assert told in done.stderr
    assert list(hub.repositories.by_name) == ["our-lab/there"]
    assert not (tmp_path / "out").exists()


def test_a_hub_out_of_reach_is_told_before_anything_is_done(
    hub: HubServer, home: Path, tmp_path: Path
) -> None:
    done = push(hub, tmp_path, HF_ENDPOINT="http://127.0.0.1:9")
    assert done.returncode == 1
    assert "the Hub cannot be reached (ConnectionRefusedError" in done.stderr
    assert "the same command carries on" in done.stderr
    assert not (tmp_path / "out").exists()


def test_a_token_of_the_hubs_own_login_serves(hub: HubServer, home: Path, tmp_path: Path) -> None:
    elsewhere = tmp_path.with_name(f"{tmp_path.name}-login")
    elsewhere.mkdir()
    (elsewhere / "token").write_text(TOKEN)
    done = push(hub, tmp_path, HF_TOKEN="", HF_TOKEN_PATH=str(elsewhere / "token"))
    assert done.returncode == 0, done.stderr


def test_a_card_that_the_hub_does_not_take_is_told_before_the_upload(
    hub: HubServer, home: Path, tmp_path: Path
) -> None:
    export(home, tmp_path / "out")
    card = tmp_path / "out" / "README.md"
    card.write_text(card.read_text().replace("configs:", "configs: [", 1))
    again = (
        "import sys, pathlib, warehouse.hub.push as p; p.push(pathlib.Path(sys.argv[1]), sys.argv[2], print)"
    )
    command = [sys.executable, "-c", again, str(card.parent), REPO]
    env = environment(hub, tmp_path)
    done = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False)
    assert (
        "PushFailed: the push to me/practice is not finished: the Hub answered 400 (Invalid YAML"
        in done.stderr
    )
    assert not hub.repositories.by_name
