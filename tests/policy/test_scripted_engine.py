"""The scripted engine keeps the same promises as a real one."""

from curriculum.records import Problem
from policy.engine import Engine, Sampling, requests_for
from policy.scripted_engine import ScriptedEngine

PROBLEM = Problem("gcd", 1, "gcd(6,4)", "2", "integer")


def test_it_answers_every_request_by_its_script() -> None:
    engine: Engine = ScriptedEngine("scripted", lambda request: "x" * request.draw)
    samples = list(engine.generate(requests_for([PROBLEM], 4), Sampling(0.5, max_new_tokens=2)))
    assert [(s.text, s.tokens, s.finish) for s in samples] == [
        ("", 0, "stop"),
        ("x", 1, "stop"),
        ("xx", 2, "stop"),
        ("xx", 2, "length"),
    ]
    assert {(s.problem_key, s.policy, s.temperature) for s in samples} == {(PROBLEM.key, "scripted", 0.5)}
    assert [s.draw for s in samples] == [0, 1, 2, 3]
