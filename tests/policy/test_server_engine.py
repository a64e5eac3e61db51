"""A real server process in the states that servers get into: every request is answered once, by the right weights."""

import json
import logging
import shutil
import threading
import traceback
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path

import pytest
import torch

from curriculum.errors import InputError, WorkFailed
from curriculum.records import Problem, Sample
from flows.settings import SHIPPED_BASE
from generators import FAMILIES
from policy import checkpoint
from policy.checkpoint import BadCheckpoint
from policy.engine import PromptTooLong, Sampling, requests_for
from policy.server.settings import Server
from policy.server_engine import ServerEngine, check
from policy.transformers_engine import TransformersEngine
from tests.policy.openai_server import SmallServer

PROBLEMS = [
    family.generate(level, seed) for family in FAMILIES.values() for level in (1, 4) for seed in (0, 1)
]
GREEDY = Sampling(temperature=0.0, max_new_tokens=32)
KEY = "sk-of-nobody-0123456789"


@pytest.fixture(scope="module")
def server() -> Iterator[SmallServer]:
    """One that nothing befalls."""
    with SmallServer() as running:
        yield running


@pytest.fixture(scope="module")
def other(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The shipped base with weights that answer otherwise: a round's checkpoint."""
    model, tokenizer = checkpoint.load(SHIPPED_BASE)
    torch.manual_seed(0)
    with torch.no_grad():
        for weights in model.parameters():
            weights += 0.05 * torch.randn_like(weights)
    folder = tmp_path_factory.mktemp("checkpoints") / "other"
    checkpoint.save(model, tokenizer, folder, torch.float32)
    return folder


@pytest.fixture(autouse=True)
def exact(monkeypatch: pytest.MonkeyPatch) -> None:
    """float32, in which a row's neighbours change nothing that matters; the server computes in it, too."""
    monkeypatch.setattr(checkpoint, "compute_dtype", lambda: torch.float32)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)


Texts = list[tuple[str, int, str, int, str]]


def texts(samples: Sequence[Sample]) -> Texts:
    return sorted((s.problem_key, s.draw, s.text, s.tokens, s.finish) for s in samples)


def expected(
    folder: Path, sampling: Sampling, problems: Sequence[Problem] = PROBLEMS, draws: int = 1
) -> Texts:
    return texts(list(TransformersEngine("", folder).generate(requests_for(problems, draws), sampling)))


def drawn(engine: ServerEngine, sampling: Sampling = GREEDY, draws: int = 1) -> Texts:
    return texts(list(engine.generate(requests_for(PROBLEMS, draws), sampling)))


def opened(server: SmallServer, **settings: object) -> ServerEngine:
    return ServerEngine("base-0", SHIPPED_BASE, Server(server.url, **settings))  # type: ignore[arg-type]


def test_a_server_gives_the_tokens_of_the_transformers_engine(server: SmallServer) -> None:
    engine = opened(server)
    greedy = drawn(engine)
    assert greedy == expected(SHIPPED_BASE, GREEDY)
    assert {finish for *_, finish in greedy} == {"stop", "length"}
    sampling = Sampling(temperature=1.0, max_new_tokens=32)
    assert drawn(engine, sampling, 3) == expected(SHIPPED_BASE, sampling, draws=3)  # each has its own seed
    begun = Sampling(temperature=0.0, max_new_tokens=16, opening="A: ")
    assert drawn(engine, begun) == expected(SHIPPED_BASE, begun)
    engine.close()
    engine.close()


def test_chat_asks_the_question_and_cannot_begin_the_answer(server: SmallServer) -> None:
    engine = opened(server, api="chat")
    assert drawn(engine) == expected(SHIPPED_BASE, GREEDY)
    with pytest.raises(InputError, match=r"'chat' cannot begin an answer by 'A: '"):
        drawn(engine, Sampling(opening="A: "))


@pytest.mark.parametrize("api", ["completions", "chat"])
def test_samples_say_how_likely_they_were(server: SmallServer, api: str) -> None:
    likely = Sampling(temperature=0.0, max_new_tokens=16, logprobs=True)
    requests = requests_for(PROBLEMS[:8], 1)
    ours = {
        s.key: s.logprob for s in TransformersEngine("base-0", SHIPPED_BASE).generate(requests.copy(), likely)
    }
    theirs = {s.key: s.logprob for s in opened(server, api=api).generate(requests, likely)}
    assert theirs == pytest.approx(ours, abs=1e-3)


