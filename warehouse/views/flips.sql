-- Grain: one row per (sample_key, old_judge, new_judge) that do not say the same of a sample.
-- They are successive versions of a judge (or a `not_judged` and its repetition), or the problem's own check and
-- a judge of another kind that tried its samples.
create or replace view flips as
with asked_twice as (  -- samples that several judges of the answer, or versions of one judge, may have looked at
    select v.sample_key
    from verdicts as v
    join judges as j on j.judge = v.judge
    where j.succeeds or v.outcome = 'not_judged' or j.name not in (
        'steps', (select name from judges where name <> 'steps' group by name order by sum(verdicts) desc limit 1)
    )
),
said as materialized (select * from verdicts where sample_key in (from asked_twice)),  -- few: the rest is cheap
histories as (
    select
        v.sample_key, j.name,
        list_sort(list(distinct {
            'version': j.version, 'judged': v.outcome <> 'not_judged',
            'judge': v.judge, 'outcome': v.outcome, 'extracted': v.extracted
        })) as verdicts
    from said as v
    join judges as j on j.judge = v.judge
    where v.sample_key in (
        select sample_key from said group by sample_key, starts_with(judge, 'steps/') having min(outcome) <> max(outcome)
    )
    group by v.sample_key, j.name
),
successive as (
    select sample_key, unnest(verdicts[:-2]) as old, unnest(verdicts[2:]) as new from histories
),
trials as (
    select
        h.sample_key,
        any_value(h.verdicts[-1]) filter (h.name = split_part(o.judge, '/', 1)) as old,
        list(h.verdicts[-1]) filter (h.name not in (split_part(o.judge, '/', 1), 'steps')) as others
    from histories as h
    join outcomes as o on o.sample_key = h.sample_key
    group by h.sample_key
),
pairs as (
    from successive
    union all
    select sample_key, old, unnest(others) from trials
)
select
    sample_key,
    old.judge as old_judge, new.judge as new_judge,
    old.outcome as old_outcome, new.outcome as new_outcome,
    old.extracted as old_extracted, new.extracted as new_extracted
from pairs
where old_outcome <> new_outcome;
