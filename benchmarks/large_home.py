"""A home of any size for the benchmarks: what forty rounds would have left, committed a round at a time.

The rows are made by DuckDB and go in through `Warehouse.commit` as Arrow tables. Shares are those of real
runs: 16 draws a problem, two verdicts a sample, one sample in a hundred judged again, a fate for every
sample, as many rows replayed as are new, ten of the forty candidates promoted.
"""

from collections.abc import Iterator
from pathlib import Path

import duckdb
import pyarrow as pa

from warehouse.store import Warehouse

ROUNDS = 40
DRAWS = 16
HELDOUT_SHARE = 0.02  # of the samples are evaluations
PROMOTED_EVERY = 4  # rounds

# A round's problems, and the samples of them; hash() is good enough for numbers that look drawn.
_MAKERS = """
create macro policy_of(r) as if(r = 0, 'base-00000000', 'r' || r || '-' || left(md5(r::varchar), 8));
create macro incumbent_of(r) as policy_of((r - 1) // {every} * {every});
create macro chance(what, salt) as hash(what, salt) % 10000 / 10000;
create macro family_of(n) as ['gcd', 'chain_sums', 'multiplication', 'long_addition', 'sort_string',
    'linear_equations', 'reverse_string', 'modular_arithmetic', 'boolean_simplification', 'counting'][1 + n % 10];
create macro level_of(n) as (1 + n // 10 % 12)::integer;
create macro skill(level, r) as greatest(0.01, least(0.99, 1.1 - level / 8 + r / 60));

create macro problem_rows(first, count, r, side) as table
    select md5(side || n) as key, family_of(n) as family, level_of(n) as level,
        'Problem ' || n || ': ' || repeat('what is asked here ', 5) as question, (hash(n) % 1000)::varchar as answer,
        'integer' as check_kind, 'generated' as source, side as split, n as seed, r::integer as round
    from range(first, first + count) t(n);

create macro sample_rows(first, count, r, side, many, what, drawn_by) as table
    with drawn as (
        select n, d, md5(side || n) as problem_key, md5(side || n || '/' || d || drawn_by || what) as key
        from range(first, first + count) t(n), range(many) u(d)
    ),
    decided as (
        select *, chance(key, 1) < skill(level_of(n), r) as solved, chance(key, 2) as luck, hash(key, 3) % 9 as slip
        from drawn
    )
    select key, problem_key, drawn_by as policy, d::integer as draw, if(what = 'evaluate', 0.0, 1.0) as temperature,
        repeat('Step ' || d || ': ' || key || ' and so on. ', 6) as text, (80 + slip)::integer as tokens,
        if(luck < 0.01, 'length', 'stop') as finish, r::integer as round, what as stage, n,
        case when luck < 0.002 then 'not_judged' when luck < 0.02 then 'no_answer'
            when solved then 'right' else 'wrong' end as outcome,
        case when luck < 0.002 then 'timed_out' when luck < 0.02 then 'no_answer'
            when solved then 'equal' else 'differs' end as reason,
        if(luck < 0.02, '', (hash(n) % 1000 + if(solved, 0, 1 + if(n % 200 = 0, 0, slip)))::varchar) as answer,
        case when luck between 0.02 and 0.06 then 'wrong' when luck > 0.95 then 'no_answer' else 'right' end as steps,
        case when luck between 0.02 and 0.06 then 'false_step' when luck > 0.95 then 'no_steps'
            else 'steps_hold' end as steps_reason,
        luck > 0.4 and luck < 0.41 as judged_again
    from decided;
"""

_VERDICTS = """
    select key as sample_key, 'integer/1' as judge, outcome, reason, answer as extracted, 'answer_line' as found_in
    from drawn
    union all
    select key, 'steps/1', steps, steps_reason, '', '' from drawn
    union all
    select key, 'integer/2', if(hash(key) % 10 = 0, 'wrong', outcome), reason, answer, 'answer_line'
    from drawn where judged_again
"""
_OUTCOMES = """
    select key as sample_key, problem_key, policy, round, stage, family_of(n) as family, level_of(n) as level,
        ? as split, tokens, finish, outcome, reason, 'integer/1' as judge, answer, steps, steps_reason,
        0::integer as revision
    from drawn
    union all
    select key, problem_key, policy, round, stage, family_of(n), level_of(n), ?, tokens, finish, 'wrong', reason,
        'integer/2', answer, steps, steps_reason, 1
    from drawn where judged_again and outcome <> 'wrong' and hash(key) % 10 = 0
"""
_FRESH = """
    select $1::integer as round, key as sample_key, outcome = 'right' and steps = 'right' and slot as admitted,
        case when outcome <> 'right' then outcome when steps <> 'right' then 'broken_steps'
            when slot then 'admitted' else 'over_cap' end as reason,
        if(admitted, 1.0, 0.0) as weight, problem_key
    from (select *, draw % 3 = 0 as slot from drawn)
"""
_REPLAYED = """
    select $1::integer as round, sample_key, true as admitted, 'replayed' as reason, 1.0 as weight, problem_key
    from admitted where chance(sample_key, $1) < 1 / greatest(1, $1 - 1)
"""
_STANDINGS = """
    select $1::integer as round, family_of(n) as family, level_of(n) as level, 200 * skill(level_of(n), $1) as "right",
        200.0 as judged, (1 + "right") / (2 + judged) as mean, greatest(0, mean - 0.06) as low,
        least(1, mean + 0.06) as high
    from range(120) t(n)
"""
_ASSIGNMENTS = """
    select $1::integer as round, family_of(n) as family, level_of(n) as level, slot, ($2 / 120 / 3)::integer as problems
    from range(120) t(n), (values ('learnability'), ('hard'), ('uniform')) s(slot)
"""
_PROMOTION = """
    select $1::integer as round, policy_of($1) as candidate, incumbent_of($1) as incumbent,
        $1 % {every} = 0 as promoted, if(promoted, 0.01, 0.4) as p_value,
        if(promoted, 'better', 'a gain that chance explains') as reason, 90::integer as gained, 60::integer as lost
"""
_POLICY = """
    select policy_of($1) as policy, $1::integer as round, 'policies/' || $1 as path,
        if($1 = 0, null, incumbent_of($1)) as parent, md5($1::varchar) as digest
"""
_OVERLAPS = """
    select round, key as problem_key, if(n % 300 = 0, 'leak', 'near') as how, md5('train' || (n + 1)) as other,
        0.9 as similarity, if(n % 300 = 0, 'tests', 'home') as against
    from (select *, seed as n from made) where n % 100 = 0
"""


