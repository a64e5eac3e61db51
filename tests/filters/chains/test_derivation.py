"""Which answers the steps of a text lead to; on every family's references they must, and a changed answer not."""

import pytest

from curriculum.records import Sample
from filters import check_steps
from filters.chains.claims import chains
from filters.chains.derivation import is_derived
from filters.chains.recomputed import recompute
from generators import FAMILIES

STEPWISE = [name for name, family in FAMILIES.items() if family.shows_steps]


def derived(answer: str, text: str) -> bool:
    held = [each for each in map(recompute, chains(text)) if each.finding == "holds"]
    return is_derived(answer, text, held)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("46", "13+5=18\n18+28=46"),
        ("12", "84=2*36+12\n36=3*12+0"),
        ("58", "1+7+0=8\n2+3+0=5"),
        ("3/4", "1/4+1/2=3/4"),
        ("0.75", "1/4+1/2=3/4"),
        ("$1,200", "3*400=1200"),
        ("8", "15/2=7.5 so she buys 8\nA: 8"),
        ("25", "each razor is 2/8=$0.25"),
        ("T", "a|!a=T"),
        ("blue", "1+1=2"),
        ("x+1", "1+1=2"),
    ],
)
def test_is_derived(answer: str, text: str) -> None:
    assert derived(answer, text)


@pytest.mark.parametrize(
    ("answer", "text"),
    [
        ("18", "1+1=2\nA: 18"),
        ("18", "1+1=2\nx=18\n18=18\nA: 18"),
        ("85", "1+7+0=8\n2+3+0=5"),
        ("8", "15/2=7.5 so she buys many\nA: 8"),
        ("25", "2/8=0.25"),  # no prose, so no cents either
        ("F", "a|!a=T"),
    ],
)
def test_is_not_derived(answer: str, text: str) -> None:
    assert not derived(answer, text)


@pytest.mark.parametrize("name", STEPWISE)
def test_references_lead_to_their_answers_and_to_no_other(name: str) -> None:
    family = FAMILIES[name]
    for level in range(1, family.top_level + 1):
        problem = family.generate(level, level)
        reference = family.reference(problem)
        sample = Sample(problem.key, "reference", 0, 0.0, reference, 0, "stop")
        assert check_steps(problem, sample).outcome == "right"
        assert not derived("e" if problem.check == "text" else str(10**30), reference)
