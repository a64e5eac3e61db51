"""What the report reads from the catalog: one query a function, rows as frozen records.

Rates come from samples of stage 'evaluate' on held-out problems. Where judges of several versions
have spoken, the verdict in the view `outcomes` counts; `not_judged` leaves the denominator.
"""

from dataclasses import dataclass

import duckdb
import numpy as np
from numpy.typing import NDArray

Cell = tuple[str, int]  # family, level

# Grain: (policy, problem_key). `rate` is the share of its judged samples that are right.
OUTCOMES = """
    select policy, problem_key, family, level, count(*) filter (outcome = 'right') / count(*) as rate
    from outcomes
    where stage = 'evaluate' and split = 'heldout' and outcome <> 'not_judged'
    group by all"""


@dataclass(frozen=True, slots=True)
class Decision:
    """One row of `promotions`."""

    round: int
    candidate: str
    incumbent: str
    promoted: bool
    p_value: float | None
    reason: str
    gained: int
    lost: int


@dataclass(frozen=True, slots=True)
class Rate:
    """Right among judged; `correct` is fractional where a problem was answered several times."""

    correct: float
    judged: int

    @property
    def share(self) -> float:
        return self.correct / self.judged


@dataclass(frozen=True, slots=True)
class Pairs:
    """The held-out problems that two policies both answered, all columns of shape (problems,)."""

    cells: list[Cell]
    before: NDArray[np.float64]
    after: NDArray[np.float64]


def decisions(con: duckdb.DuckDBPyConnection) -> list[Decision]:
    query = """select round, candidate, incumbent, promoted, p_value, reason, gained, lost
        from promotions order by round, candidate"""
    return [Decision(*row) for row in con.execute(query).fetchall()]


def base_policy(con: duckdb.DuckDBPyConnection) -> str | None:
    """The policy that the first round set out from, or None where no policy was ever used."""
    query = """select incumbent, 1 as place, round from promotions
        union all select policy, 2, round from policies where round = 0
        order by place, round, incumbent limit 1"""
    row = con.execute(query).fetchone()
    return str(row[0]) if row else None


def rates(con: duckdb.DuckDBPyConnection, policy: str) -> dict[Cell, Rate]:
    """Held-out rate of one policy by cell, in order of family and level."""
    query = f"""select family, level, round(sum(rate), 9), count(*) from ({OUTCOMES})
        where policy = ? group by all order by all"""
    return {
        (f, n): Rate(float(correct), judged)
        for f, n, correct, judged in con.execute(query, [policy]).fetchall()
    }


def pairs(con: duckdb.DuckDBPyConnection, before: str, after: str) -> Pairs:
    """Both policies' outcomes on the held-out problems they share, in order of problem key."""
    query = f"""with rates as ({OUTCOMES})
        select b.family, b.level, b.rate, a.rate from rates as b join rates as a using (problem_key)
        where b.policy = ? and a.policy = ? order by problem_key"""
    rows = con.execute(query, [before, after]).fetchall()
    return Pairs(
        [(family, level) for family, level, _, _ in rows],
        np.array([row[2] for row in rows], dtype=np.float64),
        np.array([row[3] for row in rows], dtype=np.float64),
    )


def tokens(con: duckdb.DuckDBPyConnection) -> tuple[int, int]:
    """Tokens drawn by policies for training (recorded and held-out samples apart), tokens trained on."""
    sampled = con.execute("select coalesce(sum(tokens), 0) from outcomes where stage = 'sample'").fetchone()
    trained = con.execute("select coalesce(sum(tokens), 0) from training").fetchone()
    return int(sampled[0]) if sampled else 0, int(trained[0]) if trained else 0


@dataclass(frozen=True, slots=True)
class StageSpend:
    """What one stage took over all rounds."""

    stage: str
    tokens: int
    seconds: float


def spend_by_stage(con: duckdb.DuckDBPyConnection) -> list[StageSpend]:
    """The slowest stage first. Seconds are added as decimals, so that no order of rows shows in the sum."""
    query = """select stage, sum(tokens)::bigint, sum(seconds::decimal(18, 3))::double as seconds
        from spend group by stage order by seconds desc nulls last, stage"""
    return [StageSpend(stage, int(k or 0), float(t or 0)) for stage, k, t in con.execute(query).fetchall()]


@dataclass(frozen=True, slots=True)
class ImportedRate:
    """Recorded samples of one policy under one judge."""

    policy: str
    judge: str
    judged: int
    correct: int


def imported_rates(con: duckdb.DuckDBPyConnection) -> list[ImportedRate]:
    query = """select policy, judge, count(*), count(*) filter (outcome = 'right') from outcomes
        where stage = 'import' and outcome <> 'not_judged' group by all order by policy, judge"""
    return [ImportedRate(*row) for row in con.execute(query).fetchall()]
