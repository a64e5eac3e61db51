"""The table of duplicates: a row a family, and rates that count."""

import runpy
import subprocess
import sys
from pathlib import Path

from generators import FAMILIES, Family, chain_sums

SCRIPT = Path(__file__).parents[2] / "benchmarks" / "duplicates.py"


def test_it_prints_a_percentage_for_every_cell() -> None:
    done = subprocess.run(
        [sys.executable, SCRIPT, "--draws", "50"], capture_output=True, text=True, check=True
    )
    _, header, *rows = done.stdout.splitlines()
    assert header.split() == ["level", *map(str, range(1, 13))]
    assert [row.split()[0] for row in rows] == list(FAMILIES)
    for row in rows:
        rates = [float(rate) for rate in row.split()[1:]]
        assert len(rates) == 12
        assert all(0 <= rate < 100 for rate in rates)
        assert rates[-1] < 25


def test_the_rate_is_the_share_of_draws_seen_before() -> None:
    rate = runpy.run_path(str(SCRIPT))["duplicate_rate"]
    one_question = Family(lambda level, seed: chain_sums.generate(level, 0), chain_sums.reference, 12)
    assert rate(one_question, 3, 100) == 0.99
    assert rate(FAMILIES["reverse_string"], 12, 100) == 0
