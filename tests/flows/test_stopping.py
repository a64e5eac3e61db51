"""The rules by which a config ends the sampling of a problem."""

import pytest

from curriculum.records import Problem, Sample
from flows.settings import CurriculumConfig
from flows.stopping import RULES, agreement


def samples(*answers: str) -> list[Sample]:
    return [Sample("k", "p", draw, 1.0, f"A: {answer}", 3, "stop") for draw, answer in enumerate(answers)]


@pytest.mark.parametrize(
    ("answers", "enough"),
    [
        ("5555", True),  # P(Beta(5, 1) > 1/2) = 0.97
        ("555", False),
        ("5556", False),
        ("5555556", True),
        ("55556666", False),
        ("5" * 20 + "6" * 20, False),  # the config's `draws` is the limit, not the rule's own
    ],
)
def test_answers_that_agree_are_enough(answers: str, enough: bool) -> None:
    assert agreement(Problem("sums", 1, "2+3", "5", "integer"), samples(*answers)) is enough


def test_votes_count_values_not_spellings() -> None:
    assert agreement(Problem("sums", 1, "2+3", "5", "integer"), samples("5", "05", "+5", "5.0"[:1]))


def test_answers_without_classes_never_agree() -> None:
    assert not agreement(Problem("sums", 1, "five", "{}", "program"), samples(*"5" * 10))


def test_every_rule_of_the_config_is_there() -> None:
    named = CurriculumConfig.model_fields["stopping"].annotation
    assert set(RULES) == set(named.__args__)  # type: ignore[union-attr]
