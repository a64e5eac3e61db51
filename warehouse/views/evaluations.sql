-- Grain: one row per (round, policy, family, level, split): how often the policy evaluated in that round was right.
-- The base is round 0. What could not be judged leaves the denominator; `low` and `high` are Wilson's 95% interval.
create or replace view evaluations as
select
    round, policy, family, level, split,
    count(*) as judged,
    count(*) filter (outcome = 'right') as correct,
    correct / judged as pass_rate,
    wilson(correct, judged).low as low,
    wilson(correct, judged).high as high
from outcomes
where stage = 'evaluate' and outcome <> 'not_judged'
group by round, policy, family, level, split;
