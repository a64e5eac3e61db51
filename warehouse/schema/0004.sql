-- Version 4. A merged shard that is damaged is restored from the shards that were merged into it.

drop table superseded;

-- Grain: one row per (path): a shard whose rows stand in another one now, kept for readers of an earlier catalog,
-- and to restore that other one from. What is null here was not yet known in version 3: it restores nothing.
create table superseded (
    path varchar not null,            -- relative to the home
    kind varchar,
    rows bigint,
    bytes bigint not null,
    sha256 varchar,                   -- of its bytes
    tier integer,
    written_at timestamp,             -- UTC
    merged_into varchar,              -- the shard that took its rows, as one piece; null where none has them so
    first_row bigint,                 -- of its rows in that shard, from 0
    superseded_at timestamp not null  -- UTC
);

alter table declared.repairs add column restored integer;  -- units of work that got their rows back; null before

-- Grain: one row per (sample_key), where the config asked for them.
create table declared.logprobs (
    sample_key varchar not null,
    logprob double not null           -- of all its tokens together, in nats, before temperature and top-p
);

-- Grain: one row for each stretch of a round: a shard of samples, or a whole stage of another kind.
create table declared.timeline (
    round integer not null,
    stage varchar not null,
    started_at timestamp not null,    -- UTC
    seconds double not null,
    engine_seconds double,            -- of these, those in which the engine was at work; null where no samples are drawn
    memory_bytes bigint               -- in use at its end, of a fine-tune the most: of the GPU by all; else of this process
);
