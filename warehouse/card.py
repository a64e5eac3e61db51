"""The card of an exported dataset: README.md, whose head tells `datasets` what is where."""

import duckdb

from warehouse.export_configs import CONFIGS

MARK = "<!-- written by edgework export; the next export replaces this folder -->"

_POLICIES = """
    select policy, p.round, coalesce(nullif(parent, ''), '') as parent,
        case when p.round = 0 then 'the base' when m.promoted then 'promoted' when not m.promoted then 'refused'
            else 'not yet decided' end as decision,
        m.reason
    from policies p left join promotions m on m.candidate = p.policy order by p.round, policy
"""
_RECORDED = """
    select policy, count(distinct key) as samples from samples
    where stage = 'import' group by policy order by policy
"""
_JUDGES = """
    select judge, count(distinct sample_key) as samples,
        count(distinct sample_key) filter (outcome = 'right') as "right",
        count(distinct sample_key) filter (outcome = 'wrong') as "wrong",
        count(distinct sample_key) filter (outcome = 'no_answer') as no_answer,
        count(distinct sample_key) filter (outcome = 'not_judged') as not_judged
    from verdicts group by judge order by judge
"""
_REASONS = """
    select reason, sum(samples)::bigint as samples from rejections group by reason order by samples desc, reason
"""


def card(con: duckdb.DuckDBPyConnection, rows: dict[str, dict[str, int]]) -> str:
    """The text of README.md. `rows` has for each config the rows of each split."""
    parts = [
        _front_matter(rows),
        MARK,
        "# Problems, solutions, verdicts",
        "Exported from an Edgework home. What is `heldout` in one config is held out in all: a question is split"
        " by its content. None of it is in `sft`.",
        _table(["config", "split", "rows", "what"], _config_rows(rows)),
        *(f"### `{name}`\n\n{_columns(config.columns)}" for name, config in CONFIGS.items()),
        *_section(con, "Policies trained here", _POLICIES),
        *_section(con, "Policies recorded elsewhere", _RECORDED),
        *_section(con, "Judges", _JUDGES),
        *_section(con, "Samples left out of training", _REASONS),
    ]
    return "\n\n".join(parts) + "\n"


def _front_matter(rows: dict[str, dict[str, int]]) -> str:
    """Where the configs are. A split without rows is left out: `datasets` refuses a config that has one."""
    lines = ["---", "configs:"]
    for name, splits in rows.items():
        filled = [split for split, count in splits.items() if count]
        lines += [f"- config_name: {name}", "  data_files:"] if filled else []
        for split in filled:
            lines += [f"  - split: {split}", f"    path: {name}/{split}.parquet"]
        lines += ["  default: true"] if filled and name == "sft" else []
    return "\n".join([*lines, "---"]) if len(lines) > 2 else "---\nconfigs: []\n---"


def _config_rows(rows: dict[str, dict[str, int]]) -> list[tuple[object, ...]]:
    return [
        (f"`{name}`", split, count, CONFIGS[name].says)
        for name, splits in rows.items()
        for split, count in splits.items()
    ]


def _columns(columns: dict[str, str]) -> str:
    return "\n".join(f"- `{column}`: {meaning}" for column, meaning in columns.items())


def _section(con: duckdb.DuckDBPyConnection, title: str, query: str) -> list[str]:
    """The title and the rows as a table; nothing without rows."""
    result = con.execute(query)
    names = [column[0] for column in result.description or ()]
    found = result.fetchall()
    return [f"## {title}", _table(names, found)] if found else []


def _table(names: list[str], rows: list[tuple[object, ...]]) -> str:
    lines = [names, ["---"] * len(names), *([_cell(value) for value in row] for row in rows)]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _cell(value: object) -> str:
    text = f"{value:,}" if isinstance(value, int) else "" if value is None else str(value)
    return " ".join(text.split()).replace("|", "\\|").replace("<", "&lt;")
