"""The card of an exported dataset: README.md, whose head tells `datasets` what is where.

It says nothing that the home does not say, the day of the export included: the same home, the same card.
"""

import re
from pathlib import Path

import duckdb

from warehouse.export.configs import CONFIGS
from warehouse.export.folder import MARK, PLOT
from warehouse.export.head import head
from warehouse.export.markdown import bullets, escaped, table
from warehouse.export.pairs import MOST_PAIRS, MOST_RATIO
from warehouse.export.provenance import provenance
from warehouse.export.reading import parquet_in
from warehouse.licences import stated_licences

_POLICIES = """
    select p.policy, p.round, coalesce(nullif(p.parent, ''), '') as parent, p.digest,
        case when p.round = 0 then 'the base' when m.promoted then 'promoted' when not m.promoted then 'refused'
            else 'not yet decided' end as decision,
        m.p_value, m.gained, m.lost, m.reason
    from policies as p left join promotions as m on m.candidate = p.policy order by p.round, p.policy
"""
_RECORDED = """
    select policy, count(*) as samples, count(*) filter (outcome = 'right') as "right"
    from outcomes where stage = 'import' group by policy order by samples desc, policy
"""
_JUDGES = """
    select judge, count(*) as verdicts,
        count(*) filter (outcome = 'right') as "right", count(*) filter (outcome = 'wrong') as "wrong",
        count(*) filter (outcome = 'no_answer') as no_answer, count(*) filter (outcome = 'not_judged') as not_judged
    from verdicts group by judge order by judge
"""
_REASONS = """
    select reason, sum(samples)::bigint as samples from rejections group by reason order by samples desc, reason
"""
_WITHDRAWN = """
    with fates as (
        select o.sample_key, bool_or(o.outcome = 'right' and o.steps is distinct from 'wrong') as stands
        from selections as c join outcomes as o on o.sample_key = c.sample_key where c.admitted group by o.sample_key
    )
    select count(*) from fates where not stands
"""
_OVERLAPS = """
    select against, how, count(distinct problem_key) as problems, count(*) as overlaps
    from problem_overlaps group by against, how order by against <> 'home', against, how
"""
# Units of work that compared are named for it, also where they found nothing.
_COMPARED = r"""
    select distinct regexp_extract(name, '/overlap/([^/]+)$', 1) as compared from ledger
    where kind = 'problem_overlaps' and compared <> '' order by compared
"""
_EVALUATION_SET = re.compile(r"(.+)-([0-9a-f]{12})")
_RATIOS = """
    select round(greatest(chosen_length, rejected_length) / least(chosen_length, rejected_length), 3) as ratio,
        count(*) as pairs, count(*) filter (chosen_length > rejected_length) as chosen_longer,
        count(*) filter (chosen_length = rejected_length) as equal, count(*) filter (chosen_policy = rejected_policy)
    from {pairs} group by ratio order by ratio
"""


def card_text(
    con: duckdb.DuckDBPyConnection, home: Path, dataset: Path, rows: dict[str, dict[str, int]], plotted: str
) -> str:
    """The text of README.md.

    `rows` has for each config the rows of each split, and `dataset` the files. `plotted` is what the plot shows.
    """
    generated, trained = (_any(con, query) for query in ("problems where source = 'generated'", "policies"))
    tags = ["edgework", "reasoning", "verified-answers", *["synthetic"] * generated, *["self-play"] * trained]
    parts = [
        head(rows, stated_licences(con), tags),
        MARK,
        "# Problems, solutions, verdicts",
        "Exported from an Edgework home. What is `heldout` in one config is held out in all: a question is split"
        " by its content. None of it is in `sft` or `preferences`.",
        f"![{plotted}]({PLOT})",
        "## What is in it",
        table(["config", "split", "rows", "what"], _config_rows(rows)),
        *(f"### {name}\n\n{_columns(config.columns)}" for name, config in CONFIGS.items()),
        *_matching(con, dataset, rows),
        *provenance(con, home),
        *_section(con, "Policies trained here", _POLICIES),
        *_section(con, "Policies recorded elsewhere", _RECORDED),
        *_section(con, "Judges", _JUDGES),
        *_left_out(con),
        *_decontamination(con),
    ]
    return "\n\n".join(parts) + "\n"


