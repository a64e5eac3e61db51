-- Grain: one row per (sample_key, old_judge, new_judge) that do not say the same of a sample.
-- They are successive versions of a judge (or a `not_judged` and its repetition), or the problem's own check and
-- a judge of another kind that tried its samples.
create or replace view flips as
with differing as (  -- few, which keeps the rest cheap
    select sample_key from verdicts
    group by sample_key, starts_with(judge, 'steps/')
    having min(outcome) <> max(outcome)
),
histories as (
    select
        sample_key,
        split_part(judge, '/', 1) as name,
        list_sort(list(distinct {
            'version': coalesce(try_cast(split_part(judge, '/', 2) as integer), 0),
            'judged': outcome <> 'not_judged',
            'judge': judge, 'outcome': outcome, 'extracted': extracted
        })) as verdicts
    from verdicts
    where sample_key in (select sample_key from differing)
    group by sample_key, name
),
successive as (
    select sample_key, unnest(verdicts[:-2]) as old, unnest(verdicts[2:]) as new from histories
),
trials as (
    select
        h.sample_key,
        any_value(h.verdicts[-1]) filter (h.name = p.check_kind) as old,
        list(distinct h.verdicts[-1]) filter (h.name not in (p.check_kind, 'steps')) as others
    from histories as h
    join samples as s on s.key = h.sample_key
    join problems as p on p.key = s.problem_key
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
