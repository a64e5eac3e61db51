-- Version 3. A shard may hold several units of work; what counts of a sample stands in one row.

drop table ledger;

-- Grain: one row per (name, kind): what the unit of work `name` committed, and where its rows stand.
-- kind is null where it committed nothing; path (relative to the home) is null where a kind had no rows.
create table ledger (
    name varchar not null,            -- such as r0001/sample/0003
    kind varchar,
    path varchar,
    first_row bigint not null,        -- of its rows in the shard, from 0
    rows bigint not null,
    committed_at timestamp not null   -- UTC
);

-- Grain: one row per (path): a shard that is read.
create table shards (
    path varchar not null,            -- relative to the home
    kind varchar not null,
    rows bigint not null,
    bytes bigint not null,
    sha256 varchar not null,          -- of its bytes
    tier integer not null,            -- how often its rows were merged with those of other shards
    written_at timestamp not null     -- UTC
);

-- Grain: one row per (path): a shard whose rows stand in another one now, kept for readers of an earlier catalog.
create table superseded (
    path varchar not null,            -- relative to the home
    bytes bigint not null,
    superseded_at timestamp not null  -- UTC
);

alter table declared.selections add column problem_key varchar;  -- null in rows of version 2

-- Grain: one row per (sample_key, revision). Revision 0 is written with the verdicts of a new sample, the next one
-- when a newer verdict says something else. The view `outcomes` has the newest.
create table declared.outcome_revisions (
    sample_key varchar not null,
    problem_key varchar not null,
    policy varchar not null,
    round integer not null,
    stage varchar not null,           -- sample | guess | evaluate | import
    family varchar not null,
    level integer not null,
    split varchar not null,           -- train | heldout
    tokens integer not null,
    finish varchar not null,          -- stop | length | recorded
    outcome varchar not null,         -- right | wrong | no_answer | not_judged
    reason varchar not null,
    judge varchar not null,           -- name/version, of the problem's own check
    answer varchar not null,          -- what that judge took for the final answer
    steps varchar,                    -- right | wrong | no_answer | not_judged, of the steps check; null where it was not asked
    steps_reason varchar,
    revision integer not null
);

-- Grain: one row per (round, family, level): the belief about a pass rate with which the round drew its problems.
create table declared.standings (
    round integer not null,
    family varchar not null,
    level integer not null,
    "right" double not null,          -- faded counts
    judged double not null,
    mean double not null,
    low double not null,              -- 95% interval of the Beta
    high double not null
);

-- Grain: one row per (problem_key, how, other, against): why a problem may not train beside another one.
create table declared.problem_overlaps (
    round integer not null,
    problem_key varchar not null,
    how varchar not null,             -- exact | near | leak | near_heldout
    other varchar not null,           -- the other problem's key, or the evaluation file's row: line 12
    similarity double not null,
    against varchar not null          -- home, or the evaluation set's name
);

-- Grain: one row per (name, path, taken_out_at): a unit of work that was taken out, to be done again, since a file of it was damaged.
create table declared.repairs (
    name varchar not null,
    kind varchar not null,
    path varchar not null,            -- of the damaged shard, as it was
    state varchar not null,           -- what was wrong with it
    taken_out_at timestamp not null   -- UTC
);

-- Grain: one row per (name, sha256, license): a file that was imported.
create table declared.sources (
    name varchar not null,            -- the import's
    file varchar not null,            -- its name, without folders
    sha256 varchar not null,          -- of its bytes
    license varchar,                  -- of its problems, by the Hub's identifier; null where nobody stated one
    problems bigint not null,
    samples bigint not null,
    imported_at timestamp not null    -- UTC
);