def _config_rows(rows: dict[str, dict[str, int]]) -> list[tuple[object, ...]]:
    return [
        (name, split, count, CONFIGS[name].says)
        for name, splits in rows.items()
        for split, count in splits.items()
    ]


def _columns(columns: dict[str, str]) -> str:
    return bullets(f"`{column}`: {meaning}" for column, meaning in columns.items())


def _matching(con: duckdb.DuckDBPyConnection, dataset: Path, rows: dict[str, dict[str, int]]) -> list[str]:
    """How the pairs of `preferences` came about, and how close their lengths are, as counted in the files."""
    total = rows["preferences"]["train"]
    if not total:
        return []
    found = con.execute(_RATIOS.format(pairs=parquet_in(dataset / "preferences"))).fetchall()
    longer, equal, one_policy = (sum(row[i] for row in found) for i in (2, 3, 4))
    return [
        "## How preferences are matched",
        f"Of one problem at most {MOST_PAIRS} pairs, the closest in length first, none whose longer solution has more"
        f" than {MOST_RATIO} times the characters of the shorter. A sample is in one pair at most, and so is a text"
        " of one policy for a problem. Samples of one policy are paired before those of two. Solutions that were cut"
        " off or gave no answer are in no pair.",
        f"Longer to shorter: {_quantile(found, 0.5):.3f} in the median, {_quantile(found, 0.9):.3f} at the 90th"
        f" percentile. The chosen one is the longer in {longer / total:.1%} of the pairs and as long in"
        f" {equal / total:.1%}; both are of one policy in {one_policy / total:.1%}.",
    ]


def _quantile(counted: list[tuple[float, int, int, int, int]], share: float) -> float:
    """The first value at which that share of the counts is reached; values ascend."""
    total, so_far = sum(count for _, count, *_ in counted), 0
    for value, count, *_ in counted:
        so_far += count
        if so_far >= share * total:
            return value
    raise ValueError("a quantile needs at least one value")


def _left_out(con: duckdb.DuckDBPyConnection) -> list[str]:
    found = con.execute(_REASONS).fetchall()
    [(withdrawn,)] = con.execute(_WITHDRAWN).fetchall()
    if not found and not withdrawn:
        return []
    text = (
        f"{withdrawn:,} samples that were admitted are judged otherwise by now, and are not in `sft`."
        if withdrawn
        else "Every sample that was admitted is still judged right, on steps that are not false."
    )
    return ["## Left out of training", table(["reason", "samples"], found), text]


def _decontamination(con: duckdb.DuckDBPyConnection) -> list[str]:
    """What the problems were compared with, whether or not anything was found, and what was found."""
    compared = [name for (name,) in con.execute(_COMPARED).fetchall()]
    found = con.execute(_OVERLAPS).fetchall()
    said = ["the problems were compared with each other and with those held out"] * ("home" in compared)
    for name in compared:
        if with_digest := _EVALUATION_SET.fullmatch(name):
            said.append(
                f"they were compared with the evaluation set {escaped(with_digest[1])},"
                f" a file whose sha256 begins with {with_digest[2]}"
            )
    if not {name for name in compared if name != "home"} | {
        against for against, *_ in found if against != "home"
    }:
        said.append("**no evaluation set** was compared with them: do so before you report results on one")
    parts = ["## Decontamination", bullets(said)]
    if found:
        rule = "A problem with an overlap is in neither `sft` nor `preferences`."
        parts += [rule, table(["against", "how", "problems", "overlaps"], found)]
    return parts


def _section(con: duckdb.DuckDBPyConnection, title: str, query: str) -> list[str]:
    """The title and the rows as a table; nothing without rows."""
    result = con.execute(query)
    names = [column[0] for column in result.description or ()]
    found = result.fetchall()
    return [f"## {title}", table(names, found)] if found else []


def _any(con: duckdb.DuckDBPyConnection, source: str) -> bool:
    return con.execute(f"select 1 from {source} limit 1").fetchone() is not None