def test_the_queue_may_grow_and_samples_have_their_policy(server: SmallServer) -> None:
    engine = opened(server, concurrent=4)
    requests = requests_for(PROBLEMS[:6], 1)
    samples = []
    for sample in engine.generate(requests, GREEDY):
        samples.append(sample)
        if sample.draw < 2:
            (problem,) = (p for p in PROBLEMS if p.key == sample.problem_key)
            requests += requests_for([problem], 1, first=sample.draw + 1)
    assert len({sample.key for sample in samples}) == len(samples) == 18
    assert {(sample.policy, sample.temperature) for sample in samples} == {("base-0", 0.0)}


def test_what_is_under_way_is_given_up_with_the_iterator(server: SmallServer) -> None:
    engine = opened(server)
    requests = requests_for(PROBLEMS, 4)
    samples = engine.generate(requests, GREEDY)
    next(samples)
    samples.close()
    assert len(requests) == len(PROBLEMS) * 4 - 64
    assert drawn(engine) == expected(SHIPPED_BASE, GREEDY)


def test_a_prompt_that_fills_the_context_is_refused_with_the_rule(server: SmallServer) -> None:
    endless = Problem("chain_sums", 1, "1+" * 300, "", "integer")
    engine = opened(server)
    with pytest.raises(PromptTooLong, match=r"prompts must leave room in 512 tokens; one has 6\d\d"):
        list(engine.generate(requests_for([endless], 1), GREEDY))


def test_no_server_and_no_such_model_are_told(server: SmallServer) -> None:
    nobody = SmallServer().url
    with pytest.raises(
        InputError, match=f"{nobody}: no server of the OpenAI protocol answers here: no connection"
    ):
        check(Server(nobody))
    with pytest.raises(InputError, match=r"serves tiny; server\.model is large"):
        check(Server(server.url, model="large"))
    with pytest.raises(InputError, match=r"GET /models answered 404"):
        check(Server(server.root))
    check(Server(server.url))


def test_new_weights_reach_the_server_and_missing_ones_are_told(
    server: SmallServer, other: Path, tmp_path: Path
) -> None:
    engine = opened(server)
    assert drawn(engine) == expected(SHIPPED_BASE, GREEDY)
    engine.load("r1-other", other)
    assert engine.policy == "r1-other"
    assert drawn(engine) == expected(other, GREEDY) != expected(SHIPPED_BASE, GREEDY)
    broken = shutil.copytree(SHIPPED_BASE, tmp_path / "broken") / "config.json"
    broken.write_text(broken.read_text().replace('"hidden_size": 192', '"hidden_size": 96'))
    with pytest.raises(BadCheckpoint, match=r"broken: the server could not load it: .*answered 500"):
        engine.load("r2-broken", broken.parent)
    assert drawn(engine) == expected(other, GREEDY)  # the policy that the engine still has


def test_a_server_given_other_weights_by_someone_else_is_found_out(server: SmallServer, other: Path) -> None:
    """As by another run, or by a restart that nobody saw: the answers look like any others."""
    engine = opened(server, concurrent=4)
    samples = []
    for sample in engine.generate(requests_for(PROBLEMS, 3), GREEDY):
        samples.append(sample)
        if len(samples) in (20, 50):
            body = {"method": "reload_weights", "kwargs": {"weights_path": str(other)}}
            for route, sent in (("update_weight_version", {"new_version": "mine"}), ("collective_rpc", body)):
                urllib.request.urlopen(f"{server.root}/{route}", json.dumps(sent).encode()).close()
    assert texts(samples) == expected(SHIPPED_BASE, GREEDY, draws=3)


def test_a_fixed_server_answers_for_one_policy(server: SmallServer, other: Path) -> None:
    engine = opened(server, weights="fixed")
    engine.load("base-0", SHIPPED_BASE)
    with pytest.raises(
        InputError, match=r"'fixed' a server answers for one policy, base-0, and not for r1-other"
    ):
        engine.load("r1-other", other)


def test_a_server_killed_in_the_middle_comes_back_with_the_rounds_weights(
    other: Path, caplog: pytest.LogCaptureFixture
) -> None:
    with SmallServer() as server:
        engine = opened(server, concurrent=8)
        engine.load("r1-other", other)
        samples = []
        for sample in engine.generate(requests_for(PROBLEMS, 3), GREEDY):
            samples.append(sample)
            if len(samples) == 30:
                server.kill()
                threading.Timer(0.5, server.start).start()
        assert texts(samples) == expected(other, GREEDY, draws=3)
        assert "had lost r1-other, which was loaded again" in caplog.text
        server.restart()  # and between two batches, when nothing is under way that could notice
        assert drawn(engine) == expected(other, GREEDY)


