"""The card of an export: what it says of the home, and that nothing from outside does more than show."""

import re
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest
import yaml
from matplotlib.image import imread

from tests.warehouse.small_home import (
    Row,
    outcome,
    overlap,
    policy,
    problem,
    sample,
    selection,
    verdict,
)
from warehouse.errors import WarehouseError
from warehouse.export import export
from warehouse.export.markdown import MOST_ROWS, escaped, fenced, table
from warehouse.licences import check_license
from warehouse.store import Warehouse

PROMOTION = {
    "round": 1,
    "candidate": "r1-11111111",
    "incumbent": "base-00000000",
    "promoted": True,
    "p_value": 0.0123,
    "reason": "better | nothing forgotten",
    "gained": 9,
    "lost": 1,
}
HOSTILE = "x|<script>alert(1)</script>`[a](http://b) www.c.d *e* _f_\n# g\x1b[0m @h &amp; :smile:"


def source(name: str, license: str | None, file: str = "file.jsonl") -> Row:
    return {
        "name": name,
        "file": file,
        "sha256": f"5ha{name}",
        "license": license,
        "problems": 2,
        "samples": 3,
        "imported_at": datetime(2026, 1, 2),
    }


def carded(
    tmp_path: Path, tables: dict[str, list[Row]], config: str | None = None
) -> tuple[dict[str, Any], str]:
    """The head, read as YAML, and the text of the card of a home with these rows."""
    with Warehouse(tmp_path / "home") as store:
        store.commit("all", tables)
    if config is not None:
        (tmp_path / "home" / "config.toml").write_text(config)
    export(tmp_path / "home", tmp_path / "out")
    _, head, text = (tmp_path / "out" / "README.md").read_text().split("---\n", 2)
    return yaml.safe_load(head), text


def test_the_head_lists_what_is_there_and_no_more(tmp_path: Path) -> None:
    s1 = sample("s1", "a")
    head, _ = carded(
        tmp_path,
        {
            "problems": [problem("a")],
            "samples": [s1],
            "verdicts": [verdict("s1", "right")],
            "outcome_revisions": [outcome(s1, "train", "right")],
        },
    )
    assert head == {
        "task_categories": ["text-generation"],
        "tags": ["edgework", "reasoning", "verified-answers", "synthetic"],
        "size_categories": ["n<1K"],
        "configs": [
            {
                "config_name": "problems",
                "data_files": [{"split": "train", "path": "problems/train-*.parquet"}],
                "default": True,
            },
            {"config_name": "samples", "data_files": [{"split": "train", "path": "samples/train-*.parquet"}]},
        ],
    }


def test_the_head_of_nothing_is_still_yaml(tmp_path: Path) -> None:
    head, text = carded(tmp_path, {})
    assert head["configs"] == []
    assert "- **no evaluation set** was compared with them" in text


def test_the_chain_of_policies_with_their_tests(tmp_path: Path) -> None:
    policies = [
        policy("base-00000000", 0, None),
        policy("r1-11111111", 1, "base-00000000"),
        policy("r2-2", 2, "x"),
    ]
    head, text = carded(
        tmp_path,
        {"policies": policies, "promotions": [PROMOTION]},
        'seed = 7\n[policy]\nbase = "/a/b/tiny"\n',
    )
    assert "self-play" in head["tags"]
    assert "| base-00000000 | 0 |  | d | the base |  |  |  |  |" in text
    assert (
        "| r1-11111111 | 1 | base-00000000 | d | promoted | 0.0123 | 9 | 1 | better \\| nothing forgotten |"
        in text
    )
    assert "| r2-2 | 2 | x | d | not yet decided |  |  |  |  |" in text
    assert "- seed of the run: 7" in text
    assert "base policy: base-00000000, sha256 of its files (shortened): d" in text
    assert 'base = "tiny"' in text  # the folder on the machine that ran it is nobody's business
    assert "edgework run --config config.toml --home HOME" in text


def test_judges_and_reasons_are_counted(tmp_path: Path) -> None:
    s1 = sample("s1", "a", stage="import", policy="theirs")
    _, text = carded(
        tmp_path,
        {
            "problems": [problem("a")],
            "samples": [s1],
            "verdicts": [verdict("s1", "right"), verdict("s1", "wrong", "integer/2")],
            "outcome_revisions": [outcome(s1, "train", "wrong")],
            "selections": [selection("s1", "a", "wrong")],
        },
    )
    assert "| integer/1 | 1 | 1 | 0 | 0 | 0 |" in text
    assert "| integer/2 | 1 | 0 | 1 | 0 | 0 |" in text
    assert "| theirs | 1 | 0 |" in text
    assert "| wrong | 1 |" in text


def test_pairs_are_described_as_they_are(tmp_path: Path) -> None:
    lengths = {"r1": 100, "w1": 100, "r2": 200, "w2": 220, "r3": 330, "w3": 300}
    drawn = [sample(key, "a", text="x" * (n - 2) + key, draw=i) for i, (key, n) in enumerate(lengths.items())]
    _, text = carded(
        tmp_path,
        {
            "problems": [problem("a")],
            "samples": drawn,
            "outcome_revisions": [
                outcome(s, "train", "right" if s["key"][0] == "r" else "wrong") for s in drawn
            ],
            "selections": [
                selection(s["key"], "a", "over_cap" if s["key"][0] == "r" else "wrong") for s in drawn
            ],
        },
    )
    assert "Longer to shorter: 1.100 in the median, 1.100 at the 90th percentile." in text
    assert (
        "The chosen one is the longer in 33.3% of the pairs and as long in 33.3%; both are of one policy in 100.0%"
        in text
    )


