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
