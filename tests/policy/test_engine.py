"""Requests: as many as asked, each with a random stream of its own; and the prompt that is sampled from."""

from curriculum.records import Problem
from policy.engine import Sampling, requests_for

PROBLEMS = [Problem("gcd", 1, f"gcd({a},3)", "3", "integer") for a in (6, 9, 12)]


def test_every_problem_gets_its_draws_in_order() -> None:
    requests = requests_for(PROBLEMS, 4, 0, "sample")
    assert [(r.problem, r.draw) for r in requests] == [(p, draw) for p in PROBLEMS for draw in range(4)]


def test_no_two_requests_share_a_seed_and_the_same_parts_give_the_same() -> None:
    requests = [*requests_for(PROBLEMS, 4, 0, "sample"), *requests_for(PROBLEMS, 4, 1, "sample")]
    assert len({request.seed for request in requests}) == 24
    assert list(requests_for(PROBLEMS, 4, 0, "sample")) == requests[:12]
    assert list(requests_for(PROBLEMS[1:2], 4, 0, "sample")) == requests[4:8]


def test_an_instruction_follows_the_question() -> None:
    assert Sampling().prompt("gcd(6,3)") == "gcd(6,3)"
    assert Sampling(instruction="End with A: x").prompt("gcd(6,3)") == "gcd(6,3)\nEnd with A: x"