def test_overlaps_are_counted_by_what_they_are_with(tmp_path: Path) -> None:
    overlaps = [overlap("a", "near"), overlap("a", "leak", "exam|x"), overlap("b", "leak", "exam|x")]
    _, text = carded(tmp_path, {"problems": [problem("a"), problem("b")], "problem_overlaps": overlaps})
    assert "| home | near | 1 | 1 |" in text
    assert "| exam\\|x | leak | 2 | 2 |" in text
    assert "no evaluation set" not in text


def test_what_was_compared_is_said_where_nothing_was_found(tmp_path: Path) -> None:
    with Warehouse(tmp_path / "home") as store:
        for unit in ("r0001/overlap/home", "r0001/overlap/exam-test-0123456789ab", "r0002/overlap/home"):
            store.commit(unit, {"problem_overlaps": []})
    export(tmp_path / "home", tmp_path / "out")
    text = (tmp_path / "out" / "README.md").read_text().split("## Decontamination\n\n")[1]
    assert text == (
        "- the problems were compared with each other and with those held out\n"
        "- they were compared with the evaluation set exam-test, a file whose sha256 begins with 0123456789ab\n"
    )


@pytest.mark.parametrize(
    ("licences", "origins", "stated"),
    [
        ([("one", "mit")], ["import:one"], ["mit"]),
        ([("one", "mit"), ("two", "cc-by-4.0")], ["import:one", "import:two"], ["cc-by-4.0", "mit"]),
        ([("one", "mit"), ("two", None)], ["import:one", "import:two"], None),
        ([("one", "mit")], ["import:one", "generated"], None),
        ([("one", None), ("one", "mit")], ["import:one"], ["mit"]),
    ],
)
def test_a_licence_is_stated_where_all_is_licensed(
    tmp_path: Path, licences: list[tuple[str, str | None]], origins: list[str], stated: list[str] | None
) -> None:
    head, text = carded(
        tmp_path,
        {
            "problems": [problem(str(n), source=origin) for n, origin in enumerate(origins)],
            "sources": [source(*each) for each in licences],
        },
    )
    assert head.get("license") == stated
    for name, license in dict(licences).items():
        assert f"| {name} | {license or 'not stated'} | file.jsonl | 5ha{name} | 2 | 3 |" in text
        option = f" --license {license}" if license else ""
        assert (
            f"edgework import FILE --name {name}{option} --home HOME  # the file with sha256 5ha{name}"
            in text
        )


def test_a_licence_is_one_that_the_hub_knows() -> None:
    check_license("apache-2.0")
    check_license(None)
    with pytest.raises(WarehouseError, match="not 'Apache 2'"):
        check_license("Apache 2")


def test_names_from_outside_show_and_do_nothing(tmp_path: Path) -> None:
    s1 = sample("s1", "a", stage="import", policy=HOSTILE)
    fence = "```\n</details>\n# out"
    head, text = carded(
        tmp_path,
        {
            "problems": [problem("a", source="import:m", family=HOSTILE)],
            "samples": [s1],
            "verdicts": [verdict("s1", "right", HOSTILE)],
            "outcome_revisions": [outcome(s1, "train", "right")],
            "selections": [selection("s1", "a", HOSTILE)],
            "sources": [source("m", "mit", HOSTILE)],
            "problem_overlaps": [overlap("a", "near", HOSTILE)],
        },
        f"seed = 1\nnote = '''{fence}'''\n",
    )
    assert head["license"] == ["mit"]
    assert text.count("x\\|\\<script\\>") == 5  # policy, judge, reason, file, overlap
    assert not re.search(
        r"(?<!\\)<script|(?<!\\)\[a\]|(?<!\\)`\[|www\.|://|\x1b|^# g|(?<!\\)@h", text, re.MULTILINE
    )
    assert "\n````toml\nseed = 1\n" in text


def test_text_is_cut_and_fenced() -> None:
    assert escaped("a" * 300) == "a" * 199 + "…"
    assert fenced("a ``` b ```` c", "sh") == "`````sh\na ``` b ```` c\n`````"
    assert table(["n"], [(n,) for n in range(MOST_ROWS + 7)]).endswith("| 49 |\n\nand 7 more")


def test_the_plot_brings_its_own_paper_and_shows_rounds_where_there_are_some(tmp_path: Path) -> None:
    evaluated = [
        sample(f"e{n}{key}", key, stage="evaluate", round=n, policy=f"p{n}")
        for n in range(3)
        for key in "hij"
    ]
    _, text = carded(
        tmp_path,
        {
            "problems": [problem(key, "heldout") for key in "hij"],
            "samples": evaluated,
            "outcome_revisions": [
                outcome(s, "heldout", "right" if s["round"] else "wrong") for s in evaluated
            ],
        },
    )
    assert (
        "![Share of held-out problems that each round's checkpoint gets right, with 95% intervals](plot.png)"
        in text
    )
    pixels = imread(tmp_path / "out" / "plot.png")  # (height, width, 4), 0 to 1
    assert pixels.shape[2] == 4
    assert pixels[..., 3].min() == 1.0
    assert pixels[0, 0, :3].min() > 0.9  # paper
    assert pixels[..., :3].max(axis=2).min() < 0.25  # ink


def test_a_plot_of_names_in_any_script_and_of_any_length(tmp_path: Path) -> None:
    families = [f"{n} 数学 $x^2$ \n\x1b" + "y" * 500 for n in range(40)]
    _, text = carded(
        tmp_path, {"problems": [problem(str(n), family=name) for n, name in enumerate(families)]}
    )
    assert "![Problems by family and level](plot.png)" in text
    height, width, _ = imread(tmp_path / "out" / "plot.png").shape
    assert max(height, width) < 1300
