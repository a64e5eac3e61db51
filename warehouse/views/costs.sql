-- Grain: one row per (round, stage): tokens and seconds of a stage, added over its units of work.
-- Round 0 holds what belongs to no round: imports, the base's evaluation, judging again.
create or replace view costs as
with sums as (
    select round, stage, sum(tokens)::bigint as tokens, sum(seconds) as seconds
    from spend
    group by round, stage
)
select *, tokens / nullif(seconds, 0) as tokens_per_second from sums;
