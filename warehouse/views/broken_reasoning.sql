-- Grain: one row per (policy, family): right answers, how many of them stand on a false step, and their share.
-- `rounded` are those whose only fault is a step that holds when it is rounded, such as 20/3 = 6.67.
-- `low` and `high` bound the share: Wilson's 95% interval. Answers tried without reasoning have no steps to be false.
create or replace view broken_reasoning as
with counts as (
    select
        o.policy, p.family,
        count(*) as correct,
        count(*) filter (o.steps_reason = 'false_step') as broken,
        count(*) filter (o.steps_reason = 'rounded_step') as rounded,
        broken / correct as share,
        1.959964 ^ 2 / correct as z2  -- of the normal distribution's 97.5% point z, over n
    from outcomes as o
    join (select key, any_value(family) as family from problems group by key) as p on p.key = o.problem_key
    where o.outcome = 'right'
        and o.sample_key not in (select key from samples where stage = 'guess')
    group by o.policy, p.family
)
select
    policy, family, correct, broken, rounded, share,
    greatest(0, (share + z2 / 2 - sqrt(z2 * (share * (1 - share) + z2 / 4))) / (1 + z2)) as low,
    least(1, (share + z2 / 2 + sqrt(z2 * (share * (1 - share) + z2 / 4))) / (1 + z2)) as high
from counts;
