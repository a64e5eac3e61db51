-- Grain: one row per (problem_key, policy, judge): how often samples drawn for training, or imported, were right.
-- The judge is the one that counts (see outcomes). A sample we failed to judge is not a wrong answer: it leaves the
-- denominator. `low` and `high` are Wilson's 95% interval.
create or replace view pass_rates as
select
    problem_key, policy, judge,
    count(*) as judged,
    count(*) filter (outcome = 'right') as correct,
    correct / judged as pass_rate,
    wilson(correct, judged).low as low,
    wilson(correct, judged).high as high
from outcomes
where stage in ('sample', 'import') and outcome <> 'not_judged'
group by problem_key, policy, judge;