def test_an_adapter_is_asked_for_by_name_and_given_again_to_a_server_that_lost_it(
    other: Path, tmp_path: Path
) -> None:
    adapter = shutil.copytree(other, tmp_path / "adapter")
    named = {"base_model_name_or_path": str(SHIPPED_BASE)}
    (adapter / "adapter_config.json").write_text(json.dumps(named | {"whole": str(other)}))
    with SmallServer() as server:
        engine = opened(server, weights="lora")
        assert drawn(engine) == expected(SHIPPED_BASE, GREEDY)
        engine.load("r1-adapter", adapter)
        assert drawn(engine) == expected(other, GREEDY)
        server.restart()
        assert drawn(engine) == expected(other, GREEDY)
        with pytest.raises(
            InputError, match=r"every policy but base-0 is a folder with adapter_config\.json"
        ):
            engine.load("r2-whole", other)
        (adapter / "adapter_config.json").write_text(json.dumps(named))
        with pytest.raises(BadCheckpoint, match=r"adapter: the server could not load it"):
            engine.load("r3-broken", adapter)


def test_a_server_that_stays_away_ends_the_work_in_words(caplog: pytest.LogCaptureFixture) -> None:
    with SmallServer("--die-after", "10") as server:
        engine = opened(server, patience_s=15.0)
        with pytest.raises(
            WorkFailed, match=r"nothing worked for \d+ s \(server\.patience_s = 15\): no connection"
        ):
            drawn(engine)
        waiting = [record for record in caplog.records if "waiting, for up to 15 s" in record.message]
        assert len(waiting) == 1


def test_refusals_for_now_and_silence_are_asked_again() -> None:
    with SmallServer("--refuse", "503:5", "--retry-after", "0.2", "--silent", "4") as server:
        engine = opened(server, timeout_s=5.0)
        assert drawn(engine) == expected(SHIPPED_BASE, GREEDY)


def test_a_strict_server_with_a_key(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    """It takes only what is of the protocol, serves two models, limits the rate, and says the key to whoever asks."""
    caplog.set_level(logging.DEBUG)
    told = []
    switches = ("--strict", "--plain", "--models", "small", "tiny", "--key", KEY, "--refuse", "429:20")
    with SmallServer(*switches) as server:
        for held in (None, "sk-another-" + KEY):
            if held:
                monkeypatch.setenv("MY_KEY", held)
            with pytest.raises(
                InputError, match=r"answered 401: .* variable MY_KEY, which should hold"
            ) as wrong:
                check(Server(server.url, key_variable="MY_KEY"))
            told.append("".join(traceback.format_exception(wrong.value)))
        monkeypatch.setenv("MY_KEY", f" {KEY}\n")
        settings = Server(server.url, key_variable="MY_KEY", weights="fixed")
        with pytest.raises(InputError, match=r"serves small, tiny; server\.model must name one of them"):
            check(settings)
        with pytest.raises(
            InputError, match=r"POST /update_weight_version answered 404: .* VLLM_SERVER_DEV_MODE=1"
        ):
            opened(server, key_variable="MY_KEY", model="tiny")
        engine = opened(server, key_variable="MY_KEY", model="tiny", weights="fixed")
        assert drawn(engine) == expected(SHIPPED_BASE, GREEDY)
        assert "takes no top_k, min_p" in caplog.text
        told += [repr(settings), repr(list(engine.generate(requests_for(PROBLEMS[:2], 1), GREEDY)))]
    engine._asking._patience._limit_s = engine._asking._watch._patience._limit_s = 1.0
    with pytest.raises(WorkFailed) as away:  # the server is gone now
        drawn(engine)
    told.append("".join(traceback.format_exception(away.value)))
    assert all(KEY not in text for text in (*told, caplog.text))


def test_a_refused_request_says_what_the_server_said_without_the_key(
    server: SmallServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "tiny-of-mine")
    engine = opened(server)
    engine._asking._watch.weights.model = "tiny-of-mine"  # as if it were taken from the server
    with pytest.raises(InputError, match=r"POST /completions answered 404: the model \[key\] does not exist"):
        drawn(engine)


def test_a_key_that_no_header_can_carry_is_not_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-ключ")
    with pytest.raises(InputError, match=r"^OPENAI_API_KEY: a key is printable ASCII, and this one is not$"):
        check(Server("http://127.0.0.1:9/v1"))
