"""Runs with other engines than the first: what is missing is told; a real round by vLLM, killed and continued."""

import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from flows import engines
from flows.config import BadConfig
from flows.settings import Config, PolicyConfig
from warehouse.query import open_reader

EDGEWORK = str(Path(sys.executable).with_name("edgework"))
ROUND = """
seed = 1
rounds = 1
[policy]
engine = "vllm"
logprobs = true
[curriculum]
families = { long_addition = [1, 6], sort_string = [1, 8] }
problems = 96
draws = 12
stopping = "agreement"
[training]
steps = 6
tokens_per_batch = 1024
[evaluation]
problems_per_cell = 4
"""


@pytest.mark.parametrize(
    ("policy", "missing"),
    [
        (PolicyConfig(engine="vllm"), "vllm"),
        (PolicyConfig(engines=2), "ray"),
        (PolicyConfig(engine="vllm", engines=2), "vllm and ray"),
    ],
)
def test_what_is_not_installed_is_named(
    policy: PolicyConfig, missing: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(engines, "find_spec", lambda name: None)
    with pytest.raises(BadConfig, match=f"needs {missing}, not installed here: make engines"):
        engines.check_engine(Config(policy=policy))


def start(home: Path, config: Path) -> subprocess.Popen[str]:
    command = [EDGEWORK, "run", "--config", str(config), "--home", str(home)]
    return subprocess.Popen(command, text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def test_a_round_by_vllm_killed_while_sampling_and_continued(tmp_path: Path) -> None:
    pytest.importorskip("vllm", reason="vLLM is not installed: make engines")
    home, config = tmp_path / "home", tmp_path / "round.toml"
    config.write_text(ROUND)
    process = start(home, config)
    shard = home / "shards" / "samples" / "r0001~sample~0000.parquet"
    deadline = time.monotonic() + 300
    while not shard.exists():
        assert process.poll() is None, process.communicate()[0]
        assert time.monotonic() < deadline
        time.sleep(0.005)
    process.send_signal(signal.SIGKILL)
    process.communicate(timeout=30)
    process = start(home, config)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    with open_reader(home) as con:
        one = lambda sql: con.execute(sql).fetchone()  # noqa: E731
        drawn = one("select count(*), count(distinct key) from samples where stage = 'sample'")
        assert drawn[0] == drawn[1]
        assert 96 * 4 <= drawn[0] < 96 * 12  # what agreed was drawn no more
        assert one("""
            select count(*) from (select count(*) as draws, max(draw) + 1 as last from samples where stage = 'sample'
            group by problem_key) where draws <> last or draws % 4 > 0
        """) == (0,)
        assert one("select count(*) from samples s anti join verdicts v on v.sample_key = s.key") == (0,)
        assert one("select count(*) from samples anti join logprobs on sample_key = key") == (0,)
        assert one("select count(*) from logprobs where logprob > 0") == (0,)
        assert one("select count(*) from engine_use where idle between 0 and 1") == (3,)
        assert one("select count(*) from promotions") == (1,)
