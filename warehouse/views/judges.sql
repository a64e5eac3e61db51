-- Grain: one row per (judge): a judge's version that has spoken in this home, and how often it said what.
-- `succeeds` where an earlier version of the same name has spoken, too.
create or replace view judges as
with versions as (
    select
        judge,
        split_part(judge, '/', 1) as name,
        coalesce(try_cast(split_part(judge, '/', 2) as integer), 0) as version,
        count(*) as verdicts,
        count(*) filter (outcome = 'right') as correct,
        count(*) filter (outcome = 'wrong') as wrong,
        count(*) filter (outcome = 'no_answer') as no_answer,
        count(*) filter (outcome = 'not_judged') as not_judged
    from verdicts
    group by judge
)
select *, version > min(version) over (partition by name) as succeeds from versions;
