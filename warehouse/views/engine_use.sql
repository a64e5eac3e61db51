-- Grain: one row per (round, stage) in which samples were drawn: how long that took, and how long of it the engine waited.
-- It waits for weights, prompts, judges or commits; `idle` is the share of the time. Memory as in `timeline`, the most.
create or replace view engine_use as
select
    round,
    stage,
    sum(seconds) as seconds,
    sum(engine_seconds) as engine_seconds,
    1 - sum(engine_seconds) / nullif(sum(seconds), 0) as idle,
    max(memory_bytes) as memory_bytes
from timeline
where engine_seconds is not null
group by round, stage;
