"""The four models recorded in GSM8K, through import and judge: every verdict as its label says.

The data does not come with the repository; without it beside the checkout this test skips.
"""

from pathlib import Path

import pytest
from rich.console import Console

from flows.importing import import_file
from warehouse.query import open_reader

SOLUTIONS = Path(__file__).parents[3] / "shared" / "data" / "gsm8k" / "example_model_solutions.jsonl"
BROKEN = {"6b_finetuning": 1, "6b_verification": 4, "175b_finetuning": 8, "175b_verification": 5}
CORRECT = {"6b_finetuning": 286, "6b_verification": 515, "175b_finetuning": 458, "175b_verification": 742}
RIGHT_ON_A_FALSE_STEP = """
    select s.policy, count(*)
    from samples as s
    join verdicts as answer on answer.sample_key = s.key and answer.judge not like 'steps/%'
    join verdicts as steps on steps.sample_key = s.key and steps.judge like 'steps/%'
    where answer.outcome = 'right' and steps.reason = 'false_step'
    group by all
"""


@pytest.mark.skipif(not SOLUTIONS.exists(), reason=f"{SOLUTIONS.name} does not lie beside the checkout")
def test_the_recorded_models_score_as_published(tmp_path: Path) -> None:
    summary = import_file(SOLUTIONS, "gsm8k", tmp_path / "home", Console(quiet=True))
    assert summary.disagreements == ()
    with open_reader(tmp_path / "home") as con:
        query = "select policy, sum(correct)::int, sum(judged)::int from pass_rates group by all"
        rows = con.execute(query).fetchall()
        broken = con.execute(RIGHT_ON_A_FALSE_STEP).fetchall()
    assert {policy: correct for policy, correct, _ in rows} == CORRECT
    assert {judged for _, _, judged in rows} == {1319}
    assert dict(broken) == BROKEN
