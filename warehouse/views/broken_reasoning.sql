-- Grain: one row per (policy, family): right answers, how many of them stand on a false step, and their share.
-- `rounded` are those whose only fault is a step that holds when it is rounded, such as 20/3 = 6.67.
-- `low` and `high` bound the share: Wilson's 95% interval. Answers tried without reasoning have no steps to be false.
create or replace view broken_reasoning as
select
    policy, family,
    count(*) as correct,
    count(*) filter (steps_reason = 'false_step') as broken,
    count(*) filter (steps_reason = 'rounded_step') as rounded,
    broken / correct as share,
    wilson(broken, correct).low as low,
    wilson(broken, correct).high as high
from outcomes
where outcome = 'right' and stage <> 'guess'
group by policy, family;