def build(home: Path, samples: int, rounds: int = ROUNDS) -> None:
    """Fill a new home with about so many samples."""
    each = round(samples * (1 - HELDOUT_SHARE) / rounds / DRAWS)  # problems a round
    heldout = round(samples * HELDOUT_SHARE / (rounds + 1))
    with Warehouse(home) as store, duckdb.connect() as con:
        con.execute(_MAKERS.format(every=PROMOTED_EVERY))
        con.execute("create table admitted (sample_key varchar, problem_key varchar)")
        store.commit(
            "r0000/heldout", _tables(con, {"problems": f"from problem_rows(0, {heldout}, 0, 'heldout')"})
        )
        for number in range(rounds + 1):
            store.commit(f"r{number:04}/policy", _tables(con, {"policies": (_POLICY, [number])}))
            if number:
                for name, tables in _practice(con, number, each):
                    store.commit(f"r{number:04}/{name}", tables)
            store.commit(f"r{number:04}/evaluate", _evaluation(con, number, heldout))


def _practice(
    con: duckdb.DuckDBPyConnection, number: int, each: int
) -> Iterator[tuple[str, dict[str, pa.Table]]]:
    problems = f"from problem_rows({number * each}, {each}, {number}, 'train')"
    con.execute(f"create or replace temp table made as {problems}")
    made = {
        "problems": "from made",
        "standings": (_STANDINGS, [number]),
        "assignments": (_ASSIGNMENTS, [number, each]),
        "problem_overlaps": _OVERLAPS,
    }
    yield "generate", _tables(con, made)
    _draw(con, f"{number * each}, {each}, {number}, 'train', {DRAWS}, 'sample', incumbent_of({number})")
    yield "sample", _sampled(con, number, "sample", "train")
    con.execute(f"create or replace temp table fates as {_FRESH} union all {_REPLAYED}", [number])
    yield "select", _tables(con, {"selections": "from fates", "spend": _spend(number, "select", 0)})
    con.execute("insert into admitted select sample_key, problem_key from fates where reason = 'admitted'")
    _draw(con, f"{number * each}, {each // 50}, {number}, 'train', 2, 'guess', incumbent_of({number})")
    yield "guess", _sampled(con, number, "guess", "train")
    curve = f"""select {number}::integer as round, s::integer as step, 1.0 / (1 + s) as loss, 9000::integer as tokens,
        0.1 as seconds from range(200) t(s)"""
    yield "finetune", _tables(con, {"training": curve, "spend": _spend(number, "finetune", 1_800_000)})
    yield "promote", _tables(con, {"promotions": (_PROMOTION.format(every=PROMOTED_EVERY), [number])})


def _evaluation(con: duckdb.DuckDBPyConnection, number: int, heldout: int) -> dict[str, pa.Table]:
    _draw(con, f"0, {heldout}, {number}, 'heldout', 1, 'evaluate', policy_of({number})")
    return _sampled(con, number, "evaluate", "heldout")


def _draw(con: duckdb.DuckDBPyConnection, arguments: str) -> None:
    con.execute(f"create or replace temp table drawn as from sample_rows({arguments})")


def _sampled(con: duckdb.DuckDBPyConnection, number: int, stage: str, split: str) -> dict[str, pa.Table]:
    columns = "key, problem_key, policy, draw, temperature, text, tokens, finish, round, stage"
    rows = {
        "samples": f"select {columns} from drawn",
        "verdicts": _VERDICTS,
        "outcome_revisions": (_OUTCOMES, [split, split]),
        "spend": _spend(number, stage, 1_000_000),
        "timeline": _TIMELINE.format(number=number, stage=stage),
    }
    return _tables(con, rows)


_TIMELINE = """select {number}::integer as round, '{stage}' as stage, timestamp '2026-11-20' as started_at,
    60.0 as seconds, 57.5 as engine_seconds, 2_000_000_000::bigint as memory_bytes, 'here' as host"""


def _spend(number: int, stage: str, tokens: int) -> str:
    return (
        f"select {number}::integer as round, '{stage}' as stage, {tokens}::bigint as tokens, 60.0 as seconds"
    )


def _tables(
    con: duckdb.DuckDBPyConnection, queries: dict[str, str | tuple[str, list[object]]]
) -> dict[str, pa.Table]:
    """Each query's rows as Arrow."""
    found = {}
    for kind, query in queries.items():
        sql, parameters = query if isinstance(query, tuple) else (query, [])
        found[kind] = con.sql(sql, params=parameters).to_arrow_table()
    return found
