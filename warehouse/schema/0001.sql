-- Version 1. The one place that says which columns a kind of shard has, and of which type.
-- Files here are numbered and append-only: what is published is never edited, a later file alters.

create table schema_version (version integer not null);

-- Grain: one row per (name, kind): what the unit of work `name` committed.
-- kind is null where it committed nothing; path (relative to the home) is null where a kind had no rows.
create table ledger (
    name varchar not null,            -- such as r0001/sample/0003
    kind varchar,
    path varchar,
    rows bigint not null,
    bytes bigint not null,
    sha256 varchar,                   -- of the shard's bytes
    committed_at timestamp not null   -- UTC
);

-- Typed and always empty: what the view of a kind shows before its first shard.
create schema declared;

create table declared.problems (
    key varchar not null,
    family varchar not null,
    level integer not null,
    question varchar not null,
    answer varchar not null,
    check_kind varchar not null,
    source varchar not null,
    split varchar not null,           -- train | heldout
    seed bigint not null,
    round integer not null
);

-- What the curriculum drew, and why.
create table declared.assignments (
    round integer not null,
    family varchar not null,
    level integer not null,
    slot varchar not null,            -- learnability | hard | uniform
    problems integer not null
);

create table declared.samples (
    key varchar not null,
    problem_key varchar not null,
    policy varchar not null,
    draw integer not null,
    temperature double not null,      -- 0 is greedy
    text varchar not null,
    tokens integer not null,
    finish varchar not null,          -- stop | length | recorded
    round integer not null,
    stage varchar not null            -- sample | evaluate | import
);

create table declared.verdicts (
    sample_key varchar not null,
    judge varchar not null,           -- name/version
    outcome varchar not null,         -- right | wrong | no_answer | not_judged
    reason varchar not null,
    extracted varchar not null
);

-- One row per sample considered for training; reason is 'admitted', or why it was not.
create table declared.selections (
    round integer not null,
    sample_key varchar not null,
    admitted boolean not null,
    reason varchar not null,
    weight double not null
);

-- The loss curve.
create table declared.training (
    round integer not null,
    step integer not null,
    loss double not null,
    tokens integer not null,
    seconds double not null
);

create table declared.policies (
    policy varchar not null,
    round integer not null,
    path varchar not null,            -- relative to the home, or the base's own
    parent varchar,                   -- the base has none
    digest varchar not null
);

create table declared.promotions (
    round integer not null,
    candidate varchar not null,
    incumbent varchar not null,
    promoted boolean not null,
    p_value double,                   -- null where no test was made
    reason varchar not null,
    gained integer not null,          -- discordant pairs: only the candidate is right
    lost integer not null             -- only the incumbent is right
);

create table declared.spend (
    round integer not null,
    stage varchar not null,
    tokens bigint not null,
    seconds double not null
);
