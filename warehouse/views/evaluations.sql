-- Grain: one row per (round, policy, family, level, split): the policy evaluated in that round.
-- The verdict that counts is the one in outcomes; what could not be judged leaves the denominator.
create or replace view evaluations as
with evaluated as (
    select distinct key, problem_key, policy, round from samples where stage = 'evaluate'
),
cells as (
    select key, any_value(family) as family, any_value(level) as level, any_value(split) as split
    from problems
    where key in (select problem_key from evaluated)
    group by key
)
select
    e.round, e.policy, c.family, c.level,
    count(*) as judged,
    count(*) filter (o.outcome = 'right') as correct,
    correct / judged as pass_rate,
    c.split
from evaluated as e
join outcomes as o on o.sample_key = e.key
join cells as c on c.key = e.problem_key
where o.outcome <> 'not_judged'
group by e.round, e.policy, c.family, c.level, c.split;
