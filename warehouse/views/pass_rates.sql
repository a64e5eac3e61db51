-- Grain: one row per (problem_key, policy, judge), over samples drawn for training or imported.
-- A sample we failed to judge is not a wrong answer: it leaves the denominator.
-- A sample or verdict that stands in two shards counts once.
create or replace view pass_rates as
select
    s.problem_key, s.policy, v.judge,
    count(distinct s.key) as judged,
    count(distinct s.key) filter (v.outcome = 'right') as correct,
    correct / judged as pass_rate
from samples as s
join verdicts as v on v.sample_key = s.key
where s.stage in ('sample', 'import')
    and v.outcome <> 'not_judged'
    and not starts_with(v.judge, 'steps/')
group by s.problem_key, s.policy, v.judge;
